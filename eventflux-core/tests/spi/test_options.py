"""Families of options: one declaration for many names."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from eventflux.base.errors import OptionError
from eventflux.spi import Options, family, option


class TableOptions(Options, prefix="table"):
    start: Mapping[str, int] = family(of="column", low=0, doc="where a column begins")
    header: Mapping[str, str] = family(doc="a header of this name")
    width: int = option(80, doc="of a line")


def test_a_family_is_a_mapping_by_what_follows_its_name() -> None:
    options = TableOptions.parse(
        {"table.start.a": "0", "table.start.b c.d": " 8 ", "table.header.x": "y"}
    )
    assert options.start == {"a": 0, "b c.d": 8}
    assert options.header == {"x": "y"}
    assert TableOptions.parse({}).start == {}
    assert hash(options) == hash(TableOptions.parse({}))


def test_a_family_is_shown_with_what_its_names_end_in() -> None:
    shown = {spec.name: spec.type_name for spec in TableOptions.specs()}
    assert shown == {
        "table.start.<column>": "integer",
        "table.header.<name>": "text",
        "table.width": "integer",
    }


@pytest.mark.parametrize(
    ("name", "text", "message", "hint"),
    [
        ("table.start.a", "x", "option 'table.start.a' expects an integer, got 'x'", "begins"),
        ("table.start.a", "-1", "option 'table.start.a' must be at least 0", "begins"),
        ("table.strat.a", "1", "unknown option 'table.strat.a'", "did you mean 'table.start.a'?"),
        ("table.start.", "1", "unknown option 'table.start.'", "table.start"),
        ("table.start", "1", "unknown option 'table.start'", "table.start"),
        ("other", "1", "unknown option 'other'", "known: table.header.<name>, table.start"),
    ],
)
def test_a_wrong_member_is_named_in_full(name: str, text: str, message: str, hint: str) -> None:
    with pytest.raises(OptionError) as raised:
        TableOptions.parse({name: text})
    assert raised.value.message.startswith(message)
    assert hint in (raised.value.hint or "")


def test_a_text_with_bytes_that_are_no_utf8_is_refused() -> None:
    for values in ({"table.header.x": "a\udcff"}, {"table.header.\udcff": "a"}):
        with pytest.raises(OptionError, match="is no Unicode text"):
            TableOptions.parse(values)


class FeedOptions(Options, prefix="feed"):
    hello: str | None = option(None, doc="what to say first")
    more_hellos: Mapping[str, str] = family(name="hello", doc="what to say then")
    pace_ms: int = option(5, doc="how fast")


def test_a_family_may_share_its_name_with_an_option() -> None:
    parsed = FeedOptions.parse({"feed.hello": "a", "feed.hello.2": "c", "feed.hello.1": "b"})
    assert (parsed.hello, parsed.more_hellos) == ("a", {"2": "c", "1": "b"})


def test_options_tell_which_of_them_are_given() -> None:
    assert list(FeedOptions.parse({}).given()) == []
    parsed = FeedOptions.parse({"feed.hello.1": "b", "feed.pace.ms": "7", "feed.hello": "a"})
    assert list(parsed.given()) == ["feed.hello", "feed.hello.1", "feed.pace.ms"]
    assert list(parsed.given("pace")) == ["feed.pace.ms"]
    assert list(FeedOptions.parse({"feed.pace.ms": "5"}).given()) == []
