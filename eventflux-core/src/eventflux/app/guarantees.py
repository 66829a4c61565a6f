"""What each sink of a program guarantees, end to end: from the sources that lead to it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Literal

import msgspec

from eventflux.app.error_options import Handling
from eventflux.app.origins import Origin
from eventflux.app.program import Program
from eventflux.app.wiring import ResolvedStream
from eventflux.base.connection_columns import whose_connection
from eventflux.base.errors import Diagnostic
from eventflux.base.side_streams import fed_from
from eventflux.planner.plan import Filter, Project, Query, Scan, Stream, Trigger, Windowed
from eventflux.spi.guarantees import Order, Weakness
from eventflux.spi.sink import SinkFactory
from eventflux.spi.source import SourceFactory

Delivery = Literal["at-least-once", "at-most-once", "unknown"]

_ORDERS: tuple[Order, ...] = ("total", "per key", "none")
"""From strong to weak."""

_LIVE_HINT = "what has to arrive comes by a broker that waits for acknowledgements: rabbitmq"
_UNCONFIRMED_HINT = "what has to arrive goes to a broker that confirms: rabbitmq"
_NOTICE_HINT = "nobody delivers notices again: let them have a sink of their own"
_TRIGGER_HINT = "a state store and WITH (catch_up = true) have each time that was missed give a row"
_STATE_HINT = (
    "a state store keeps it: run --state DIR, which is --set checkpoint.dir=DIR, or "
    "SET checkpoint.dir = 'DIR'"
)
_DROP_HINT = "without error.strategy it is sent again or the app fails; 'dlq' sets it aside"
_UNREAD_HINT = "let a query insert them into a sink: INSERT INTO … SELECT … FROM {}"
_LETTERS_HINT = "\"error.dlq.fallback-strategy\" = 'fail' stops the app and acknowledges nothing"


class Loss(msgspec.Struct, frozen=True):
    """Something on the way to a sink by which a result can be lost, and where it is said."""

    what: str
    """The setting, the connector or the query, in words."""
    why: str
    """What is lost by it."""
    origin: Origin
    hint: str | None = None
    of_state: bool = False
    """Whether it is that a query's state is in memory, which may be so of many."""

    @property
    def reason(self) -> str:
        return f"{self.what}: {self.why}"

    @property
    def where(self) -> str:
        """The place in words."""
        place = self.origin.place
        if self.origin.layer == "sql" and place is not None:
            return f"line {place.line}, column {place.column}"
        return self.origin.shown("the program")


class Guarantee(msgspec.Struct, frozen=True):
    """What is promised of the results that go to ``sink``.

    At-least-once: each result of a message that was acknowledged is safe at the other side,
    or was set aside by an error strategy. A message or row that can't be processed has no
    result; what becomes of it is counted. ``losses`` is what is in the way of that.
    ``unknown`` are streams whose connectors are not installed here. ``order`` is that of
    results, but for what is delivered or sent again.
    """

    sink: str
    losses: tuple[Loss, ...]
    unknown: tuple[str, ...]
    order: Order

    @property
    def delivery(self) -> Delivery:
        if self.losses:
            return "at-most-once"
        return "unknown" if self.unknown else "at-least-once"

    @property
    def title(self) -> str:
        """Delivery and order in a few words."""
        order = {"total": "in order", "per key": "in order per key", "none": "in no order"}
        return f"{self.delivery}, {order[self.order]}"

    def line(self) -> str:
        """The title and what is behind it."""
        queries = sum(loss.of_state for loss in self.losses)
        together = f"{queries} queries keep their state in memory"
        behind = [
            *dict.fromkeys(
                together if loss.of_state and queries > 1 else loss.what for loss in self.losses
            ),
            *map(_unknown, self.unknown),
        ]
        return self.title + (f": {'; '.join(behind)}" if behind else "")

    def lines(self) -> Iterator[str]:
        """The title, then each loss with its place, then what is not known."""
        yield f"delivery: {self.title}"
        yield from (f"- {loss.where}: {loss.reason}" for loss in self.losses)
        yield from (f"- {_unknown(stream)}" for stream in self.unknown)


def guarantees(program: Program) -> tuple[Guarantee, ...]:
    """That of every sink, in the order of their definition."""
    return tuple(
        _guarantee(program, resolved)
        for resolved in program.wiring.streams.values()
        if resolved.stream.role == "sink"
    )


def not_at_least_once(program: Program) -> tuple[Diagnostic, ...]:
    """An error for each reason why a sink does not guarantee at-least-once."""
    found: list[Diagnostic] = []
    for guarantee in guarantees(program):
        told = f"sink {guarantee.sink!r} is {guarantee.delivery}"
        for loss in guarantee.losses:
            found.append(loss.origin.diagnostic(f"{told}: {loss.reason}", loss.hint))
        for stream in guarantee.unknown:
            origin = _origin(program.wiring.streams[stream], None)
            told = f"sink {guarantee.sink!r} is not known to be at-least-once"
            found.append(origin.diagnostic(f"{told}: {_unknown(stream)}"))
    return tuple(found)


def guarantees_data(program: Program) -> list[dict[str, Any]]:
    """The same as plain data, for JSON."""
    return [
        {
            "sink": guarantee.sink,
            "delivery": guarantee.delivery,
            "order": guarantee.order,
            "losses": [
                {
                    "reason": loss.reason,
                    "hint": loss.hint,
                    "line": loss.origin.place and loss.origin.place.line,
                    "column": loss.origin.place and loss.origin.place.column,
                }
                for loss in guarantee.losses
            ],
            "unknown": list(guarantee.unknown),
        }
        for guarantee in guarantees(program)
    ]


def _guarantee(program: Program, sink: ResolvedStream) -> Guarantee:
    way = _way_to(program, sink.stream.name)
    streams = program.wiring.streams
    sources = [r for name, r in streams.items() if name in way and r.stream.role == "source"]
    losses = [loss for source in sources for loss in _source_losses(source)]
    if program.store is None:
        losses += (loss for query in program.plan.queries for loss in _state_losses(query, way))
    losses += (loss for query in program.plan.queries for loss in _notice_losses(query, way))
    for stream in program.plan.streams.values():
        if stream.name in way and stream.trigger is not None:
            losses += _trigger_losses(stream, stream.trigger, stored=program.store is not None)
    losses += (loss for handling in program.handlings for loss in _letter_losses(handling, way))
    losses += _sink_losses(sink)
    losses += _unread_losses(program, sink)
    outside = [*sources, sink]
    unknown = [one.stream.name for one in outside if one.stream.extension and not one.factory]
    orders = (
        one.factory.order(one.connector_options)
        for one in outside
        if one.factory is not None and one.connector_options is not None
    )
    order = max(orders, key=_ORDERS.index, default=_ORDERS[0])
    return Guarantee(sink.stream.name, tuple(losses), tuple(unknown), order)


def _way_to(program: Program, sink: str) -> frozenset[str]:
    """The streams whose rows can lead to ``sink``, also as errors, itself among them."""
    seen, waiting = {sink}, [sink]
    while waiting:
        name = waiting.pop()
        before = {query.source for query in program.plan.writers(name)}
        before |= {h.stream for h in _letters_to(program.handlings, name)}
        if (owner := fed_from(name)) is not None:
            before.add(owner)
        waiting += before - seen
        seen |= before
    return frozenset(seen)


def _letters_to(handlings: Iterable[Handling], stream: str) -> Iterator[Handling]:
    return (h for h in handlings if h.options.error_dlq_stream == stream)


def _source_losses(source: ResolvedStream) -> Iterator[Loss]:
    factory, options = source.factory, source.connector_options
    if not isinstance(factory, SourceFactory):
        return
    who = f"source {source.stream.name!r} ({source.connector})"
    if factory.kind == "live":
        why = "what comes while nobody listens, or is under way, is gone"
        yield Loss(f"{who} is live", why, _origin(source, None), _LIVE_HINT)
    elif options is not None:
        yield from _weak(source, who, factory.weaknesses(options))


def _sink_losses(sink: ResolvedStream) -> Iterator[Loss]:
    factory, options = sink.factory, sink.connector_options
    who = f"sink {sink.stream.name!r} ({sink.connector})"
    if isinstance(factory, SinkFactory):
        if not factory.confirms:
            why = "what is under way may not arrive"
            yield Loss(f"{who} gets no confirmation", why, _origin(sink, None), _UNCONFIRMED_HINT)
        elif options is not None:
            yield from _weak(sink, who, factory.weaknesses(options))
    if sink.common.error_strategy == "drop":
        what = f"error.strategy = 'drop' of sink {sink.stream.name!r}"
        why = "what the other side refuses is dropped"
        yield Loss(what, why, _origin(sink, "error.strategy"), _DROP_HINT)


def _unread_losses(program: Program, sink: ResolvedStream) -> Iterator[Loss]:
    """What the sink sets aside where no sink gets it."""
    letters = sink.common.error_dlq_stream
    if sink.common.error_strategy not in ("dlq", "retry") or letters is None:
        return
    others = (r.stream.name for r in program.wiring.streams.values() if r.stream.role == "sink")
    if any(letters in _way_to(program, other) for other in others):
        return
    what = f"no sink gets the dead letters of sink {sink.stream.name!r}"
    why = f"what it refuses ends in {letters}"
    origin = _origin(sink, "error.dlq.stream")
    yield Loss(what, why, origin, _UNREAD_HINT.format(letters))


def _weak(stream: ResolvedStream, who: str, weaknesses: Iterable[Weakness]) -> Iterator[Loss]:
    for weakness in weaknesses:
        what = who if weakness.option is None else f"{weakness.option} of {who}"
        yield Loss(what, weakness.reason, _origin(stream, weakness.option), weakness.hint)


def _state_losses(query: Query, way: frozenset[str]) -> Iterator[Loss]:
    if query.target not in way:
        return
    held = next((o for o in query.operators if not isinstance(o, Scan | Filter | Project)), None)
    if held is not None:
        kept = "its open window" if isinstance(held, Windowed) else "what it has summed up"
        what = f"query {query.name!r} keeps its state in memory"
        why, origin = f"{kept} ends with the process", Origin("sql", held.place)
        yield Loss(what, why, origin, _STATE_HINT, of_state=True)


def _notice_losses(query: Query, way: frozenset[str]) -> Iterator[Loss]:
    if whose_connection(query.source) is not None and query.target in way:
        what = f"query {query.name!r} reads {query.source}"
        why = "a notice is lost when the process ends before it has arrived"
        yield Loss(what, why, Origin("sql", query.place), _NOTICE_HINT)


def _trigger_losses(stream: Stream, trigger: Trigger, *, stored: bool) -> Iterator[Loss]:
    """A trigger at the start gives its row again at the next one, and one that catches up gives
    all behind the last checkpoint again."""
    if (trigger.every_ms is None and trigger.cron is None) or (stored and trigger.catch_up):
        return
    why = "a row that is under way when the process dies is not given again"
    yield Loss(f"trigger {stream.name!r}", why, Origin("sql", stream.place), _TRIGGER_HINT)


def _letter_losses(handling: Handling, way: frozenset[str]) -> Iterator[Loss]:
    options = handling.options
    set_aside = options.error_strategy in ("dlq", "retry") and options.error_dlq_stream in way
    if not set_aside or options.error_dlq_fallback_strategy == "fail":
        return
    name = "error.dlq.fallback-strategy"
    text = handling.texts.get(name) or handling.texts.get("error.dlq.stream")
    origin = Origin("sql", handling.place) if text is None else text.origin
    what = f"{name} = '{options.error_dlq_fallback_strategy}' of {handling.owner}"
    yield Loss(
        what, "a dead letter that is not taken is only logged at last", origin, _LETTERS_HINT
    )


def _origin(stream: ResolvedStream, option: str | None) -> Origin:
    """Where an option was given, else what binds the stream to its connector."""
    text = stream.texts.get(option or "extension") or stream.texts.get("extension")
    return Origin("sql", stream.stream.place) if text is None else text.origin


def _unknown(stream: str) -> str:
    return f"the connector of {stream!r} is not installed: what it guarantees is not known here"
