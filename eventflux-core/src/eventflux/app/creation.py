"""Calls of factories, which strangers write: whatever they raise names who brings them."""

from __future__ import annotations

from typing import Any, Protocol

from eventflux.base.errors import EventFluxError, PluginError


class Factory(Protocol):
    """A factory of connectors or mappers."""

    def create(self, options: Any, context: Any) -> Any: ...


def created(kind: type[Any], by: str, factory: Factory, options: Any, context: Any) -> Any:
    """What ``factory.create`` makes, which is a ``kind``.

    Args:
        by: who brings the factory, in words.

    Raises:
        EventFluxError: the factory refuses, in its own words.
        PluginError: it raises anything else, or makes something else.
    """
    try:
        made = factory.create(options, context)
    except EventFluxError:
        raise
    except (Exception, SystemExit) as error:
        raise broken_factory(by, "create", error) from error
    if not isinstance(made, kind):
        raise broken_factory(
            by, "create", f"returned {type(made).__name__}, expected {kind.__name__}"
        )
    return made


def broken_factory(by: str, call: str, did: str | BaseException) -> PluginError:
    """The error for a factory that does what its contract does not allow.

    Args:
        by: who brings the factory, in words.
        call: its method.
        did: what it raised, or what it did, in words.
    """
    text = f"raised {type(did).__name__}: {did}" if isinstance(did, BaseException) else did
    return PluginError(
        f"{by} broke its contract: {call} {text}",
        "a factory refuses with OptionError, nothing else; tell those who made it",
    )
