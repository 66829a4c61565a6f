"""What options must not be together: rules, looked at all at once.

A rule looks at what it needs of the typed options. Where some are missing or wrong, the rules
that don't need those are looked at all the same, so that a user is told everything in one go.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any, TypeVar

from eventflux.base.errors import OptionError

Rule = Callable[[Any], Iterator[OptionError] | None]
RuleT = TypeVar("RuleT", bound=Rule)

_MARK = "_is_option_rule"


def rule(method: RuleT) -> RuleT:
    """Mark a method of an :class:`Options` class as a rule: it raises an ``OptionError``, or
    yields one for each thing that is wrong. It looks at attributes only."""
    setattr(method, _MARK, True)
    return method


def rules_of(cls: type) -> tuple[str, ...]:
    """The names of the rules of a class, its bases' first."""
    return tuple(
        dict.fromkeys(
            name
            for base in reversed(cls.__mro__)
            for name, member in vars(base).items()
            if hasattr(member, _MARK)
        )
    )


def broken_rules(options: Any, names: Collection[str]) -> Iterator[OptionError]:
    """What the rules say, but for those that look at what is not known."""
    for name in names:
        try:
            yield from getattr(options, name)() or ()
        except OptionError as error:
            yield error
        except NotKnown:
            continue


def partly_known(cls: type, values: Mapping[str, Any], unknown: Collection[str]) -> Any:
    """Options of which some are not known, for rules to look at.

    Args:
        cls: the class, whose ``__init_subclass__`` takes ``partly``.
        values: all known attributes.
        unknown: the others; a rule that looks at one is not heard.
    """
    hidden = dict.fromkeys(unknown, property(_not_known))
    made: Any = object.__new__(type(cls.__name__, (cls,), hidden, partly=True))
    for name, value in values.items():
        object.__setattr__(made, name, value)
    return made


class NotKnown(Exception):
    """Something looked at an option that is missing or wrong; what it would say is not heard."""


def _not_known(options: Any) -> Any:
    raise NotKnown
