"""What ``WITH (…)`` at the end of a query says of it: its name, and what becomes of its errors."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from eventflux.base.errors import Diagnostic, OptionError
from eventflux.base.suggest import did_you_mean
from eventflux.planner.places import place_of
from eventflux.planner.settings import parse_setting
from eventflux.planner.streams import PutIn, StreamOption
from eventflux.spi.option_values import Secret
from eventflux.sql.ast import Query, Statement
from eventflux.sql.source import SourceText
from eventflux.sql.words import PLANNED

_LATER = "async."
_KNOWN = ("name", "state.ttl", "emit")


class TimeToLive(msgspec.Struct, frozen=True):
    """``state.ttl`` of a query, and where it stands."""

    ms: int
    start: int


class QueryOptions(msgspec.Struct):
    """What the program says of its queries, by where they start."""

    names: dict[int, str] = msgspec.field(default_factory=dict)
    errors: dict[int, dict[str, StreamOption]] = msgspec.field(default_factory=dict)
    """The options of error strategies, of the queries that have any."""
    ends: dict[int, int] = msgspec.field(default_factory=dict)
    """Where it says that OUTPUT FIRST gives its rows at the end of a batch."""
    ttls: dict[int, TimeToLive] = msgspec.field(default_factory=dict)
    problems: list[Diagnostic] = msgspec.field(default_factory=list)


def query_options(
    source: SourceText, statements: Iterable[Statement], put_in: PutIn | None
) -> QueryOptions:
    """The options of all queries, and what is wrong with them; variables are put into names."""
    found = QueryOptions()
    places: dict[str, int] = {}

    def report(offset: int, message: str, hint: str | None = None) -> None:
        found.problems.extend(source.problem(offset, message, hint).diagnostics)

    for statement in statements:
        if not isinstance(statement, Query):
            continue
        seen: set[str] = set()
        for option in statement.options:
            key = option.key.lower() if option.key.lower() == "name" else option.key
            if key not in _KNOWN and not _is_of_errors(key):
                report(option.start, *_unknown(key))
            elif key in seen:
                report(option.start, f"this query sets {key!r} twice")
            elif option.value is not None and key not in _KNOWN:
                given = StreamOption(Secret(option.value), place_of(source, option.start))
                found.errors.setdefault(statement.start, {})[key] = given
            elif option.value is not None:
                try:
                    text = option.value if put_in is None else put_in(option.value)
                    if key == "name":
                        _check_name(source, text, places)
                        found.names[statement.start] = text
                        places[text] = option.value_start
                    elif key == "state.ttl":
                        found.ttls[statement.start] = TimeToLive(_ttl(text), option.start)
                    else:
                        found.ends[statement.start] = option.start
                        _check_end(text)
                except OptionError as error:
                    report(option.value_start, error.message, error.hint)
            seen.add(key)
    return found


def _ttl(text: str) -> int:
    try:
        return int(parse_setting("state.ttl", text))
    except ValueError as error:
        raise OptionError(*error.args) from None


def _check_end(text: str) -> None:
    if text.lower() != "end":
        message = f"emit is 'end', for OUTPUT FIRST, not {text!r}"
        raise OptionError(message, "leave it out: rows come at once")


def _check_name(source: SourceText, name: str, places: Mapping[str, int]) -> None:
    if not (name.strip() and name.isprintable()):
        raise OptionError("the name of a query is a printable text")
    if name in places:
        place = source.position(places[name])
        raise OptionError(f"the query at {place} is called {name!r} already")


def _is_of_errors(key: str) -> bool:
    return key.startswith("error.") or key == "on.fail"


def _unknown(key: str) -> tuple[str, str]:
    if key.startswith(_LATER):
        return f"option '{key}' is not supported yet", f"leave it out, it is {PLANNED}"
    of_stream = "." in key and not key.startswith("state.")
    if of_stream or key.lower() in ("type", "extension", "format"):
        return (
            f"option '{key}' is not one of a query",
            "options of a stream stand at its definition: CREATE STREAM … WITH (…)",
        )
    return f"unknown option '{key}' of a query", did_you_mean(key, _KNOWN)
