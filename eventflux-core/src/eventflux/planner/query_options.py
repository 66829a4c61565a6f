"""What ``WITH (…)`` at the end of a query says of it: its name, and what becomes of its errors."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from eventflux.base.errors import Diagnostic
from eventflux.base.suggest import did_you_mean
from eventflux.planner.queries import place_of
from eventflux.planner.streams import StreamOption
from eventflux.spi.options import Secret
from eventflux.sql.ast import Query, Statement
from eventflux.sql.source import SourceText
from eventflux.sql.words import PLANNED

_LATER = ("state.", "async.", "watermark.")


@dataclass(slots=True)
class QueryOptions:
    """What the program says of its queries, by where they start."""

    names: dict[int, str] = field(default_factory=dict)
    errors: dict[int, dict[str, StreamOption]] = field(default_factory=dict)
    """The options of error strategies, of the queries that have any."""
    problems: list[Diagnostic] = field(default_factory=list)


def query_options(source: SourceText, statements: Iterable[Statement]) -> QueryOptions:
    """The options of all queries, and what is wrong with them."""
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
            if key != "name" and not _is_of_errors(key):
                report(option.start, *_unknown(key))
                continue
            if key in seen:
                report(option.start, f"this query sets {key!r} twice")
            elif option.value is not None and key == "name":
                problem = _name_problem(source, option.value, places)
                if problem is not None:
                    report(option.value_start, problem)
                else:
                    found.names[statement.start] = option.value
                    places[option.value] = option.value_start
            elif option.value is not None:
                given = StreamOption(Secret(option.value), place_of(source, option.start))
                found.errors.setdefault(statement.start, {})[key] = given
            seen.add(key)
    return found


def _name_problem(source: SourceText, name: str, places: Mapping[str, int]) -> str | None:
    if not (name.strip() and name.isprintable()):
        return "the name of a query is a printable text"
    if name in places:
        return f"the query at {source.position(places[name])} is called {name!r} already"
    return None


def _is_of_errors(key: str) -> bool:
    return key.startswith("error.") or key == "on.fail"


def _unknown(key: str) -> tuple[str, str]:
    if key.startswith(_LATER):
        return f"option '{key}' is not supported yet", f"leave it out, it is {PLANNED}"
    if "." in key or key.lower() in ("type", "extension", "format"):
        return (
            f"option '{key}' is not one of a query",
            "options of a stream stand at its definition: CREATE STREAM … WITH (…)",
        )
    return f"unknown option '{key}' of a query", did_you_mean(key, ["name"])
