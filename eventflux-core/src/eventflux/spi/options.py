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

What options must not be together is told by rules, methods marked with
:func:`eventflux.spi.rule`; all that are broken are reported at once.
"""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, ClassVar, Literal, Self, dataclass_transform

from eventflux.base.errors import OptionError
from eventflux.base.suggest import did_you_mean, meant, nearest
from eventflux.spi.option_rules import broken_rules, partly_known, rules_of
from eventflux.spi.option_values import (
    TYPE_NAMES,
    Bytes,
    Duration,
    Secret,
    expected,
    is_unicode,
    parse_text,
    type_name,
    value_text,
)
from eventflux.spi.templates import Template

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


def family(
    *,
    of: Literal["name", "column"] = "name",
    doc: str,
    name: str | None = None,
    low: int | None = None,
) -> Any:
    """Declare a family of options, ``Mapping[str, T]`` by what follows its own name.

    Args:
        of: what follows: any name, or one of the stream's columns.
        doc: its meaning, in one line.
        name: its SQL name after the prefix, as of an :func:`option`.
        low: the least number allowed.
    """
    metadata = {"doc": doc, "name": name, "low": low, "high": None, "default": None, "of": of}
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
        return type_name(self.type)

    @property
    def default_text(self) -> str:
        """The default as it would be written in SQL; empty when there is none."""
        if self.required or self.default is None:
            return ""
        return "***" if self.secret else value_text(self.default)

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
        if not is_unicode(name + text):
            raise OptionError(
                f"option {name!a} is no Unicode text",
                "write it as UTF-8, without bytes that are none",
            )
        try:
            value = parse_text(self.type, text)
        except ValueError:
            raise OptionError(
                f"option '{name}' expects {expected(self.type_name)}, got {shown}", self.doc
            ) from None
        if (self.low is not None and value < self.low) or (
            self.high is not None and value > self.high
        ):
            limits = f"at least {self.low}" if self.high is None else f"{self.low} to {self.high}"
            raise OptionError(f"option '{name}' must be {limits}, got {shown}", self.doc)
        return value


def covering(specs: Iterable[OptionSpec], name: str) -> OptionSpec | None:
    """The option called ``name``, or the family that it is of."""
    return next((spec for spec in specs if spec.covers(name)), None)


_LISTED = 12
"""As many options as a hint lists, where no name is near."""


def _as_meant(name: str, spec: OptionSpec) -> str | None:
    """The option that ``name`` may stand for: of a family the member of its last part, if what is
    before that is near to the family's name."""
    if spec.of is None or f"{name}." == spec.stem:
        return spec.name
    member = name.split(".", spec.stem.count("."))[-1]
    head = name[: len(name) - len(member)]
    prefix, dot, family = spec.stem[:-1].rpartition(".")
    before = head.removeprefix(prefix + dot).removesuffix(".")
    return spec.stem + member if nearest(before, [family]) else None


def meant_option(name: str, specs: Iterable[OptionSpec]) -> OptionSpec | None:
    """The option that has the name, or would but for a slip, or ``None``."""
    near = {candidate: spec for spec in specs if (candidate := _as_meant(name, spec))}
    return near.get(name if name in near else meant(name, near) or "")


def unknown_option(name: str, specs: Collection[OptionSpec]) -> OptionError:
    """The error for a name that no option has, with the nearest that there is."""
    near = [candidate for spec in specs if (candidate := _as_meant(name, spec))]
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
    _rules: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls, prefix: str = "", partly: bool = False, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if partly:
            return
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
        cls._rules = rules_of(cls)

    def __post_init__(self) -> None:
        for error in broken_rules(self, self._rules):
            raise error

    @classmethod
    def specs(cls) -> tuple[OptionSpec, ...]:
        """The declared options, in order."""
        return cls._specs

    def given(self, beginning: str = "") -> Iterator[str]:
        """The SQL names of options not at their default, of those whose attributes begin so."""
        for spec in self._specs:
            if not spec.attribute.startswith(beginning):
                continue
            value = getattr(self, spec.attribute)
            if spec.of is not None:
                yield from (f"{spec.stem}{member}" for member in value)
            elif value != spec.default:
                yield spec.name

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
        return cls(**cls._typed(values))

    @classmethod
    def problems(cls, values: Mapping[str, str]) -> list[OptionError]:
        """Everything that is wrong with ``values``, an error each."""
        found: list[OptionError] = []
        right: dict[str, str] = {}
        for name, text in values.items():
            spec = covering(cls._specs, name)
            if spec is None:
                found.append(unknown_option(name, cls._specs))
                continue
            try:
                spec.parse(text, name)
            except OptionError as error:
                found.append(error)
            else:
                right[name] = text
        for spec in cls._specs:
            if spec.required and spec.name not in values:
                found.append(OptionError(f"option '{spec.name}' is required", spec.doc))
        return found + cls.contradictions(right, values.keys() - right.keys())

    @classmethod
    def contradictions(
        cls, values: Mapping[str, str], unclear: Collection[str] = ()
    ) -> list[OptionError]:
        """What the rules of the class find wrong.

        Args:
            values: texts, each right by itself, by full SQL name.
            unclear: the names of options that are given, but not known or not right. About
                these, and required ones that are not given, nothing is said.
        """
        return list(broken_rules(cls.partly(values, unclear), cls._rules)) if cls._rules else []

    @classmethod
    def partly(cls, values: Mapping[str, str], unclear: Collection[str] = ()) -> Self:
        """Options of which some are not known: who looks at one of those gets
        :class:`eventflux.spi.option_rules.NotKnown`. The arguments are those of
        :meth:`contradictions`."""
        unknown = {
            spec.attribute
            for spec in cls._specs
            if any(map(spec.covers, unclear)) or (spec.required and spec.name not in values)
        }
        known = {
            spec.attribute: spec.default if spec.of is None else {}
            for spec in cls._specs
            if spec.attribute not in unknown
        }
        typed = cls._typed(values)
        known |= {name: value for name, value in typed.items() if name not in unknown}
        made: Self = partly_known(cls, known, unknown)
        return made

    @classmethod
    def _typed(cls, values: Mapping[str, str]) -> dict[str, Any]:
        """Texts that are right as typed values, by attribute."""
        parsed: dict[str, Any] = {}
        for name, text in values.items():
            spec = covering(cls._specs, name)
            assert spec is not None
            if spec.of is None:
                parsed[spec.attribute] = spec.parse(text)
            else:
                members = parsed.setdefault(spec.attribute, {})
                members[name.removeprefix(spec.stem)] = spec.parse(text, name)
        return parsed


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
        return parse_text(kind, default)
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


def _shown(kind: Any) -> str:
    return kind.__name__ if type(kind) is type else repr(kind)


def _check_declaration(name: str, kind: Any, default: Any, *, may_be_none: bool) -> None:
    """Refuse a type that no text can be read as, and a default of another type."""
    choices = typing.get_args(kind) if typing.get_origin(kind) is Literal else None
    if choices is None and kind not in TYPE_NAMES:
        known = ", ".join(known.__name__ for known in TYPE_NAMES)
        raise TypeError(f"option {name!r} has type {_shown(kind)}, expected {known} or a Literal")
    if default is None and may_be_none:
        return
    fits = default in choices if choices is not None else isinstance(default, kind)
    if not fits and not (kind is float and type(default) is int):
        raise TypeError(f"option {name!r} has the default {default!r}, which is no {_shown(kind)}")
