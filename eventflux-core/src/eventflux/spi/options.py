"""Typed options: declared once, used for validation, help, docs and redaction.

>>> class BrokerOptions(Options, prefix="broker"):
...     host: str = option(doc="where the broker listens")
...     port: int = option(5672, doc="its port", low=1, high=65535)
...     password: Secret = option("guest", doc="the password")
...     declare_queue: bool = option(True, doc="declare it if missing")
>>> parsed = BrokerOptions.parse({"broker.host": "localhost", "broker.declare.queue": "false"})
>>> parsed.port, parsed.declare_queue, parsed.password
(5672, False, Secret('***'))

A family is an option for each of any names, or of the stream's columns:

>>> class TextOptions(Options, prefix="text"):
...     start: Mapping[str, int] = family(of="column", doc="where a column begins")
>>> TextOptions.parse({"text.start.a": "0", "text.start.b": "8"}).start
{'a': 0, 'b': 8}
"""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Collection, Iterable, Mapping
from typing import Any, ClassVar, Literal, Self, dataclass_transform

from eventflux.base.durations import format_duration, parse_duration
from eventflux.base.errors import OptionError
from eventflux.base.suggest import did_you_mean, nearest
from eventflux.spi.templates import Template


class Secret:
    """A text that does not show itself; :meth:`reveal` gives it.

    It shows as ``Secret('***')`` in ``print``, f-strings, logs and tracebacks, and neither
    pickle nor an encoder (msgspec, json) takes it.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        return self._text

    def __repr__(self) -> str:
        return "Secret('***')"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return format(repr(self), spec)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._text == self._text

    def __hash__(self) -> int:
        return hash(self._text)

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self

    def __getstate__(self) -> Any:
        raise TypeError("a Secret is not pickled")

    def __reduce_ex__(self, protocol: object) -> Any:
        raise TypeError("a Secret is not pickled")


class Duration(int):
    """Whole milliseconds; written as ``'250ms'``, ``'2s'``, ``'1 min'`` or a bare number of ms."""


class Bytes(int):
    """A number of bytes; written as ``'4194304'``, ``'512 KiB'`` or ``'4 MiB'``."""


_REQUIRED: Any = object()
_TYPE_NAMES: dict[Any, str] = {
    str: "text",
    int: "integer",
    float: "number",
    bool: "boolean",
    Secret: "secret",
    Duration: "duration",
    Bytes: "bytes",
    Template: "template",
}


def option(
    default: Any = _REQUIRED,
    *,
    doc: str,
    name: str | None = None,
    low: int | None = None,
    high: int | None = None,
) -> Any:
    """Declare an option of an :class:`Options` class.

    Args:
        default: its value when unset, as Python or as text; without one it is required.
        doc: its meaning, in one line.
        name: its SQL name after the prefix; by default the attribute with dots for ``_``.
        low: the least number allowed.
        high: the greatest number allowed.
    """
    metadata = {"doc": doc, "name": name, "low": low, "high": high, "default": default}
    if default is _REQUIRED:
        return dataclasses.field(metadata=metadata)
    return dataclasses.field(default=default, metadata=metadata)


def family(
    *, of: Literal["name", "column"] = "name", doc: str, low: int | None = None
) -> Any:  # fmt: skip
    """Declare a family of options, ``Mapping[str, T]`` by what follows its own name.

    Args:
        of: what follows: any name, or one of the stream's columns.
        doc: its meaning, in one line.
        low: the least number allowed.
    """
    metadata = {"doc": doc, "name": None, "low": low, "high": None, "default": None, "of": of}
    return dataclasses.field(default_factory=dict, hash=False, metadata=metadata)


@dataclasses.dataclass(frozen=True, slots=True)
class OptionSpec:
    """One declared option, or family of them."""

    name: str
    """Its full SQL name, for example ``rabbitmq.port``; of a family ``json.mapping.<column>``."""
    attribute: str
    type: Any
    optional: bool
    """Whether it may be unset (``None``)."""
    default: Any
    required: bool
    doc: str
    low: int | None
    high: int | None
    of: Literal["name", "column"] | None = None
    """What the names of a family end in; ``None`` for a single option."""

    @property
    def stem(self) -> str:
        """What all names of a family begin with: ``json.mapping.``."""
        return self.name.rpartition("<")[0]

    def covers(self, name: str) -> bool:
        """Whether ``name`` is this option, or one of this family."""
        if self.of is None:
            return name == self.name
        return name.startswith(self.stem) and len(name) > len(self.stem)

    @property
    def secret(self) -> bool:
        return self.type is Secret

    @property
    def type_name(self) -> str:
        """The type as ``eventflux connectors`` shows it."""
        if typing.get_origin(self.type) is Literal:
            return " | ".join(map(str, typing.get_args(self.type)))
        return _TYPE_NAMES[self.type]

    @property
    def default_text(self) -> str:
        """The default as it would be written in SQL; empty when there is none."""
        if self.required or self.default is None:
            return ""
        if self.secret:
            return "***"
        if self.type is Duration:
            return format_duration(int(self.default))
        if self.type is Bytes:
            return _size_text(self.default)
        if isinstance(self.default, bool):
            return "true" if self.default else "false"
        return str(self.default)

    def parse(self, text: str, name: str | None = None, *, hidden: bool = False) -> Any:
        """The typed value of ``text``.

        Args:
            name: the full name of the member of a family.
            hidden: whether the text is not shown, as that of a secret never is.

        Raises:
            OptionError: it is no such value.
        """
        name = name or self.name
        shown = "the given value" if self.secret or hidden else repr(text)
        try:
            value = _parse_text(self.type, text)
        except ValueError:
            raise OptionError(
                f"option '{name}' expects {_article(self.type_name)}, got {shown}", self.doc
            ) from None
        if (self.low is not None and value < self.low) or (
            self.high is not None and value > self.high
        ):
            limits = f"at least {self.low}" if self.high is None else f"{self.low} to {self.high}"
            raise OptionError(f"option '{name}' must be {limits}, got {shown}", self.doc)
        return value


def _article(type_name: str) -> str:
    if " | " in type_name:
        return "one of " + type_name.replace(" | ", ", ")
    return {
        "integer": "an integer",
        "boolean": "true or false",
        "duration": "a duration such as 250ms or 2s",
        "bytes": "a size such as 4096 or 4 MiB",
        "template": "a text with {column} placeholders ({{ for a brace)",
    }.get(type_name, f"a {type_name}")


_TRUTH = {"true": True, "false": False}
_SIZE_UNITS = {"": 1, "b": 1, "kib": 2**10, "mib": 2**20, "gib": 2**30, "kb": 10**3, "mb": 10**6}


def _parse_size(text: str) -> int:
    digits = text.strip().rstrip("KMGiBbkmg ")
    unit = text.strip()[len(digits) :].strip().lower()
    if unit not in _SIZE_UNITS:
        raise ValueError(text)
    return int(digits) * _SIZE_UNITS[unit]


def _size_text(size: int) -> str:
    """``4194304`` as ``4 MiB``; a size that is no whole number of units in bytes."""
    for unit, scale in (("GiB", 2**30), ("MiB", 2**20), ("KiB", 2**10)):
        if size and size % scale == 0:
            return f"{size // scale} {unit}"
    return str(size)


def _parse_text(kind: Any, text: str) -> Any:
    if typing.get_origin(kind) is Literal:
        for choice in typing.get_args(kind):
            if text.strip().lower() == str(choice).lower():
                return choice
        raise ValueError(text)
    if kind is bool:
        truth = _TRUTH.get(text.strip().lower())
        if truth is None:
            raise ValueError(text)
        return truth
    if kind is Duration:
        return Duration(parse_duration(text))
    if kind is Bytes:
        return Bytes(_parse_size(text))
    if kind in (int, float):
        if "_" in text:
            raise ValueError(text)
        return kind(text.strip())
    return kind(text)


def covering(specs: Iterable[OptionSpec], name: str) -> OptionSpec | None:
    """The option called ``name``, or the family that it is of."""
    return next((spec for spec in specs if spec.covers(name)), None)


_LISTED = 12
"""As many options as a hint lists, where no name is near."""


def unknown_option(name: str, specs: Collection[OptionSpec]) -> OptionError:
    """The error for a name that no option has, with the nearest that there is."""
    near = [
        spec.name if spec.of is None else spec.stem + name.split(".", spec.stem.count("."))[-1]
        for spec in specs
    ]
    known = near if nearest(name, near) else [spec.name for spec in specs]
    hint = did_you_mean(name, known)
    if hint.startswith("known:") and len(known) > _LISTED:
        hint = "`eventflux connectors NAME` lists the options of a connector or format"
    return OptionError(f"unknown option '{name}'", hint)


def unknown_column(name: str, spec: OptionSpec, columns: Collection[str]) -> OptionError | None:
    """What is wrong with a member of a family: that its end is none of the ``columns``."""
    column = name.removeprefix(spec.stem)
    if spec.of != "column" or column in columns:
        return None
    return OptionError(
        f"option '{name}': the stream has no column '{column}'", did_you_mean(column, columns)
    )


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(option, family))
class Options:
    """The base of every options declaration; see the module's example."""

    prefix: ClassVar[str] = ""
    _specs: ClassVar[tuple[OptionSpec, ...]] = ()

    def __init_subclass__(cls, prefix: str = "", **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.prefix = prefix or cls.prefix
        hints = typing.get_type_hints(cls)
        for name, declared in vars(cls).copy().items():
            if isinstance(declared, dataclasses.Field):
                declared.default = _typed_default(declared.default, hints[name])
        dataclasses.dataclass(frozen=True, kw_only=True)(cls)
        cls._specs = tuple(
            _spec(cls.prefix, field, hints[field.name])
            for field in dataclasses.fields(cls)  # type: ignore[arg-type]  # made one above
        )

    @classmethod
    def specs(cls) -> tuple[OptionSpec, ...]:
        """The declared options, in order."""
        return cls._specs

    @classmethod
    def parse(cls, values: Mapping[str, str]) -> Self:
        """Make the typed options from their texts.

        Args:
            values: the option texts by full SQL name, for example ``rabbitmq.host``.

        Raises:
            OptionError: an option is unknown, missing or wrong; the first problem found.
        """
        problems = cls.problems(values)
        if problems:
            raise problems[0]
        parsed: dict[str, Any] = {}
        for name, text in values.items():
            spec = covering(cls._specs, name)
            assert spec is not None
            if spec.of is None:
                parsed[spec.attribute] = spec.parse(text)
            else:
                members = parsed.setdefault(spec.attribute, {})
                members[name.removeprefix(spec.stem)] = spec.parse(text, name)
        return cls(**parsed)

    @classmethod
    def problems(cls, values: Mapping[str, str]) -> list[OptionError]:
        """Everything that is wrong with ``values``, an error each."""
        found: list[OptionError] = []
        for name, text in values.items():
            spec = covering(cls._specs, name)
            if spec is None:
                found.append(unknown_option(name, cls._specs))
                continue
            try:
                spec.parse(text, name)
            except OptionError as error:
                found.append(error)
        for spec in cls._specs:
            if spec.required and spec.name not in values:
                found.append(OptionError(f"option '{spec.name}' is required", spec.doc))
        return found


def _plain_type(hint: Any) -> tuple[Any, bool]:
    """The type without ``| None``, and whether that was there."""
    arguments = [a for a in typing.get_args(hint) if a is not type(None)]
    # ``Literal[…] | None`` is a typing.Union, ``int | None`` a types.UnionType
    is_union = typing.get_origin(hint) in (types.UnionType, typing.Union)
    optional = is_union and len(arguments) == 1
    return (arguments[0], True) if optional else (hint, False)


def _typed_default(default: Any, hint: Any) -> Any:
    kind, _ = _plain_type(hint)
    if kind in (Secret, Duration, Bytes, Template) and isinstance(default, str):
        return _parse_text(kind, default)
    return kind(default) if kind in (Duration, Bytes) and isinstance(default, int) else default


def _spec(prefix: str, field: dataclasses.Field[Any], hint: Any) -> OptionSpec:
    metadata = field.metadata
    kind, optional = _plain_type(hint)
    local_name = metadata["name"] or field.name.replace("_", ".")
    of = metadata.get("of")
    if of is not None:
        local_name += f".<{of}>"
        kind = typing.get_args(kind)[1]
    required = metadata["default"] is _REQUIRED
    default = None if required or of is not None else field.default
    _check_declaration(
        field.name, kind, default, may_be_none=required or optional or of is not None
    )
    return OptionSpec(
        name=f"{prefix}.{local_name}" if prefix else local_name,
        attribute=field.name,
        type=kind,
        optional=optional,
        default=default,
        required=required,
        doc=metadata["doc"],
        low=metadata["low"],
        high=metadata["high"],
        of=of,
    )


def _check_declaration(name: str, kind: Any, default: Any, *, may_be_none: bool) -> None:
    """Refuse a type that no text can be read as, and a default of another type."""
    choices = typing.get_args(kind) if typing.get_origin(kind) is Literal else None
    if choices is None and kind not in _TYPE_NAMES:
        known = ", ".join(known.__name__ for known in _TYPE_NAMES)
        raise TypeError(f"option {name!r} has type {kind!r}, expected {known} or a Literal")
    if default is None and may_be_none:
        return
    fits = default in choices if choices is not None else isinstance(default, kind)
    if not fits and not (kind is float and type(default) is int):
        raise TypeError(f"option {name!r} has the default {default!r}, which is no {kind!r}")
