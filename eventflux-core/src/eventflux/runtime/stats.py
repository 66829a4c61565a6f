"""The counters of an app as plain data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypedDict

from msgspec.structs import asdict

from eventflux.runtime.async_stage import AsyncStage
from eventflux.runtime.engine import Engine
from eventflux.runtime.observers import Observer
from eventflux.runtime.sink_runner import SinkRunner
from eventflux.runtime.source_runner import SourceRunner
from eventflux.runtime.steps import Steps

Counters = dict[str, int]


class Stats(TypedDict):
    """Counters by name of the stream, query and connector (called as its stream). The sums
    hold whenever nothing is under way.

    - streams: ``received`` messages or rows from outside, of which ``failed`` could not be
      read (or had no event time) and ``returned`` were given back unread; the others gave
      ``decoded`` rows, one each if a message is a row. ``published`` = ``decoded`` + rows of
      queries (``passed`` + ``fired``) + ``error_rows``, which error strategies put there.

      ``errors`` = ``failed`` + those of the queries that read the stream (``failed`` +
      ``fired_failed``) + ``refused`` ones of its sink + ``observer_failed`` rows, which a
      callback raised on; what became of them: ``errors`` = ``dropped`` + ``dead_lettered`` +
      ``fatal``. ``observer_dropped`` rows a slow subscription let go.
    - queries: ``in`` = ``published`` of its input = ``passed`` + ``filtered`` + ``absorbed`` +
      ``late`` + ``failed`` + ``dropped`` + ``queued``; rows made by windows that close are
      ``fired``, or ``fired_failed``, ``fired_filtered`` or ``fired_dropped``; ``discarded`` is what
      a stop dropped.
    - connectors of sources: ``messages`` = ``acknowledged`` + ``rejected`` + ``requeued`` +
      ``in_flight``; ``bytes``, ``in_flight_bytes``, ``retried`` (decoded again), ``reconnects``;
      ``unpublished`` of those in flight wait for a checkpoint.
    - connectors of sinks: ``messages`` = ``confirmed`` + ``refused`` + ``abandoned`` +
      ``queued`` + ``in_flight``; ``bytes``, ``in_flight_bytes``, ``resent`` (of which
      ``retried`` after a refusal), ``reconnects``.
    - checkpoints, where state is stored: how many were ``published`` and ``failed`` (each try
      counts), the ``revision`` of the last one, how long it took (``last_ms``) and what it wrote
      (``last_bytes``), and how long ago it was published (``age_ms``).
    - own counters and gauges: what the connectors that have such figures count of their own
      (``counters`` and ``gauges`` of :class:`eventflux.spi.Source`), by stream and name.
    """

    streams: dict[str, Counters]
    queries: dict[str, Counters]
    connectors: dict[str, Counters]
    own_counters: dict[str, Counters]
    own_gauges: dict[str, Counters]
    checkpoints: Counters


def collect(
    engine: Engine,
    rows_in: Mapping[str, int],
    steps: Steps,
    observers: Mapping[str, Iterable[Observer]],
    sources: Iterable[SourceRunner],
    sinks: Iterable[SinkRunner],
    checkpoints: Counters | None = None,
    stages: Iterable[AsyncStage] = (),
) -> Stats:
    """All counters now. ``rows_in`` are the rows that the API has sent to each stream."""
    published = engine.stream_counters()
    by_stream = {source.spec.stream: source for source in sources}
    streams: dict[str, Counters] = {}
    for stream in dict.fromkeys((*rows_in, *observers)):
        source = by_stream.get(stream)
        watchers = list(observers.get(stream, ()))
        made = steps.errors.rows_made[stream]
        timeless = steps.without_time[stream]
        entered = engine.entered(stream)
        streams[stream] = {
            "received": rows_in.get(stream, 0)
            + steps.noticed[stream]
            + (source.messages if source else 0),
            "decoded": entered - made,
            "failed": timeless + (source.failed if source else 0),
            "returned": steps.returned[stream] + (source.returned if source else 0),
            "published": published.get(stream, 0),
            "error_rows": made,
            **asdict(steps.errors.counts[stream]),
            "observer_failed": sum(watcher.failed for watcher in watchers),
            "observer_dropped": sum(watcher.dropped for watcher in watchers),
        }
    queries = engine.counters()
    for stage in stages:
        query = queries[stage.spec.query]
        query["failed"] += stage.failed
        query["queued"] += stage.under_way
        query["dropped"] += stage.given_up
    runners: list[SourceRunner | SinkRunner] = [*by_stream.values(), *sinks]
    counted = {one.spec.stream: one.connection.own_counters() for one in runners}
    amounts = {one.spec.stream: one.connection.own_gauges() for one in runners}
    return Stats(
        streams=streams,
        queries=queries,
        connectors={one.spec.stream: one.counters() for one in runners},
        own_counters={stream: own for stream, own in counted.items() if own},
        own_gauges={stream: own for stream, own in amounts.items() if own},
        checkpoints=checkpoints or {},
    )
