"""Your own aggregates: a decorator that makes a SQL aggregate of a class.

::

    @eventflux.aggregate
    class GeometricMean:
        def __init__(self) -> None:
            self.log = 0.0
            self.count = 0

        def add(self, value: float) -> None:
            self.log += math.log(value)
            self.count += 1

        def result(self) -> float:
            return math.exp(self.log / self.count)

Each group has an instance. What more it may have makes it faster: ``remove(value)`` takes a value
back that has left a window that slides, ``merge(other)`` adds the values of another instance, for
sessions that grow together; without them the values themselves are kept there.
"""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeAlias, TypeVar, Unpack, overload

import msgspec

from eventflux.base.errors import PluginError
from eventflux.base.types import DataType
from eventflux.spi.function_types import AggregateDetails, TypeLike, scalar_function
from eventflux.spi.functions import ScalarFunction

T = TypeVar("T", bound=type)
_DECLARED = "__eventflux_aggregate__"


@dataclass(frozen=True, slots=True)
class Aggregate:
    """An aggregate of values: ``name(arguments) -> returns``.

    ``call`` makes an instance of no values, whose ``add`` gets the arguments of each row by
    position; a row with a NULL for one that is not at the positions ``takes_null`` is passed over.
    ``result`` is asked where there are values, maybe again and again. ``dump`` makes plain data of
    an instance, for checkpoints, ``load`` an instance of that.
    """

    name: str
    call: Callable[[], Any]
    arguments: Sequence[DataType]
    returns: DataType
    dump: Callable[[Any], Any]
    load: Callable[[Any], Any]
    takes_null: frozenset[int] = frozenset()
    removes: bool = False
    """Whether an instance has ``remove``, which takes back what ``add`` got."""
    merges: bool = False
    """Whether it has ``merge``, which adds the values of a later instance."""
    aliases: Sequence[str] = ()
    doc: str = ""
    form: str = ""
    """What plain data ``dump`` makes, in any words: state that was stored under others is not
    loaded."""


SqlCallable: TypeAlias = ScalarFunction | Aggregate
"""What of a program's own, or of a plugin, SQL can call."""


@overload
def aggregate(made: T, /) -> T: ...


@overload
def aggregate(**details: Unpack[AggregateDetails]) -> Callable[[T], T]: ...


def aggregate(made: T | None = None, /, **details: Any) -> Any:
    """Declare a class as a SQL aggregate, bare or with details.

    Types come from the annotations of ``add`` and ``result``, as those of
    :func:`eventflux.function` do, or from ``arguments`` and ``returns``. NULLs are passed over but
    by parameters annotated ``| None``.

    State is stored by ``dump(self)`` and ``load(data)``, a static or class method, where the class
    has both; else by its fields if it is a ``msgspec.Struct`` or a dataclass; else by its
    attributes, which have to be plain: numbers, texts, bytes, lists, dicts with text keys. What
    was stored by a class whose new instances looked otherwise (names, how many values, their types)
    is not loaded: queries that use it start empty.

    Args:
        name: what SQL calls it; by default the name of the class.
        aliases: further names.
        doc: its meaning; by default its docstring.

    Raises:
        PluginError: it lacks a method or a type, or can't be made or stored.
    """

    def declare(made: T) -> T:
        setattr(made, _DECLARED, _describe(made, **details))
        return made

    return declare if made is None else declare(made)


def declared_aggregate(made: object) -> Aggregate | None:
    """What :func:`aggregate` has declared of this very class."""
    found = vars(made).get(_DECLARED) if isinstance(made, type) else None
    return found if isinstance(found, Aggregate) else None


def aggregate_of(made: type, **details: Any) -> Aggregate:
    """A class as an aggregate: as it is declared, or by what is given here.

    Raises:
        PluginError: as of :func:`aggregate`.
    """
    declared = declared_aggregate(made)
    return _describe(made, **details) if declared is None or details else declared


def _describe(
    made: type,
    *,
    name: str | None = None,
    arguments: Sequence[TypeLike] | None = None,
    returns: TypeLike | None = None,
    aliases: Sequence[str] = (),
    doc: str = "",
) -> Aggregate:
    if not isinstance(made, type):
        raise PluginError(f"aggregate {made!r} is no class", "@eventflux.function is for functions")
    name = name or made.__name__
    for method in ("add", "result"):
        if not callable(getattr(made, method, None)):
            raise PluginError(
                f"aggregate {name!r} has no {method}()",
                "it needs add(self, value) and result(self)",
            )
    try:
        instance = made()
    except Exception as error:
        raise PluginError(
            f"aggregate {name!r} can't be made: {type(error).__name__}: {error}",
            "its constructor takes no arguments",
        ) from error
    add = scalar_function(name, instance.add, arguments=arguments, returns="OBJECT")
    if not add.arguments:
        raise PluginError(f"aggregate {name!r}: add() takes nothing", "it takes a value")
    result = scalar_function(name, instance.result, arguments=(), returns=returns)
    dump, load = _storing(made)
    try:
        empty = dump(instance)
        load(empty)
    except (TypeError, ValueError) as error:
        raise PluginError(f"aggregate {name!r} can't be stored: {error}", _STORABLE) from error
    return Aggregate(
        name=name,
        call=made,
        arguments=add.arguments,
        returns=result.returns,
        dump=dump,
        load=load,
        takes_null=add.takes_null,
        removes=callable(getattr(made, "remove", None)),
        merges=callable(getattr(made, "merge", None)),
        aliases=tuple(aliases),
        doc=doc or inspect.getdoc(made) or "",
        form=_form_of(empty),
    )


_STORABLE = "give it dump(self), which makes plain data, and a static method load(data)"


def _storing(made: type) -> tuple[Callable[[Any], Any], Callable[[Any], Any]]:
    """What makes plain data of an instance, and an instance of that."""
    dump, load = getattr(made, "dump", None), getattr(made, "load", None)
    if callable(dump) and callable(load):
        return dump, load
    if issubclass(made, msgspec.Struct) or dataclasses.is_dataclass(made):
        keeps = (bytes, Decimal)
        return (
            lambda instance: msgspec.to_builtins(instance, builtin_types=keeps),
            lambda data: msgspec.convert(data, made, builtin_types=keeps),
        )

    def attributes(instance: Any) -> dict[str, Any]:
        found = vars(instance)
        for name, value in found.items():
            _check_plain(value, name)
        return {name: _copied(value) for name, value in found.items()}

    def restored(data: dict[str, Any]) -> Any:
        instance = made.__new__(made)
        vars(instance).update(_copied(data))
        return instance

    return attributes, restored


def _form_of(data: Any) -> str:
    """What plain data looks like, whatever its values are."""
    if isinstance(data, dict):
        return "{" + ",".join(f"{key}:{_form_of(value)}" for key, value in data.items()) + "}"
    if isinstance(data, list | tuple):
        return "[" + ",".join(map(_form_of, data)) + "]"
    return type(data).__name__


def _check_plain(value: Any, where: str) -> None:
    """
    Raises:
        TypeError: it would come back as something else.
    """
    kind = type(value)
    if kind is list:
        for item in value:
            _check_plain(item, where)
    elif kind is dict:
        for key, item in value.items():
            if type(key) is not str:
                raise TypeError(f"{where} is a dict with a key of {type(key).__name__}")
            _check_plain(item, where)
    elif value is not None and kind not in (bool, int, float, str, bytes, Decimal):
        raise TypeError(f"{where} is of {kind.__name__}")


def _copied(value: Any) -> Any:
    if type(value) is list:
        return [_copied(item) for item in value]
    if type(value) is dict:
        return {key: _copied(item) for key, item in value.items()}
    return value
