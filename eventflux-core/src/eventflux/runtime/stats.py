"""The counters of an app as plain data, and the health of its connectors in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypedDict

from eventflux.runtime.engine import Engine
from eventflux.runtime.observers import Observer
from eventflux.runtime.sink_runner import SinkRunner
from eventflux.runtime.source_runner import SourceRunner

Counters = dict[str, int]


class Stats(TypedDict):
    """Counters by name of the stream, query and connector (called as its stream).

    - streams: ``received`` messages or rows from outside, ``decoded`` rows of them,
      ``failed`` messages that could not be decoded and rows without event time,
      ``published`` rows,
      ``observer_failed`` rows that a callback raised on and ``observer_dropped`` rows that
      a slow subscription let go.
    - queries: ``in`` = ``passed`` + ``filtered`` + ``absorbed`` + ``failed``; ``fired``,
      ``discarded``.
    - connectors of sources: ``messages`` = ``acknowledged`` + ``rejected`` + ``requeued`` +
      ``in_flight``; ``bytes``, ``reconnects``, ``in_flight_bytes``.
    - connectors of sinks: ``messages`` = ``confirmed`` + ``refused`` + ``abandoned`` +
      ``queued`` + ``in_flight``; ``bytes``, ``resent``, ``reconnects``, ``queued_bytes``,
      ``in_flight_bytes``.
    """

    streams: dict[str, Counters]
    queries: dict[str, Counters]
    connectors: dict[str, Counters]


def collect(
    engine: Engine,
    rows_in: Mapping[str, int],
    without_time: Mapping[str, int],
    observers: Mapping[str, Iterable[Observer]],
    sources: Iterable[SourceRunner],
    sinks: Iterable[SinkRunner],
) -> Stats:
    """All counters now. ``rows_in`` are the rows that the API has sent to each stream,
    ``without_time`` those that had no event time."""
    published = engine.stream_counters()
    streams: dict[str, Counters] = {}
    for stream, rows in rows_in.items():
        watchers = list(observers.get(stream, ()))
        streams[stream] = {
            "received": rows,
            "decoded": rows,
            "failed": without_time.get(stream, 0),
            "published": published.get(stream, 0),
            "observer_failed": sum(watcher.failed for watcher in watchers),
            "observer_dropped": sum(watcher.dropped for watcher in watchers),
        }
    connectors: dict[str, Counters] = {}
    for source in sources:
        counters = streams[source.spec.stream]
        counters["received"] += source.messages
        counters["decoded"] += source.decoded
        counters["failed"] += source.failed
        connectors[source.spec.stream] = source.counters()
    for sink in sinks:
        connectors[sink.spec.stream] = sink.counters()
    return Stats(streams=streams, queries=engine.counters(), connectors=connectors)
