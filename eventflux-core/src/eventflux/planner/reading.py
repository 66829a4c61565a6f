"""What queries read and write: whether it is there, and where it leads to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from itertools import pairwise

from eventflux.base.connection_columns import whose_connection
from eventflux.base.error_columns import hidden_metadata, whose_errors
from eventflux.base.late_columns import whose_late
from eventflux.base.side_streams import fed_from
from eventflux.base.suggest import did_you_mean
from eventflux.base.types import Schema
from eventflux.planner.connection_streams import connection_stream, no_connection
from eventflux.planner.cycles import find_cycles, longest_chain
from eventflux.planner.error_streams import errors_stream
from eventflux.planner.known import Known
from eventflux.planner.parts import Part
from eventflux.planner.places import place_of
from eventflux.planner.scope import NO_COLUMNS, Shape
from eventflux.planner.streams import is_reserved, reserved_name
from eventflux.sql.ast import Name

MOST_CHAINED = 500
"""The most queries in a row: each may take a call inside that of the one before."""
_HOW_TO_DECLARE = "declare it: CREATE STREAM name (column type, …)"


def without_writes_to_views(known: Known, parts: Sequence[Part]) -> list[Part]:
    """The parts but those that insert into what makes its rows itself: views and triggers."""
    views = {part.target.stream for part in parts if part.target.view}
    kept: list[Part] = []
    for part in parts:
        target = part.target
        offset = target.name.start if target.name else part.start
        declared = known.streams.get(target.stream)
        if target.stream in views and not target.view:
            known.refuse(
                offset,
                f"{target.stream!r} is a view: nothing can be inserted into it",
                "insert into another stream, or add to the view with UNION ALL",
            )
        elif declared is not None and declared.trigger is not None:
            known.refuse(
                offset,
                f"{target.stream!r} is a trigger: nothing can be inserted into it",
                "insert into another stream",
            )
        else:
            kept.append(part)
    return kept


def refuse_reserved_targets(known: Known, parts: Iterable[Part]) -> None:
    """Names with a dot are those of what an app makes itself."""
    named = {part.target.name: part.target for part in parts if part.target.name is not None}
    for name, target in named.items():
        if is_reserved(target.stream):
            known.refuse(name.start, *reserved_name(name.text))


def refuse_unknown_sources(known: Known, parts: Sequence[Part], unread: Set[str]) -> None:
    """Look up what is read, and declare what stands beside streams where it is; ``unread`` are
    names that statements may define which could not be read."""
    for name in unread - known.streams.keys():
        known.shapes[name] = NO_COLUMNS
    targets = {part.target.stream for part in parts if part.target.unnamed_of is None}
    names = known.streams.keys() | targets
    inside = {part.target.stream for part in parts} - names
    for part in parts:
        read = part.read_name
        if read is None or whose_late(read.text) in names | inside:
            continue
        failing, connected = whose_errors(read.text), whose_connection(read.text)
        if failing in names:
            _declare_errors(known, failing, read)
        elif connected in names:
            _declare_connection(known, connected, read)
        elif read.text not in names and read.text not in known.shapes:
            name = failing or connected or whose_late(read.text) or read.text
            hint = did_you_mean(name, names) if names else _HOW_TO_DECLARE
            known.refuse(read.start, f"unknown stream {name!r}", hint)
            known.shapes[read.text] = NO_COLUMNS


def _declare_errors(known: Known, failing: str, read: Name) -> None:
    declared = known.streams.get(failing)
    schema = Schema(()) if declared is None else declared.schema
    stream = errors_stream(failing, schema, place_of(known.source, read.start))
    known.streams[read.text], known.shapes[read.text] = stream, Shape(stream.schema)
    for hidden in hidden_metadata(schema):
        message = f"'{hidden}' is that of the error, not the METADATA column of {failing}"
        hint = f"call the column otherwise: name TYPE METADATA FROM '{hidden}'"
        known.warn(read.start, message, hint)


def _declare_connection(known: Known, connected: str, read: Name) -> None:
    beside = connection_stream(connected, place_of(known.source, read.start))
    known.shapes[read.text] = Shape(beside.schema)
    if (problem := no_connection(connected, known.streams)) is None:
        known.streams[read.text] = beside
    else:
        known.refuse(read.start, *problem)


def refuse_cycles(known: Known, parts: Iterable[Part]) -> None:
    """Queries that feed each other, and more in a row than can be run."""
    edges = {(part.reads, part.target.stream): part for part in parts}
    read = {part.reads for part in parts} | known.streams.keys()
    beside = [(owner, name) for name in sorted(read) if (owner := fed_from(name))]
    cycles = find_cycles([*edges, *beside])
    if not cycles:
        _refuse_long_chain(known, edges, beside)
    for cycle in cycles:
        written = [edges[edge] for edge in pairwise(cycle) if edge in edges]
        closing = max(written, key=lambda part: part.start)
        offset = closing.target.name.start if closing.target.name else closing.start
        known.refuse(
            offset,
            f"these queries feed each other in a cycle: {' -> '.join(cycle)}",
            "insert into another stream",
        )
        for stream in cycle:
            known.shapes.setdefault(stream, NO_COLUMNS)


def _refuse_long_chain(
    known: Known, edges: Mapping[tuple[str, str], Part], beside: Iterable[tuple[str, str]]
) -> None:
    """What a row sets off runs in nested calls, of which Python allows a limited number."""
    chain = longest_chain([*edges, *beside])
    for edge in list(pairwise(chain))[MOST_CHAINED:]:
        if edge in edges:
            known.refuse(
                edges[edge].start,
                f"more than {MOST_CHAINED} queries in a row: {chain[0]} -> {chain[1]} -> … "
                f"-> {edge[1]}",
                "let one query do what several do here",
            )
            return
