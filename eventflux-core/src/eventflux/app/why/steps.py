"""The way of rows to a stream, step by step, backwards: what came in, what went out."""

from __future__ import annotations

from collections.abc import Iterator

from eventflux.app.why.facts import Facts
from eventflux.app.why.report import Step
from eventflux.app.why.waiting import due_text, holder, holding_text, input_text
from eventflux.app.why.wording import row_text, span_text
from eventflux.base.insight import Fate, Holding
from eventflux.base.timestamps import timestamp_text
from eventflux.planner.describe import quote_name
from eventflux.planner.plan import Query
from eventflux.runtime.standing import ConnectorStanding


def steps_to(facts: Facts, stream: str) -> Iterator[Step]:
    """All steps, the nearest first."""
    for name in facts.streams_to(stream):
        sink = facts.standing.sinks.get(name)
        if sink is not None:
            yield _connector_step(facts, name, sink)
        for query in facts.plan.writers(name):
            yield _query_step(facts, query)
        source = facts.standing.sources.get(name)
        if source is not None:
            yield _connector_step(facts, name, source)
        elif sink is None and not facts.plan.writers(name):
            yield _input_step(facts, name)


def _query_step(facts: Facts, query: Query) -> Step:
    name, target = quote_name(query.name), quote_name(query.target)
    counted = {key: count for key, count in facts.counters(query).items() if count or key == "in"}
    return Step(
        "query",
        query.name,
        f"query {name}, line {query.place.line}: {quote_name(query.source)} → {target}",
        counted,
        tuple(_query_notes(facts, query)),
    )


def _query_notes(facts: Facts, query: Query) -> Iterator[str]:
    fate, holding = facts.fate(query), facts.holding(query)
    if fate is not None:
        yield f"the last row {_fate_text(fate)}: {row_text(fate.row)}"
    if holding is not None and (holding.kept or holding.rows):
        yield f"holds {holding_text(holding)}"
        yield from _waits(facts, holding)
    error = facts.error_in(query)
    if error:
        yield f"the last error: {error}"


def _fate_text(fate: Fate) -> str:
    match fate.what:
        case "filtered":
            return f"was turned away ({fate.place})"
        case "failed":
            return f"failed ({fate.error})"
        case "entered":
            return "came to its state"
        case "unnested":
            return "was unnested"
    return "passed"


def _waits(facts: Facts, holding: Holding) -> Iterator[str]:
    if holding.inputs:
        if holding.due is not None:
            yield f"fires when the watermark has reached {timestamp_text(holding.due)}"
        slowest = holder(holding)
        for one in holding.inputs:
            at = "no row yet" if one.mark is None else timestamp_text(one.mark)
            state = ", ended" if one.ended else ", idle" if one.idle else ""
            held = " ← the watermark" if one is slowest and len(holding.inputs) > 1 else ""
            yield f"watermark of {input_text(one)}: {at}{state}{held}"
    elif holding.due is not None:
        yield due_text(facts, holding, holding.due)


def _connector_step(facts: Facts, stream: str, connector: ConnectorStanding) -> Step:
    stats = facts.standing.stats
    counted = {key: count for key, count in stats["connectors"][stream].items() if count}
    notes = [connector.health]
    if connector.peer is not None:
        notes.append(f"connected to {connector.peer}" if connector.works else connector.peer)
    notes += [f"waits for {what}" for what in connector.waits_for]
    last_s = facts.last_s(stream)
    if last_s is not None:
        notes.append(f"the last row {span_text(1000 * last_s)} ago")
    error = facts.error(stream)
    if error:
        failed = stats["streams"][stream]["errors"]
        notes.append(f"{failed:,} errors, the last: {error}")
    kind = "source" if stream in facts.standing.sources else "sink"
    if kind == "source":
        counted["rows"] = stats["streams"][stream]["decoded"]
    return Step(
        "source" if kind == "source" else "sink", stream, connector.label, counted, tuple(notes)
    )


def _input_step(facts: Facts, stream: str) -> Step:
    last_s = facts.last_s(stream)
    notes = () if last_s is None else (f"the last row {span_text(1000 * last_s)} ago",)
    counted = {"rows": facts.published(stream)}
    return Step("input", stream, f"stream {quote_name(stream)}", counted, notes)
