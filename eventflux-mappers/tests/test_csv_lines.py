"""CSV over connectors whose payloads are the lines of one text: it has one header."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from formats import SINKS, SOURCES, by_payload, context_of, rows_from
from hypothesis import given
from hypothesis import strategies as st

from eventflux.spi import SinkMapper, SourceMapper

COLUMNS = "a LONG, b STRING"
LINES = [b"", b"\n", b"b,c,a", b"x,?,1", b"y,?,nonsense", b"z,2", b'"q,q",?,3', b""]


def reader() -> SourceMapper:
    factory = SOURCES["csv"]
    typed = factory.options.parse({"csv.has-header": "true"})
    return factory.create(typed, replace(context_of(COLUMNS), lines=True))


def writer() -> SinkMapper:
    factory = SINKS["csv"]
    typed = factory.options.parse({"csv.include-header": "true"})
    return factory.create(typed, replace(context_of(COLUMNS), lines=True))


def found_in(lines: Sequence[bytes], cuts: Sequence[int]) -> list[list[str]]:
    mapper, found = reader(), []
    ends = sorted({0, len(lines), *cuts})
    for start, end in pairwise(ends):
        found += by_payload(mapper.decode(lines[start:end]), end - start)
    return found


@given(st.lists(st.integers(1, len(LINES) - 1)))
def test_the_first_line_names_the_fields_of_all(cuts: list[int]) -> None:
    assert found_in(LINES, cuts) == [
        [],
        [],
        [],
        ["(1, 'x')"],
        ["line 1, field 3 (a): expected LONG, got 'nonsense'"],
        ["line 1: expected 3 fields, got 2"],
        ["(3, 'q,q')"],
        [],
    ]


@given(st.lists(st.integers(1, 3)))
def test_below_a_wrong_header_each_line_says_why(cuts: list[int]) -> None:
    told = "the header: several fields are called 'a'"
    assert found_in([b"a,a", b"1,2", b"a,b", b"3,4"], cuts) == [[told]] * 4


def test_a_header_that_is_no_text() -> None:
    told = "the header: not valid UTF-8 (invalid start byte)"
    assert by_payload(reader().decode([b"\xff", b"1"]), 2) == [[told], [told]]


def test_the_header_is_written_once() -> None:
    mapper = writer()
    assert list(mapper.encode([]).payloads) == []
    assert list(mapper.encode(rows_from(COLUMNS, [(1, "x"), (2, "y")])).payloads) == [
        b"a,b\n1,x",
        b"2,y",
    ]
    assert list(mapper.encode(rows_from(COLUMNS, [(3, "q,q")])).payloads) == [b'3,"q,q"']
