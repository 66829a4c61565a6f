"""Functions: one that keeps the contract, and some that break a rule each."""

from __future__ import annotations

from itertools import count

from eventflux.base.types import DataType
from eventflux.spi import ScalarFunction


def _next(number: int) -> int:
    if number < 0:
        raise ValueError(f"{number} has a sign")
    return number + 1


_calls = count()


def _next_unless_odd_call(number: int) -> int:
    return _next(number) + next(_calls) % 2


def _next_but_for_zero(number: int) -> int:
    return max(number, 0) + 1


_after_failure = [0]


def _next_until_it_fails(number: int) -> int:
    _after_failure[0] += number < 0
    return _next(number) + _after_failure[0]


def _function(call: object, doc: str = "the number that follows", **more: bool) -> ScalarFunction:
    return ScalarFunction("next_number", call, [DataType.LONG], DataType.LONG, doc=doc, **more)  # type: ignore[arg-type]  # any of them


NEXT = _function(_next)
SILENT = _function(_next, doc="")
CHOKES_ON_NULL = _function(_next, null_on_null=False)
CHANGES_ITS_MIND = _function(_next_unless_odd_call)
NEVER_FAILS = _function(_next_but_for_zero)
REMEMBERS_FAILURES = _function(_next_until_it_fails)
