"""What ``WITH (…)`` at the end of a query says of it: its name."""

from __future__ import annotations

from collections.abc import Iterable

from eventflux.base.errors import Diagnostic
from eventflux.base.suggest import did_you_mean
from eventflux.sql.ast import Query, Statement
from eventflux.sql.source import SourceText
from eventflux.sql.words import PLANNED

_LATER = ("state.", "async.", "watermark.")


def query_names(
    source: SourceText, statements: Iterable[Statement]
) -> tuple[dict[int, str], list[Diagnostic]]:
    """The names that the program gives to queries, by where they start, and what is wrong."""
    names: dict[int, str] = {}
    places: dict[str, int] = {}
    problems: list[Diagnostic] = []

    def report(offset: int, message: str, hint: str | None = None) -> None:
        problems.extend(source.problem(offset, message, hint).diagnostics)

    for statement in statements:
        if not isinstance(statement, Query):
            continue
        for option in statement.options:
            name = option.value
            if option.key.lower() != "name":
                report(option.start, *_unknown(option.key))
            elif statement.start in names:
                report(option.start, "this query sets 'name' twice")
            elif name is not None and not (name.strip() and name.isprintable()):
                report(option.value_start, "the name of a query is a printable text")
            elif name in places:
                place = source.position(places[name])
                report(option.value_start, f"the query at {place} is called {name!r} already")
            elif name is not None:
                names[statement.start] = name
                places[name] = option.value_start
    return names, problems


def _unknown(key: str) -> tuple[str, str]:
    if key.startswith(_LATER):
        return f"option '{key}' is not supported yet", f"leave it out, it is {PLANNED}"
    if key.startswith("error."):
        return (
            f"option '{key}' is for streams",
            "a row that fails in a query follows the error.strategy of the stream that it reads",
        )
    if "." in key or key.lower() in ("type", "extension", "format"):
        return (
            f"option '{key}' is not one of a query",
            "options of a stream stand at its definition: CREATE STREAM … WITH (…)",
        )
    return f"unknown option '{key}' of a query", did_you_mean(key, ["name"])
