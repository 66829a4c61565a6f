r"""What each format and option means, as cases: readable files, each run in several ways.

A case is a title, what is read or written, its options, and below ``---`` what happens::

    === another delimiter
    # remarks start with a hash
    source csv (a LONG, b STRING)
    csv.delimiter = ;
    ---
    '1;x\n2;y' -> (1, 'x'), (2, 'y')
    'x;y' !! line 1, field 1 (a): expected LONG

A payload of a source gives the rows behind ``->``, then the errors behind each ``!!`` (how
they begin); ``->`` alone means no rows. ``ignored`` stands for an error dropped in silence. Of
a sink it is the other way round: rows, then payloads. Values are Python's, with ``null``,
``true``, ``false``, ``nan``, ``inf`` and ``D('1.5')`` for decimals. An option's text in quotes
is Python's, too. ``refused`` below ``---`` tells how the error for the options and columns
begins, ``hint`` what its hint has.

Payloads and rows are tried alone, all at once, and all at once in reverse.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from formats import SINKS, SOURCES, by_payload, rows_from, sink, source

from eventflux.base.errors import OptionError

README = Path(__file__).parents[1] / "README.md"
FILES = sorted((Path(__file__).parent / "cases").glob("*.case"))
NAMES = {
    "null": None, "true": True, "false": False, "nan": math.nan, "inf": math.inf, "D": Decimal,
}  # fmt: skip
HEAD = re.compile(r"(source|sink) (\w+) \((.*)\)$")


@dataclass
class Line:
    """What goes in, and what comes out: texts of rows or payloads, then errors."""

    given: Any
    gives: list[str]
    errors: list[str]


@dataclass
class Case:
    role: str
    format: str
    columns: str
    options: dict[str, str] = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)
    refused: str = ""
    hint: str = ""


def value(text: str) -> Any:
    return eval(text, dict(NAMES))  # the test's own data


def row(text: str) -> tuple[Any, ...]:
    found = value(text)
    return found if isinstance(found, tuple) else (found,)


def payload(text: str) -> bytes:
    found = value(text)
    return found.encode() if isinstance(found, str) else bytes(found)


def rows(text: str) -> list[tuple[Any, ...]]:
    found = value(f"[{text}]")
    return [one if isinstance(one, tuple) else (one,) for one in found]


def read_line(text: str, case: Case) -> Line:
    before, *errors = re.split(r" !! ?", text)
    given, _, gives = before.partition(" -> ")
    given = given.removesuffix(" ->")
    if case.role == "source":
        return Line(payload(given), [repr(one) for one in rows(gives)], errors)
    return Line(row(given), [repr(payload(gives))] if gives else [], errors)


def read_case(text: str) -> Case:
    head, *rest = [line for line in text.splitlines()[1:] if line and not line.startswith("#")]
    found = HEAD.match(head)
    assert found, head
    case = Case(found[1], found[2], found[3])
    below = False
    for line in rest:
        if line == "---":
            below = True
        elif not below:
            name, _, option = line.partition(" = ")
            case.options[name] = value(option) if option.startswith("'") else option
        elif line.startswith("refused "):
            case.refused = line.removeprefix("refused ")
        elif line.startswith("hint "):
            case.hint = line.removeprefix("hint ")
        else:
            case.lines.append(read_line(line, case))
    return case


def cases() -> Iterator[Any]:
    examples = "".join(re.findall(r"^```case\n(.*?)^```", README.read_text(), flags=re.M | re.S))
    texts = {file.stem: file.read_text() for file in FILES} | {"README": examples}
    for name, text in texts.items():
        for part in re.split(r"^=== ", text, flags=re.M)[1:]:
            yield pytest.param(read_case(part), id=f"{name}: {part.splitlines()[0]}")


def outcome(case: Case, lines: Sequence[Line]) -> list[list[str]]:
    """For each line what came out of it, errors last."""
    found: list[list[str]]
    if case.role == "source":
        decoded = source(case.format, case.columns, case.options).decode([o.given for o in lines])
        found = by_payload(decoded, len(lines))
        for error in decoded.errors:
            if error.ignored:
                found[error.index][found[error.index].index(error.message)] = "ignored"
        return found
    given = rows_from(case.columns, [line.given for line in lines])
    encoded = sink(case.format, case.columns, case.options).encode(given)
    failed = {error.index: error.message for error in encoded.errors}
    payloads = iter(encoded.payloads)
    found = [
        [failed[index]] if index in failed else [repr(next(payloads))]
        for index in range(len(lines))
    ]
    assert not list(payloads)
    return found


def check(line: Line, found: Sequence[str]) -> None:
    count = len(line.gives)
    assert list(found[:count]) == line.gives
    assert len(found) == count + len(line.errors), found
    for message, start in zip(found[count:], line.errors, strict=True):
        assert message.startswith(start)


@pytest.mark.parametrize("case", list(cases()))
def test_case(case: Case) -> None:
    if case.refused:
        make = source if case.role == "source" else sink
        with pytest.raises(OptionError) as raised:
            make(case.format, case.columns, case.options)
        assert raised.value.message.startswith(case.refused)
        assert case.hint in (raised.value.hint or "")
        return
    for line in case.lines:
        check(line, outcome(case, [line])[0])
    for order in (case.lines, case.lines[::-1]):
        for line, found in zip(order, outcome(case, order), strict=True):
            check(line, found)


def test_the_readme_tells_each_option() -> None:
    told = README.read_text()
    options = [factory.options for factory in SOURCES.values()]
    options += [factory.options for factory in SINKS.values()]
    for spec in (spec for group in options for spec in group.specs()):
        assert f"`{spec.name}`" in told, spec.name
