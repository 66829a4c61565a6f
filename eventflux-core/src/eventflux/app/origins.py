"""Where the value of an option or a setting comes from."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

import msgspec

from eventflux.app.substitution import substitute
from eventflux.base.errors import Diagnostic, EventFluxError, Position
from eventflux.planner.plan import Place
from eventflux.spi.option_values import Secret

Layer = Literal["default", "file", "environment", "sql", "set"]
"""From weak to strong: what the connector says, the configuration file, the environment, the
SQL, ``--set``."""

_REFERENCE = re.compile(r"(?<!\$)\$\{([^}]*)\}")


class Origin(msgspec.Struct, frozen=True):
    """``place`` is that in the SQL, ``file`` and ``line`` are those of a configuration file
    (empty and 0 for one that was given as data), ``variable`` is one of the environment."""

    layer: Layer
    place: Place | None = None
    file: str = ""
    line: int = 0
    variable: str = ""

    def shown(self, sql_file: str) -> str:
        """As a table shows it; ``sql_file`` is what the program's file is called."""
        if self.layer == "sql":
            return sql_file if self.place is None else f"{sql_file}:{self.place.line}"
        if self.layer == "file":
            return f"{self.file}:{self.line}" if self.file else "the configuration"
        if self.layer == "environment":
            return self.variable
        return "--set" if self.layer == "set" else "default"

    def diagnostic(self, message: str, hint: str | None = None) -> Diagnostic:
        """A problem of what was given here."""
        if self.layer == "sql":
            return Diagnostic(message, _position(self.place), hint)
        if self.file:
            position = Position(self.line, 1) if self.line else None
            return Diagnostic(message, position, hint, file=self.file)
        where = f"environment variable {self.variable}" if self.variable else self.shown("")
        return Diagnostic(f"{message} ({where})", None, hint)


SET = Origin("set")
DEFAULT = Origin("default")


class OptionText(msgspec.Struct, frozen=True):
    """The text of one option or setting. It is kept as a :class:`Secret`: only the connector
    says which of its options are passwords."""

    value: Secret
    origin: Origin
    references: tuple[str, ...] = ()
    """What was put into it: the ``NAME`` of each ``${NAME}``, ``file:/path``."""

    @property
    def text(self) -> str:
        return self.value.reveal()

    @property
    def from_file(self) -> bool:
        """Whether the text of a file was put into it, which is shown to nobody."""
        return any(name.startswith("file:") for name in self.references)


def option_text(text: str, origin: Origin) -> OptionText:
    return OptionText(Secret(text), origin)


def put_in(given: OptionText, variables: Mapping[str, str]) -> OptionText:
    """The text with what its references stand for. Variables that configure EventFlux itself
    are taken as they are.

    Raises:
        OptionError: a reference stands for nothing.
    """
    if given.origin.layer == "environment" or "${" not in given.text:
        return given
    text = substitute(given.text, variables)
    return OptionText(Secret(text), given.origin, references_in(given.text))


def references_in(text: str) -> tuple[str, ...]:
    """The references of a text, without the defaults of those that have one."""
    names = (inner for inner in _REFERENCE.findall(text))
    return tuple(n if n.startswith("file:") else n.partition(":")[0] for n in names)


def named_in(error: EventFluxError, texts: Mapping[str, OptionText]) -> OptionText | None:
    """The option that an error is about: of those given the first that it names, if any."""
    named = [(error.message.find(f"'{name}'"), name) for name in texts]
    return texts[min(found)[1]] if (found := [n for n in named if n[0] >= 0]) else None


def diagnostic(
    stream: str, error: EventFluxError, text: OptionText | None, place: Place | None
) -> Diagnostic:
    """A problem of a stream's options at the place of the option, else of the stream."""
    return told_of(f"stream '{stream}'", error, text, place)


def told_of(
    owner: str, error: EventFluxError, text: OptionText | None, place: Place | None
) -> Diagnostic:
    """A problem of the options of ``owner``: ``stream 'S'``, ``query 'q'``."""
    message = f"{owner}: {error.message}"
    if text is None:
        return Diagnostic(message, _position(place), error.hint)
    return text.origin.diagnostic(message, error.hint)


def _position(place: Place | None) -> Position | None:
    return None if place is None else Position(place.line, place.column)
