"""How a scalar function of the language is declared.

From one :class:`Function` come the check of its arguments, the code of a call, the page of the
reference, and the tests: every example is run.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final, Literal

import msgspec

from eventflux.base.types import DataType

KINDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "any": "any type",
        "number": "a number",
        "integer": "INT or LONG",
        "decimal": "DECIMAL",
        "moment": "TIMESTAMP, or epoch ms as INT or LONG",
        "text": "any type, cast to STRING",
        "same": "one type that all of these share",
        "ordered": "one type that all of these share, and that has an order",
        "unit": "a constant: ms, second, minute, hour, day, week, month, quarter or year",
        "field": "a constant: the name of a part of a moment",
        "format": "a constant: a strftime pattern",
        "zone": "a constant: the IANA name of a time zone",
        "path": "a constant: a JSON path",
        "type": "a constant: the name of a type",
        "pattern": "a regular expression of RE2",
        "group": "a constant: the number of a group",
        "options": "a constant: 'g' or ''",
        "object": "an OBJECT",
    }
)
"""What a parameter takes that no single type says; the code of a call sees the type itself."""

CONSTANTS: Final = frozenset(
    {"unit", "field", "format", "zone", "path", "type", "group", "options"}
)
"""The kinds that are checked, and worked out, before a row comes."""


class Parameter(msgspec.Struct, frozen=True):
    """One parameter: its name and a type, or a kind of :data:`KINDS`."""

    name: str
    takes: DataType | str
    optional: bool = False
    repeats: bool = False
    """Whether further arguments are of the same kind; only the last one."""

    @property
    def shown(self) -> str:
        """Its name, with the type where it has one."""
        if self.takes == "decimal":
            return f"{self.name} DECIMAL"
        return f"{self.name} {self.takes}" if isinstance(self.takes, DataType) else self.name


class Inline(msgspec.Struct, frozen=True):
    """Python that stands right where a call does.

    ``{0}`` is an argument; one that is used several times is written ``{0:=}`` where Python
    evaluates it first. Other names in braces are objects of ``uses``.
    """

    text: str
    uses: Mapping[str, Any] = msgspec.field(default_factory=dict)


class NotConstant:
    """Stands for an argument whose value is not known before rows come."""


NOT_CONSTANT: Final = NotConstant()

Code = Inline | Callable[..., Any]
"""How a call is computed: as text, or by a plain function of the values."""

Specialise = Callable[..., Inline | None]
"""Given the values of the arguments, :data:`NOT_CONSTANT` where one is not known, better code;
``None`` where there is none. What it raises as ``ValueError`` is wrong with a constant."""

Shape = Callable[[Sequence[bool], bool, DataType], Inline | None]
"""Given which arguments may be NULL, whether all are names or constants, and the type of the
result, better code for a function that is given NULLs."""


class Overload(msgspec.Struct, frozen=True):
    """One way to call a function."""

    parameters: tuple[Parameter, ...]
    gives: DataType | Literal["argument", "same", "moment"]
    """The type of the result; ``argument`` is that of the first one, ``same`` the one type of the
    arguments that share one, ``moment`` that of the moment."""
    code: Code | None
    """``None`` where the plan has a node of its own for it, or the others below know all."""
    specialise: Specialise | None = None
    shape: Shape | None = None

    @property
    def counts(self) -> tuple[int, int | None]:
        """The fewest and the most arguments; ``None`` where there is no end."""
        least = sum(not p.optional for p in self.parameters)
        return least, None if any(p.repeats for p in self.parameters) else len(self.parameters)

    @property
    def shown(self) -> str:
        """The parameters as text: ``s STRING, start LONG [, length LONG]``."""
        text = ""
        for parameter in self.parameters:
            one = parameter.shown + (", …" if parameter.repeats else "")
            if parameter.optional:
                text += f" [, {one}]" if text else f"[{one}]"
            else:
                text += f", {one}" if text else one
        return text


def takes(
    text: str,
    gives: DataType | Literal["argument", "same", "moment"],
    code: Code | str | None = None,
    specialise: Specialise | None = None,
    shape: Shape | None = None,
    **uses: Any,
) -> Overload:
    """An overload: ``takes("s STRING, n LONG?", DataType.STRING, …)``.

    ``?`` marks what may be left out, ``*`` what may be repeated. Code that is text is
    :class:`Inline`, with ``uses``.
    """
    parameters = []
    for part in filter(None, text.split(", ")):
        name, _, kind = part.partition(" ")
        bare = kind.rstrip("?*")
        known = bare if bare in KINDS else DataType(bare)
        parameters.append(Parameter(name, known, "?" in kind, "*" in kind))
    written = Inline(code, uses) if isinstance(code, str) else code
    return Overload(tuple(parameters), gives, written, specialise, shape)


class Function(msgspec.Struct, frozen=True, kw_only=True):
    """A function of one row."""

    name: str
    aliases: tuple[str, ...] = ()
    overloads: tuple[Overload, ...]
    """The first that takes the arguments counts."""
    doc: str
    """What its value is, in a few words, for tables."""
    examples: tuple[str, ...]
    """Each ``expression -> value``, both as SQL; ``-> …`` where the value differs from call to
    call."""
    forms: tuple[str, ...] = ()
    """Other ways to write a call."""
    nulls: Literal["strict", "given", "never"] = "strict"
    """Whether NULL for any argument is NULL without a call, or the code gets ``None``; and may
    ``never`` give it."""
    may_be_null: bool = False
    """Whether it can be NULL of values that are not."""
    fits: Literal["always", "arguments", "unknown"] = "always"
    """Whether an integer result is in the range of its type: always, or if all integers among
    its arguments are."""
    deterministic: bool = True
    needs: tuple[str, str] | None = None
    """A package that it needs, and the extra of the core that brings it."""
    doubtful: Mapping[str, str] = msgspec.field(default_factory=dict)
    """Names of it that others use otherwise: a warning for each."""

    @property
    def names(self) -> tuple[str, ...]:
        return (self.name, *self.aliases)
