"""The words of reports: queries, rows, numbers, lengths of time."""

from __future__ import annotations

from collections.abc import Mapping

from eventflux.planner.describe import expression_text, quote_name, relation_text, window_text
from eventflux.planner.plan import Filter, Having, Query, Windowed

_LONGEST_VALUE, _LONGEST_ROW = 80, 400


def query_text(query: Query) -> str:
    """``query big (line 12)``, ``query_2 (line 12)`` where it has no name of its own."""
    title = "" if query.name.startswith("query_") else "query "
    return f"{title}{quote_name(query.name)} (line {query.place.line})"


def condition_text(condition: Filter) -> str:
    """The condition as SQL, in backquotes."""
    return f"`{expression_text(condition.condition)}`"


def window_of_text(windowed: Windowed) -> str:
    """```Tumbling 5 min, from the epoch```."""
    return f"`{window_text(windowed.window)}`"


def having_text(having: Having) -> str:
    """The condition as SQL, aggregates written out, in backquotes."""
    return f"`{relation_text(having).removeprefix('Having ')}`"


def rows_text(count: int, noun: str = "row") -> str:
    """``1 row``, ``1,204 rows``."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def all_of(count: int, total: int, noun: str = "row") -> str:
    """``all 1,204 rows``, ``both rows``, ``the only row``, ``60 of 100 rows``."""
    if count < total:
        return f"{count:,} of {rows_text(total, noun)}"
    if total == 2:
        return f"both {noun}s"
    return f"the only {noun}" if total == 1 else f"all {rows_text(total, noun)}"


def row_text(row: Mapping[str, str]) -> str:
    """``(customer = 'a', amount = 12)``; what is long is cut."""
    values = (f"{quote_name(name)} = {_cut(text, _LONGEST_VALUE)}" for name, text in row.items())
    return f"({_cut(', '.join(values), _LONGEST_ROW)})"


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"


def span_text(ms: float) -> str:
    """A length of time by its two largest units: ``3 s``, ``2 min 5 s``, ``1 h 3 min``."""
    seconds = max(int(ms // 1000), 0)
    if not seconds:
        return f"{max(int(ms), 0)} ms"
    parts: list[str] = []
    for unit, size in (("d", 86_400), ("h", 3600), ("min", 60), ("s", 1)):
        if seconds >= size:
            parts.append(f"{seconds // size} {unit}")
            seconds %= size
        elif parts:
            break
    return " ".join(parts[:2])
