"""Writing Python source: names, bindings, indentation, and loads put where they pay."""

from __future__ import annotations

import builtins
import keyword
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import msgspec

from eventflux.planner.plan import Place

_OPEN_WARM, _OPEN_COLD, _CLOSE = "\ue000", "\ue002", "\ue001"
_TOKEN = re.compile(f"[{_OPEN_WARM}{_OPEN_COLD}](\\d+){_CLOSE}")
_WARM = re.compile(f"{_OPEN_WARM}(\\d+){_CLOSE}")
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_OUTSIDE = re.compile(r"[^A-Za-z0-9_]+")
_RESERVED = frozenset(keyword.kwlist) | frozenset(dir(builtins))


@lru_cache(maxsize=1024)
def identifier(hint: str) -> str:
    """``hint`` where it is an identifier, else one made of what it has of one."""
    if _IDENTIFIER.match(hint):
        return hint
    made = _OUTSIDE.sub("_", hint).strip("_")
    return made if _IDENTIFIER.match(made) else "column"


class Names:
    """Gives out names that nothing else in the generated function has."""

    def __init__(self) -> None:
        self._taken = set(_RESERVED)
        self._counts: dict[str, int] = {}

    def copy(self) -> Names:
        copied = Names()
        copied._taken |= self._taken
        copied._counts |= self._counts
        return copied

    def fresh(self, hint: str) -> str:
        """``hint`` itself where it is a free identifier, else something like it."""
        stem = identifier(hint)
        name, count = stem, self._counts.get(stem, 1)
        while name in self._taken:
            count += 1
            name = f"{stem}_{count}"
        self._counts[stem] = count
        self._taken.add(name)
        return name


class Bindings:
    """The objects that generated code knows by name: its factory's parameters."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._by_identity: dict[int, str] = {}
        self.objects: dict[str, Any] = {}

    def copy(self, names: Names) -> Bindings:
        """The same, for a function whose ``names`` go on from those here."""
        copied = Bindings(names)
        copied._by_identity |= self._by_identity
        copied.objects |= self.objects
        return copied

    def bind(self, hint: str, value: Any) -> str:
        """The name of ``value``; the same for the same object."""
        known = self._by_identity.get(id(value))
        if known is not None:
            return known
        name = self._names.fresh(hint)
        self._by_identity[id(value)] = name
        self.objects[name] = value
        return name


class _Line(msgspec.Struct):
    indent: int
    text: str
    place: Place | None
    continues: bool = False


class _Load(msgspec.Struct, frozen=True):
    local: str
    source: str


class Source:
    """Lines of a Python function under construction.

    A *load* is a text such as ``row.amount`` that is cheap but not free. Its token may
    stand in any line; when it is used once it becomes the text itself, and when more often
    a local variable, assigned just before the first use that all others come after.
    """

    def __init__(self, names: Names) -> None:
        self._names = names
        self._lines: list[_Line] = []
        self._loads: list[_Load] = []
        self._indent = 0

    def fresh(self, hint: str) -> str:
        """A name that nothing else in the function has."""
        return self._names.fresh(hint)

    def line(self, text: str, place: Place | None = None) -> None:
        """Add a line; ``place`` is where its SQL stands."""
        self._lines.append(_Line(self._indent, text, place))

    def call(self, opening: str, arguments: Iterable[tuple[str, Place | None]], end: str) -> None:
        """Add a call with an argument a line, so that an error in one tells its place."""
        self.line(opening)
        for text, place in arguments:
            self._lines.append(_Line(self._indent + 1, f"{text},", place, continues=True))
        self._lines.append(_Line(self._indent, end, None, continues=True))

    def include(self, other: Source) -> None:
        """Add the finished lines of another source here, indented as this place is."""
        other._place_loads()
        for line in other._lines:
            self._lines.append(
                _Line(line.indent + self._indent, line.text, line.place, line.continues)
            )

    @contextmanager
    def block(self, header: str, place: Place | None = None) -> Iterator[None]:
        """Add ``header`` and indent what is added inside; an empty block gets a ``pass``."""
        self.line(header, place)
        count = len(self._lines)
        self._indent += 1
        try:
            yield
        finally:
            if all(line.text.startswith("#") for line in self._lines[count:]):
                self.line("pass")
            self._indent -= 1

    def mentions(self, name: str) -> bool:
        """Whether a line has ``name`` as a word."""
        word = re.compile(rf"\b{re.escape(name)}\b")
        return any(word.search(line.text) for line in self._lines)

    def load(self, hint: str, source: str) -> str:
        """A token for the text ``source``."""
        self._loads.append(_Load(self._names.fresh(hint), source))
        return f"{_OPEN_WARM}{len(self._loads) - 1}{_CLOSE}"

    def finish(self) -> tuple[str, dict[int, Place]]:
        """The source text, and the SQL place of each line number that has one."""
        self._place_loads()
        places = {n: line.place for n, line in enumerate(self._lines, 1) if line.place}
        text = "\n".join("    " * line.indent + line.text for line in self._lines)
        return text + "\n", places

    def _place_loads(self) -> None:
        """Turn all tokens into text; harmless when done again."""
        with_tokens = [n for n, line in enumerate(self._lines) if _CLOSE in line.text]
        if not with_tokens:
            return
        uses: dict[int, list[int]] = {}
        for number in with_tokens:
            for match in _WARM.finditer(self._lines[number].text):
                uses.setdefault(int(match.group(1)), []).append(number)
        hoisted = {token for token, lines in uses.items() if len(lines) > 1}
        before: dict[int, list[_Line]] = {}
        for token in sorted(hoisted):
            load = self._loads[token]
            at = self._dominating_line(uses[token][0], uses[token][-1])
            assignment = _Line(self._lines[at].indent, f"{load.local} = {load.source}", None)
            before.setdefault(at, []).append(assignment)

        def resolve(match: re.Match[str]) -> str:
            token = int(match.group(1))
            load = self._loads[token]
            # Cold code may stand before the assignment, or where it was jumped over.
            warm = match.group().startswith(_OPEN_WARM)
            return load.local if warm and token in hoisted else load.source

        for number in with_tokens:
            line = self._lines[number]
            line.text = _TOKEN.sub(resolve, line.text)
        for number in sorted(before, reverse=True):
            self._lines[number:number] = before[number]

    def _dominating_line(self, first: int, last: int) -> int:
        """The last line at or before ``first`` whose block holds all lines up to ``last``."""
        outermost = min(line.indent for line in self._lines[first : last + 1])
        while not self._starts_statement(first, outermost):
            first -= 1
        return first

    def _starts_statement(self, number: int, outermost: int) -> bool:
        line = self._lines[number]
        joined = line.text.startswith(("else:", "elif ", "except ", "finally:"))
        return line.indent <= outermost and not line.continues and not joined


def cold(text: str) -> str:
    """The same text, its tokens not counted as uses: for code that hardly ever runs."""
    return text.replace(_OPEN_WARM, _OPEN_COLD)


def is_simple(text: str) -> bool:
    """Whether a text is a single token or name, so that repeating it repeats no work."""
    return _IDENTIFIER.match(text) is not None or _TOKEN.fullmatch(text) is not None
