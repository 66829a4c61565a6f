"""What aggregates of a program's own keep: an instance of its class for each group."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, ClassVar, Self

from eventflux.base.errors import RowError
from eventflux.operators.scalars import result_of
from eventflux.spi.own_aggregates import Aggregate


class OwnState:
    """One instance, and what it did not take.

    A row that it can't take fails before anything is changed, on an instance of its own (see
    :func:`trial`). What raises here all the same does so because of the values before it: it is
    told when the result is asked for next, once, and the value is left out.
    """

    __slots__ = ("error", "own", "refused")

    aggregate: ClassVar[Aggregate]
    several: ClassVar[bool]
    """Whether a value is a tuple of several arguments."""
    convert: ClassVar[Callable[[object], object]]

    def __init__(self) -> None:
        self.own: Any = self.aggregate.call()
        self.refused: list[Any] = []
        self.error: Exception | None = None

    def add(self, value: Any) -> None:
        try:
            self.own.add(*value) if self.several else self.own.add(value)
        except Exception as error:
            self.error = error
            if self.aggregate.removes:
                self.refused.append(value)

    def remove(self, value: Any) -> None:
        if self.refused and value in self.refused:
            self.refused.remove(value)
            return
        try:
            self.own.remove(*value) if self.several else self.own.remove(value)
        except Exception as error:
            self.error = error

    def merge(self, later: Self) -> None:
        self.refused += later.refused
        self.error = self.error or later.error
        try:
            self.own.merge(later.own)
        except Exception as error:
            self.error = error

    def result(self) -> object:
        error, self.error = self.error, None
        if error is not None:
            raise error
        return type(self).convert(self.own.result())

    @classmethod
    def over(cls, values: Iterable[Any]) -> object:
        """The result of these values, of an instance made for them."""
        state = cls()
        for value in values:
            state.add(value)
        return state.result()

    @classmethod
    def form(cls) -> str:
        """That of what :meth:`dump` gives."""
        return f"1({cls.aggregate.form})"

    @classmethod
    def dump(cls, state: Self) -> list[Any]:
        error = None if state.error is None else str(state.error)
        return [cls.aggregate.dump(state.own), list(state.refused), error]

    @classmethod
    def load(cls, dumped: list[Any]) -> Self:
        state = cls.__new__(cls)
        own, refused, error = dumped
        state.own = cls.aggregate.load(own)
        state.refused = [tuple(value) for value in refused] if cls.several else refused
        state.error = None if error is None else RowError(error)
        return state


def state_of(aggregate: Aggregate) -> type[OwnState]:
    """The class of what an aggregate keeps."""
    convert = result_of(aggregate.name, aggregate.returns)
    parts = {
        "__slots__": (),
        "aggregate": aggregate,
        "several": has_several(aggregate),
        "convert": staticmethod(convert),
    }
    return type(f"Own_{aggregate.name}", (OwnState,), parts)


def has_several(aggregate: Aggregate) -> bool:
    """Whether its values are tuples: of several arguments, or of one that may be NULL."""
    return len(aggregate.arguments) > 1 or bool(aggregate.takes_null)


def trial(aggregate: Aggregate) -> Callable[..., Any]:
    """What makes a value of arguments, and raises where the aggregate can't take it."""
    make, several = aggregate.call, has_several(aggregate)

    def value_of(*arguments: Any) -> Any:
        make().add(*arguments)
        return arguments if several else arguments[0]

    return value_of
