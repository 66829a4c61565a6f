"""``eventflux explain --format mermaid``: streams and queries as a flowchart."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from eventflux.base.connection_columns import whose_connection
from eventflux.base.error_columns import whose_errors
from eventflux.base.late_columns import whose_late
from eventflux.planner.describe import relation_text, window_text
from eventflux.planner.plan import Project, Scan

if TYPE_CHECKING:
    from eventflux.planner.plan import Plan, Query, Stream

_SHAPES = {"source": ("([", "])"), "sink": ("([", "])"), "internal": ("[", "]")}
_LONGEST = 60
_UNSAFE = re.compile(r"[^\w .,:()*+/=!'-]")


def plan_mermaid(plan: Plan, titles: Mapping[str, str] | None = None) -> str:
    """A flowchart: streams are boxes, those at the outside rounded, queries hexagons.
    ``titles`` are what is said of streams, by name: the guarantees of sinks."""
    return "\n".join(["flowchart LR", *(f"  {line}" for line in _lines(plan, titles or {}))])


def _lines(plan: Plan, titles: Mapping[str, str]) -> Iterator[str]:
    streams = {name: f"s{number}" for number, name in enumerate(plan.streams, 1)}
    for name, stream in plan.streams.items():
        opening, closing = _SHAPES[stream.role]
        label = _label(*_stream_label(stream), *filter(None, [titles.get(name)]))
        yield f"{streams[name]}{opening}{label}{closing}"
    for number, query in enumerate(plan.queries, 1):
        yield f"q{number}{{{{{_label(*_query_label(query))}}}}}"
        yield f"{streams[query.source]} --> q{number}"
        yield f"q{number} --> {streams[query.target]}"
    for name in plan.streams:
        failing = whose_errors(name)
        if failing in streams:
            yield f"{streams[failing]} -. errors .-> {streams[name]}"
        late = whose_late(name)
        if late in streams:
            yield f"{streams[late]} -. late .-> {streams[name]}"
        connected = whose_connection(name)
        if connected in streams:
            yield f"{streams[connected]} -. connection .-> {streams[name]}"


def _stream_label(stream: Stream) -> Iterator[str]:
    yield stream.name
    if stream.extension is not None:
        yield f"{stream.role} {stream.extension}" + (f", {stream.format}" if stream.format else "")
    if stream.window is not None:
        yield window_text(stream.window)


def _query_label(query: Query) -> Iterator[str]:
    yield query.name
    for relation in query.operators:
        if not isinstance(relation, Scan | Project):
            yield relation_text(relation)


def _label(*lines: str) -> str:
    """A text in quotes, each line of it cut to what can be read in a box."""
    cut = [line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…" for line in lines]
    return '"' + "<br/>".join(map(escaped, cut)) + '"'


def escaped(text: str) -> str:
    """A text in which no sign has a meaning in Mermaid or HTML."""
    return _UNSAFE.sub(lambda sign: f"#{ord(sign.group())};", text)
