"""From a plan and how its app stands to the one cause that a stream has no rows."""

from __future__ import annotations

from collections.abc import Iterator

from eventflux.app.why.facts import Facts
from eventflux.app.why.report import Cause, Why
from eventflux.app.why.steps import steps_to
from eventflux.app.why.waiting import Found, waiting
from eventflux.app.why.wording import (
    all_of,
    condition_text,
    having_text,
    query_text,
    row_text,
    rows_text,
    span_text,
)
from eventflux.base.connection_columns import whose_connection
from eventflux.base.side_streams import owner_of
from eventflux.base.timestamps import timestamp_text
from eventflux.planner.describe import quote_name, relation_text
from eventflux.planner.plan import Filter, Having, Plan, Query, Unnest
from eventflux.runtime.standing import ConnectorStanding, Standing

_ERRORS_HINT = "INSERT INTO … SELECT * FROM {stream}.errors shows what fails, and the log tells it"
_LATE_HINT = (
    "a WATERMARK further behind (AS ts - INTERVAL …) or watermark.lateness gives rows more time; "
    "{stream}.late has those that were late"
)


def diagnose(plan: Plan, settings: dict[str, str], standing: Standing, stream: str) -> Why:
    """Why ``stream`` has no output, or that it has some. ``settings`` are those of the app that
    differ from their defaults."""
    facts = Facts(plan, settings, standing)
    found = _found(facts, stream)
    return Why(
        standing.app, stream, found.cause, found.text, found.hint, tuple(steps_to(facts, stream))
    )


def _found(facts: Facts, stream: str) -> Found:
    """The cause, with the whole sentence."""
    standing, name = facts.standing, quote_name(stream)
    if standing.failure is not None:
        return Found("failed", f"Nothing reaches {name}: the app has failed: {standing.failure}")
    if standing.state != "running":
        return _not_running(facts, name)
    if facts.published(stream):
        return _flowing(facts, stream)
    blocked = _blocked(facts, stream)
    text = f"Nothing reaches {name}{' yet' if blocked.yet else ''}: {blocked.text}."
    return Found(blocked.cause, text, blocked.hint)


def _not_running(facts: Facts, name: str) -> Found:
    state = facts.standing.state
    if state != "starting":
        hint = None if state == "stopping" else "start it: app.start(), or eventflux run FILE"
        text = f"Nothing reaches {name}: the app is not running but {state}."
        return Found("not running", text, hint)
    text = f"Nothing reaches {name} yet: the app is starting"
    connectors = [*facts.standing.sinks.values(), *facts.standing.sources.values()]
    missing = [one for one in connectors if one.health.startswith(("not connected", "connecting"))]
    if not missing:
        return Found("not running", f"{text}.")
    hint = "nothing is received before all is connected; app.start.timeout says when it gives up"
    return Found("disconnected", f"{text}, and {_how(missing[0])}.", hint)


# A stream that has had rows


def _flowing(facts: Facts, stream: str) -> Found:
    name, count = quote_name(stream), facts.published(stream)
    sink = facts.standing.sinks.get(stream)
    if sink is not None:
        stuck = _stuck_sink(facts, stream, sink)
        if stuck is not None:
            return stuck
    last_s = facts.last_s(stream)
    last = "" if last_s is None else f", the last {span_text(1000 * last_s)} ago"
    text = f"{name} gives rows: {count:,} so far{last}"
    trouble = next(_trouble(facts, stream), None)
    if trouble is None:
        hint = _UNREAD_HINT.format(stream=name) if facts.unread(stream) else None
        return Found("flows", f"{text}.", hint)
    return Found(trouble.cause, f"{text}; now nothing more comes: {trouble.text}.", trouble.hint)


def _stuck_sink(facts: Facts, stream: str, sink: ConnectorStanding) -> Found | None:
    """Why rows that have come to a sink do not leave it."""
    counted, name = facts.standing.stats["connectors"][stream], quote_name(stream)
    waiting, total = counted["queued"] + counted["in_flight"], counted["messages"]
    if not sink.works:
        text = f"{rows_text(total)} reached {name} and {waiting:,} wait there: {_how(sink)}."
        return Found("disconnected", text, "they are sent when it is connected again")
    if counted["refused"] and not counted["confirmed"]:
        told = facts.error(stream)
        all_refused = all_of(counted["refused"], total, "message")
        text = f"Rows reach {name}, but none leaves it: {sink.label} had {all_refused} refused"
        return Found("refused", f"{text}{told and f': {told}'}.", _destination(sink))
    if waiting and not counted["confirmed"]:
        text = (
            f"{rows_text(total)} reached {name}, but none has left it: {sink.label} has confirmed "
            f"nothing; {counted['queued']:,} wait, {counted['in_flight']:,} are on their way."
        )
        return Found("backpressure", text, "does what it sends to answer?")
    return None


def _destination(sink: ConnectorStanding) -> str:
    return "is there something that takes them on the other side: the queue, its binding, its name?"


def _trouble(facts: Facts, stream: str) -> Iterator[Found]:
    """What is wrong now with the sources of a stream."""
    for source in facts.sources_of(stream):
        connector = facts.standing.sources[source]
        if source in facts.standing.stream_failures:
            failure = facts.standing.stream_failures[source]
            yield Found("failed", f"{connector.label} has stopped: {failure}")
        elif not connector.works:
            yield Found("disconnected", _how(connector))
        elif connector.waits_for:
            yield Found("backpressure", _held_up(connector), _HELD_UP_HINT)


# A stream that has had none


def _blocked(facts: Facts, stream: str) -> Found:
    """Where rows on their way to ``stream`` have got stuck. Of several writers it is the one that
    most rows have come to."""
    writers = facts.plan.writers(stream)
    reached = [query for query in writers if facts.counters(query)["in"]]
    if reached:
        furthest = max(reached, key=lambda query: facts.counters(query)["in"])
        return _in_query(facts, furthest)
    ways = [_blocked(facts, query.source) for query in writers]
    if not writers or facts.enters(stream):
        ways.append(_at_entry(facts, stream))
    return min(ways, key=lambda found: _URGENCY.get(found.cause, 0))


_URGENCY: dict[Cause, int] = {"idle": 2, "ended": 1}
"""Of several ways, one on which something is wrong tells more than one on which nothing came."""


def _in_query(facts: Facts, query: Query) -> Found:
    """Why a query that has had rows has given none."""
    counted = facts.counters(query)
    if counted["fired_failed"]:
        return _failed(facts, query, counted["fired_failed"], "row of its windows")
    if counted["fired_filtered"]:
        return _having(facts, query, counted["fired_filtered"])
    if counted["fired_dropped"]:
        count = rows_text(counted["fired_dropped"])
        return Found("limit", f"DISTINCT, LIMIT or OFFSET of {query_text(query)} let go of {count}")
    if counted["absorbed"]:
        unnest = next((o for o in query.operators if isinstance(o, Unnest)), None)
        return waiting(facts, query) if unnest is None else _nothing_in(facts, query, unnest)
    if counted["queued"]:
        wait = "waits" if counted["queued"] == 1 else "wait"
        text = f"{rows_text(counted['queued'])} {wait} for asynchronous functions of "
        return Found("queued", text + query_text(query), yet=True)
    reasons = {"filtered": _filtered, "failed": _failed, "late": _late, "dropped": _dropped}
    most = max(reasons, key=lambda reason: counted[reason])
    others = [
        f"{counted[reason]:,} {'were late' if reason == 'late' else reason}"
        for reason in reasons
        if reason != most and counted[reason]
    ]
    found = reasons[most](facts, query, counted[most])
    return found.but("; ".join(others)) if others else found


def _filtered(facts: Facts, query: Query, count: int) -> Found:
    filters = [o for o in query.operators if isinstance(o, Filter)]
    havings = [o for o in query.operators if isinstance(o, Having)]
    fate = facts.fate(query)
    turned_away: Filter | Having | None = None
    if fate is not None and fate.what == "filtered" and fate.place is not None:
        at = (fate.place.line, fate.place.column)
        conditions: list[Filter | Having] = [*filters, *havings]
        turned_away = next((o for o in conditions if (o.place.line, o.place.column) == at), None)
    through = fate is not None and fate.what == "entered"
    if turned_away is None and havings and (through or not filters):
        return _having(facts, query, count)
    told = all_of(count, facts.counters(query)["in"])
    last = "" if fate is None or turned_away is None else f"; the last was {row_text(fate.row)}"
    one = turned_away or (filters[0] if len(filters) == 1 and not havings else None)
    if isinstance(one, Having):
        text = f"HAVING {having_text(one)}"
    elif one is not None:
        text = f"the filter {condition_text(one)}"
    else:
        text = "the conditions"
    return Found("filter", f"{text} of {query_text(query)} has turned away {told}{last}")


def _nothing_in(facts: Facts, query: Query, unnest: Unnest) -> Found:
    told = all_of(facts.counters(query)["absorbed"], facts.counters(query)["in"])
    lists = relation_text(unnest).removeprefix("Unnest ")
    text = f"`{lists}` of {query_text(query)} was empty in {told}"
    return Found("filter", text, "NULL, and what is no list, has no elements")


def _having(facts: Facts, query: Query, count: int) -> Found:
    [having] = [o for o in query.operators if isinstance(o, Having)]
    told = f"{count:,} results" if count > 1 else "the only result"
    text = f"HAVING {having_text(having)} of {query_text(query)} did not hold for {told} so far"
    return Found("having", text)


def _failed(facts: Facts, query: Query, count: int, noun: str = "row") -> Found:
    told = (
        all_of(count, max(count, facts.counters(query)["in"]), noun)
        if noun == "row"
        else (rows_text(count))
    )
    error = facts.error_in(query)
    text = f"{told} failed in {query_text(query)}{error and f'; the last: {error}'}"
    home = quote_name(facts.errors_home(query))
    return Found("errors", text, _ERRORS_HINT.format(stream=home))


def _late(facts: Facts, query: Query, count: int) -> Found:
    told = all_of(count, facts.counters(query)["in"])
    text = (
        f"{told} of {quote_name(query.source)} came too late for {query_text(query)}: time had "
        "passed their windows"
    )
    return Found("late", text, _LATE_HINT.format(stream=quote_name(query.source)))


def _dropped(facts: Facts, query: Query, count: int) -> Found:
    told = all_of(count, facts.counters(query)["in"])
    return Found("dropped", f"LIMIT, OFFSET or a rate limit of {query_text(query)} dropped {told}")


# Where rows come in

_BESIDE = {
    "errors": "nothing of {stream} has failed",
    "late": "no row of {stream} was late",
    "connection": "the connection of {stream} has told nothing",
}
"""Why a stream that stands beside another is empty, by its ending."""
_UNREAD_HINT = (
    "no query reads them: INSERT INTO … SELECT * FROM {stream} does, and eventflux tap shows those "
    "to come"
)
_HELD_UP_HINT = "it goes on by itself when there is room again"


def _at_entry(facts: Facts, stream: str) -> Found:
    """Why no row has come in by ``stream``."""
    standing, name = facts.standing, quote_name(stream)
    beside = _BESIDE.get(stream.rpartition(".")[2])
    owner = owner_of(stream)
    connected = whose_connection(stream)
    if connected is not None and facts.unread(stream):
        text = f"what the connection of {quote_name(connected)} tells is kept for nobody"
        return Found("idle", text, _UNREAD_HINT.format(stream=name))
    if owner is not None and beside is not None:
        return Found("idle", beside.format(stream=quote_name(owner)))
    if stream in standing.insight.triggers:
        return _trigger(facts, stream)
    connector = standing.sources.get(stream)
    if connector is None:
        return Found("idle", f"no row has been sent to {name}", f"app.input({stream!r}).send(…)")
    counted = standing.stats["streams"][stream]
    if stream in standing.stream_failures:
        failure = standing.stream_failures[stream]
        return Found("failed", f"{connector.label} has stopped: {failure}")
    if not connector.works:
        return Found("disconnected", _how(connector), "it is tried again until it works")
    if counted["failed"]:
        told = all_of(counted["failed"], counted["received"], "message")
        error = facts.error(stream)
        text = f"{told} of {connector.label} could not be read{error and f'; the last: {error}'}"
        return Found("errors", text, _ERRORS_HINT.format(stream=name))
    if connector.waits_for:
        return Found("backpressure", _held_up(connector), _HELD_UP_HINT, yet=True)
    if connector.health.startswith("ended"):
        return Found("ended", f"{connector.label} has ended without a row")
    where = "" if connector.peer is None else f" to {connector.peer}"
    text = f"{connector.label} is connected{where} and has received nothing"
    return Found("idle", text, connector.when_silent, yet=True)


def _trigger(facts: Facts, stream: str) -> Found:
    """Why a trigger has given no row."""
    due, now = facts.standing.insight.triggers[stream], facts.standing.insight.now
    name = quote_name(stream)
    if due is None:
        return Found(
            "window", f"trigger {name} has not begun: the app's clock has no time", yet=True
        )
    when = f"at {timestamp_text(due)}, in {span_text(due - now)}"
    return Found("window", f"trigger {name} gives its first row {when}", yet=True)


def _how(connector: ConnectorStanding) -> str:
    """``source 'Orders' (rabbitmq) is not connected: …``."""
    health = connector.health
    if health.startswith("failed"):
        return f"{connector.label} has {health}"
    if health.startswith("reconnecting"):
        return f"{connector.label} is not connected but {health}"
    return f"{connector.label} is {health}"


def _held_up(connector: ConnectorStanding) -> str:
    """``source 'Orders' (…) is held up by sink 'Out' (…), where 1,024 messages wait``."""
    return f"{connector.label} is held up by {connector.waits_for[0]}"
