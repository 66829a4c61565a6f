"""What a sink refuses, what can't be encoded, what can't be decoded, rows that fail."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest
from msgspec.structs import force_setattr

from eventflux.base.errors import PluginError, StreamFailed
from eventflux.spi import SinkMapper, SourceMapper
from eventflux.testing.scripted import Refuse, ScriptedSink, ScriptedSource


async def failed(run: Any) -> Exception:
    """Start, wait until the app has failed, and give the failure."""
    await run.app.start()
    async with asyncio.timeout(5):
        await run.app.stopped.wait()
    assert run.app.state == "failed"
    assert run.app.failure is not None
    failure: Exception = run.app.failure
    return failure


async def test_only_what_is_refused_for_now_is_sent_again(bench: Any) -> None:
    run = bench(
        sends=[
            Refuse((1, 3), transient=True, reason="queue is full"),
            Refuse((0,), transient=True),
        ]
    )
    run.put(*range(5))
    await run.run_to_end()
    assert run.arrived == [0, 2, 4, 3, 1]
    assert run.queue.acked == [0, 1, 2, 3, 4]
    assert run.app.stats()["connectors"]["Out"]["resent"] == 3
    assert run.app.failure is None
    run.check_counters()


async def test_order_is_kept_over_refusals_with_one_in_flight(bench: Any) -> None:
    run = bench(sends=[None, Refuse((0,), transient=True)] * 5, max_in_flight=1)
    run.put(*range(8))
    await run.run_to_end()
    assert run.arrived == list(range(8))


async def test_a_message_that_stays_refused_holds_its_batch_open(bench: Any, settled: Any) -> None:
    run = bench(sends=[Refuse((0,), transient=True)] * 40)
    run.put(1, 2)
    await run.app.start()
    await settled(20)
    assert run.arrived == [2]
    assert run.queue.acked == []
    assert "refused for now" in run.app.health()["Out"]
    await settled(400)
    assert run.arrived == [2, 1]
    assert run.queue.acked == [0, 1]
    assert run.app.health()["Out"] == "running"
    await run.app.stop()


async def test_a_refusal_fails_the_app_and_gives_the_batch_back(bench: Any) -> None:
    run = bench(sends=[Refuse((1,), reason="no queue is bound", hint="bind one")])
    run.put(1, 2, 3)
    failure = await failed(run)
    assert isinstance(failure, StreamFailed)
    assert "sink 'Out' (scripted)" in str(failure)
    assert "no queue is bound" in str(failure)
    assert failure.hint == "bind one"
    assert run.queue.acked == []
    assert run.queue.requeued == [0, 1, 2]
    assert list(run.queue.waiting) == [0, 1, 2]
    run.check_counters()


async def test_a_refusal_is_dropped_where_told_and_its_neighbours_stand(
    bench: Any, caplog: pytest.LogCaptureFixture
) -> None:
    run = bench(
        sends=[Refuse((1,), reason="no queue is bound")], sink_options={"error.strategy": "drop"}
    )
    run.put(1, 2, 3)
    await run.run_to_end()
    assert run.arrived == [1, 3]
    assert run.queue.acked == [0, 1, 2]
    assert run.app.stats()["connectors"]["Out"]["refused"] == 1
    assert "no queue is bound" in caplog.text
    assert "'Out'" in caplog.text
    run.check_counters()


@pytest.mark.parametrize("strategy", ["drop", "fail"])
async def test_a_row_that_cannot_be_encoded(bench: Any, strategy: str) -> None:
    run = bench(sink_options={"error.strategy": strategy})
    run.put(1, -2, 3)
    if strategy == "drop":
        await run.run_to_end()
        assert run.queue.acked == [0, 1, 2]
    else:
        failure = await failed(run)
        assert "-2 is negative" in str(failure)
        assert run.queue.acked == []
    assert run.app.stats()["connectors"]["Out"]["refused"] == 1
    run.check_counters()


async def test_a_payload_that_is_no_row_is_rejected_alone(
    bench: Any, caplog: pytest.LogCaptureFixture
) -> None:
    run = bench()
    run.put(1, b"junk", 3)
    await run.run_to_end()
    assert run.arrived == [1, 3]
    assert run.queue.acked == [0, 2]
    assert run.queue.rejected == [1]
    assert run.queue.requeued == []
    counted = run.app.stats()
    assert {name: count for name, count in counted["streams"]["In"].items() if count} == {
        "received": 3,
        "decoded": 2,
        "failed": 1,
        "published": 2,
        "errors": 1,
        "dropped": 1,
    }
    assert "stream 'In': message 2 can't be decoded" in caplog.text
    assert "b'junk' is no number" in caplog.text


async def test_a_bad_payload_fails_the_app_where_told(bench: Any) -> None:
    run = bench(source_options={"error.strategy": "fail"})
    run.put(1, 2, b"junk", 4)
    failure = await failed(run)
    assert "message 3 can't be decoded" in str(failure)
    assert "source 'In'" in str(failure)
    # What came before it stands; it and what follows go back to the queue.
    assert run.arrived == [1, 2]
    assert run.queue.acked == [0, 1]
    assert run.queue.requeued == [2, 3]
    run.check_counters()


async def test_a_message_that_is_too_large_follows_the_strategy(bench: Any) -> None:
    run = bench(source_options={"max.message.bytes": "4"})
    run.put(1, 123456, b"junk", 4444)
    await run.run_to_end()
    assert run.arrived == [1, 4444]
    assert run.queue.rejected == [1, 2]


async def test_dropped_messages_do_not_flood_the_log(
    bench: Any, caplog: pytest.LogCaptureFixture
) -> None:
    run = bench()
    run.put(*[b"junk"] * 500)
    await run.run_to_end()
    assert len([r for r in caplog.records if "can't be decoded" in r.getMessage()]) == 5
    assert run.app.stats()["streams"]["In"]["failed"] == 500


async def test_drops_are_logged_at_the_level_asked_for(
    bench: Any, caplog: pytest.LogCaptureFixture
) -> None:
    run = bench(source_options={"error.log-level": "error"})
    run.put(b"junk")
    await run.run_to_end()
    assert [r.levelno for r in caplog.records if "junk" in r.getMessage()] == [logging.ERROR]


def divide(value: int) -> list[tuple[str, int]]:
    return [("Out", 100 // value)]


async def test_a_row_that_fails_in_a_query_is_counted_and_acknowledged(
    bench: Any, caplog: pytest.LogCaptureFixture
) -> None:
    run = bench(query=divide)
    run.put(1, 0, 5)
    await run.run_to_end()
    assert run.arrived == [100, 20]
    assert run.queue.acked == [0, 1, 2]
    assert run.queue.rejected == []
    assert "division" in caplog.text
    assert "query_1" in caplog.text
    assert run.app.stats()["queries"]["query_1"]["failed"] == 1


async def test_a_row_that_fails_stops_the_app_where_told(bench: Any) -> None:
    run = bench(query=divide, source_options={"error.strategy": "fail"})
    run.put(1, 2, 0, 4)
    failure = await failed(run)
    assert "query 'query_1'" in str(failure)
    assert "division" in str(failure)
    assert isinstance(failure.__cause__, ZeroDivisionError)
    assert run.arrived == [100, 50]
    assert run.queue.acked == [0, 1]
    assert run.queue.requeued == [2, 3]


async def test_a_failed_app_can_be_started_again(bench: Any) -> None:
    run = bench(sends=[Refuse((0,))])
    run.put(1, 2)
    await failed(run)
    await run.run_to_end()
    assert run.app.state == "stopped"
    assert run.app.failure is None
    # Its neighbour was safe already, and comes again with the batch.
    assert run.arrived == [2, 1, 2]
    assert run.queue.acked == [0, 1]
    run.check_counters()


@pytest.mark.parametrize(
    ("broken", "call"),
    [(ScriptedSource, "receive"), (ScriptedSource, "settle"), (ScriptedSink, "send")],
)
async def test_a_connector_that_breaks_its_contract_is_named(
    bench: Any, monkeypatch: pytest.MonkeyPatch, broken: type, call: str
) -> None:
    def raise_it(self: Any, *args: Any, **kwargs: Any) -> Any:
        raise KeyError("lost its mind")

    monkeypatch.setattr(broken, call, raise_it)
    run = bench()
    run.put(1)
    failure = await failed(run)
    assert isinstance(failure, PluginError)
    assert f"{call} raised KeyError" in str(failure)
    assert "(scripted)" in str(failure)
    assert run.queue.acked == []


@pytest.mark.parametrize("side", ["decode", "encode"])
async def test_a_mapper_that_breaks_its_contract_is_named(bench: Any, side: str) -> None:
    class Broken(SourceMapper, SinkMapper):
        def decode(self, payloads: Any) -> Any:
            raise KeyError("lost its mind")

        def encode(self, rows: Any) -> Any:
            raise KeyError("lost its mind")

    run = bench()
    spec = run.app.sources[0].spec if side == "decode" else run.app.sinks[0].spec
    force_setattr(spec, "mapper", Broken())
    run.put(1)
    failure = await failed(run)
    assert isinstance(failure, PluginError)
    assert f"{side} raised KeyError" in str(failure)
    assert run.queue.acked == []
