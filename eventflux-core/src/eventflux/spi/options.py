"""Typed options: declared once, used for validation, help, docs and redaction.

>>> class BrokerOptions(Options, prefix="broker"):
...     host: str = option(doc="where the broker listens")
...     port: int = option(5672, doc="its port", low=1, high=65535)
...     password: Secret = option("guest", doc="the password")
...     declare_queue: bool = option(True, doc="declare it if missing")
>>> parsed = BrokerOptions.parse({"broker.host": "localhost", "broker.declare.queue": "false"})
>>> parsed.port, parsed.declare_queue, parsed.password
(5672, False, Secret('***'))
"""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Mapping
from typing import Any, ClassVar, Literal, Self, dataclass_transform

from eventflux.base.durations import format_duration, parse_duration
from eventflux.base.errors import OptionError
from eventflux.base.suggest import did_you_mean


class Secret:
    """A text that does not show itself; :meth:`reveal` gives it."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        return self._text

    def __repr__(self) -> str:
        return "Secret('***')"

    __str__ = __repr__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._text == self._text

    def __hash__(self) -> int:
        return hash(self._text)

    def __reduce__(self) -> Any:
        raise TypeError("a Secret is not pickled")


class Duration(int):
    """Whole milliseconds; written as ``'250ms'``, ``'2s'``, ``'1 min'`` or a bare number of ms."""


class Bytes(int):
    """A number of bytes; written as ``'4194304'``, ``'512 KiB'`` or ``'4 MiB'``."""


_REQUIRED: Any = object()


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


@dataclasses.dataclass(frozen=True, slots=True)
class OptionSpec:
    """One declared option."""

    name: str
    """Its full SQL name, for example ``rabbitmq.port``."""
    attribute: str
    type: Any
    optional: bool
    """Whether it may be unset (``None``)."""
    default: Any
    required: bool
    doc: str
    low: int | None
    high: int | None

    @property
    def secret(self) -> bool:
        return self.type is Secret

    @property
    def type_name(self) -> str:
        """The type as ``eventflux connectors`` shows it."""
        if typing.get_origin(self.type) is Literal:
            return " | ".join(map(str, typing.get_args(self.type)))
        return {
            str: "text", int: "integer", float: "number", bool: "boolean",
            Secret: "secret", Duration: "duration", Bytes: "bytes",
        }[self.type]  # fmt: skip

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

    def parse(self, text: str) -> Any:
        """The typed value of ``text``.

        Raises:
            OptionError: it is no such value; a secret's text is not shown.
        """
        try:
            value = _parse_text(self.type, text)
        except ValueError:
            shown = "the given value" if self.secret else repr(text)
            raise OptionError(
                f"option '{self.name}' expects {_article(self.type_name)}, got {shown}", self.doc
            ) from None
        if (self.low is not None and value < self.low) or (
            self.high is not None and value > self.high
        ):
            limits = f"at least {self.low}" if self.high is None else f"{self.low} to {self.high}"
            raise OptionError(f"option '{self.name}' must be {limits}, got {text!r}", self.doc)
        return value


def _article(type_name: str) -> str:
    if " | " in type_name:
        return "one of " + type_name.replace(" | ", ", ")
    return {
        "integer": "an integer",
        "boolean": "true or false",
        "duration": "a duration such as 250ms or 2s",
        "bytes": "a size such as 4096 or 4 MiB",
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


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(option,))
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
        by_name = {spec.name: spec for spec in cls._specs}
        return cls(**{by_name[n].attribute: by_name[n].parse(t) for n, t in values.items()})

    @classmethod
    def problems(cls, values: Mapping[str, str]) -> list[OptionError]:
        """Everything that is wrong with ``values``, an error each."""
        by_name = {spec.name: spec for spec in cls._specs}
        found: list[OptionError] = []
        for name, text in values.items():
            spec = by_name.get(name)
            if spec is None:
                found.append(OptionError(f"unknown option '{name}'", did_you_mean(name, by_name)))
                continue
            try:
                spec.parse(text)
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
    if kind in (Secret, Duration, Bytes) and isinstance(default, str):
        return _parse_text(kind, default)
    return kind(default) if kind in (Duration, Bytes) and isinstance(default, int) else default


def _spec(prefix: str, field: dataclasses.Field[Any], hint: Any) -> OptionSpec:
    metadata = field.metadata
    kind, optional = _plain_type(hint)
    local_name = metadata["name"] or field.name.replace("_", ".")
    required = metadata["default"] is _REQUIRED
    default = None if required else field.default
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
    )
