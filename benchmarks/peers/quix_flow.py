"""The jobs as Quix Streams dataframes, without the broker that it takes its messages from.

Each payload is decoded, run through the composed dataframe in a message context and encoded, as
its application does for each message. Kafka's part (polling, producing, offsets) and the commits
of its state store are left out, in its favour.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from contextvars import copy_context
from typing import Any

import orjson
import quixstreams.dataframe.windows.aggregations as agg
from quixstreams import Application
from quixstreams.context import set_message_context
from quixstreams.models import MessageContext, Topic, TopicConfig

from benchmarks.peers.worker import Pass

_KAFKA = {"retention.ms": "604800000", "retention.bytes": "-1", "cleanup.policy": "delete"}


def _run(
    batches: Sequence[Sequence[bytes]],
    define: Callable[[Any], Any],
    key_of: Callable[[dict[str, Any]], bytes],
    time_of: Callable[[dict[str, Any]], int],
) -> tuple[int, int]:
    state = tempfile.mkdtemp(prefix="quix-")
    app = Application(
        broker_address="127.0.0.1:9",
        consumer_group="benchmarks",
        loglevel=None,
        use_changelog_topics=False,
        auto_create_topics=False,
        state_dir=state,
    )
    topic = Topic("input", value_deserializer="json")
    topic.broker_config = TopicConfig(1, 1, _KAFKA)
    dataframe = app.dataframe(topic)
    define(dataframe)
    payloads: list[bytes] = []

    def sink(value: Any, key: Any, timestamp: int, headers: Any) -> None:
        payloads.append(orjson.dumps(value))

    execute = app._dataframe_registry.compose_all(sink)["input"]
    app._state_manager.init()
    app._state_manager.on_partition_assign(
        stream_id=dataframe.stream_id, partition=0, committed_offsets={"input": -1001}
    )
    app._processing_context.init_checkpoint()
    results = offset = 0
    start = time.process_time_ns()
    for batch in batches:
        for payload in batch:
            value = orjson.loads(payload)
            offset += 1
            context = copy_context()
            context.run(
                set_message_context,
                MessageContext(topic="input", partition=0, offset=offset, size=len(payload)),
            )
            context.run(execute, value, key_of(value), time_of(value), None)
        results += len(payloads)
        payloads.clear()
    spent = time.process_time_ns() - start
    shutil.rmtree(state, ignore_errors=True)
    return spent, results


def _prioritise(row: dict[str, Any]) -> dict[str, Any]:
    amount = row["amount"]
    row["priority"] = "HIGH" if amount > 1000.0 else "MEDIUM" if amount > 100.0 else "LOW"
    return row


def filter_case(batches: Sequence[Sequence[bytes]]) -> tuple[int, int]:
    return _run(
        batches,
        lambda frame: frame.filter(lambda row: row["amount"] > 50.0).apply(_prioritise),
        key_of=lambda row: b"",
        time_of=lambda row: 0,
    )


def tumbling_bars(batches: Sequence[Sequence[bytes]]) -> tuple[int, int]:
    return _run(
        batches,
        lambda frame: (
            frame.tumbling_window(60_000)
            .agg(
                trades=agg.Count(),
                total=agg.Sum("price"),
                mean=agg.Mean("price"),
                low=agg.Min("price"),
                high=agg.Max("price"),
            )
            .final()
        ),
        key_of=lambda row: row["symbol"].encode(),
        time_of=lambda row: row["ts"],
    )


PASSES: dict[str, Pass] = {"W1": filter_case, "W2": tumbling_bars}
