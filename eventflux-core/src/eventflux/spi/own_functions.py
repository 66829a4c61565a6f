"""Your own functions: a decorator that makes a SQL function of a Python one.

::

    @eventflux.function
    def initials(name: str) -> str:
        return "".join(part[0] for part in name.split())

The function stays what it is, for Python to call and to test. SQL can call it once it is
registered: by ``manager.function(initials)``, by a plugin's ``register_functions`` hook, or by
``CREATE FUNCTION … LANGUAGE PYTHON AS 'module:initials'``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, Unpack, overload

from eventflux.base.errors import PluginError
from eventflux.spi.function_types import FunctionDetails, scalar_function
from eventflux.spi.functions import ScalarFunction

C = TypeVar("C", bound=Callable[..., Any])
_DECLARED = "__eventflux_function__"


@overload
def function(call: C, /) -> C: ...


@overload
def function(**details: Unpack[FunctionDetails]) -> Callable[[C], C]: ...


def function(call: C | None = None, /, *, name: str | None = None, **details: Any) -> Any:
    """Declare a Python function for SQL, bare or with details.

    Types come from the annotations (``str``, ``int``, ``float``, ``bool``, ``Decimal``,
    ``bytes``, ``datetime``, ``Any``), or from ``arguments`` and ``returns``. A NULL reaches a
    parameter annotated ``| None``; for any other the result is NULL without a call.

    A coroutine function may wait while other rows go on. It has further details: how many calls
    are under way at most (``concurrency``, 16), how long one may take (``timeout``, ``"30s"``, or
    ``None``), how often it is tried again (``retry``, 0), how many results are kept for calls with
    the same arguments (``cache``, 0), and whether rows stay in order (``ordered``).

    A generator, annotated ``Iterator[…]``, makes several rows of one, at most ``max_rows``.

    Args:
        name: what SQL calls it; by default its own name.
        deterministic: whether it gives the same for the same arguments.
        aliases: further names.
        doc: its meaning; by default its docstring.

    Raises:
        PluginError: a type is missing or unknown, or SQL can't pass what it takes.
    """

    def declare(call: C) -> C:
        declared = scalar_function(name or _name_of(call), call, **details)
        try:
            setattr(call, _DECLARED, (call, declared))
        except (AttributeError, TypeError):
            raise PluginError(
                f"{call!r} can't be decorated",
                "register it: manager.function(call, name=…, arguments=[…], returns=…)",
            ) from None
        return call

    return declare if call is None else declare(call)


def declared_function(call: Callable[..., Any]) -> ScalarFunction | None:
    """What :func:`function` has declared of ``call``."""
    of, declared = getattr(call, _DECLARED, (None, None))
    # What wraps a function has its attributes, too.
    return declared if of is call and isinstance(declared, ScalarFunction) else None


def function_of(
    call: Callable[..., Any] | ScalarFunction, *, name: str | None = None, **details: Any
) -> ScalarFunction:
    """A callable as a SQL function: as it is declared, or by what is given here.

    Raises:
        PluginError: as of :func:`function`.
    """
    if isinstance(call, ScalarFunction):
        return call
    declared = declared_function(call)
    if declared is not None and name is None and not details:
        return declared
    return scalar_function(name or _name_of(call), call, **details)


def _name_of(call: Callable[..., Any]) -> str:
    name = getattr(call, "__name__", None)
    if not isinstance(name, str) or not name.isidentifier():
        raise PluginError(f"{call!r} has no name that SQL can call it by", "give name=…")
    return name
