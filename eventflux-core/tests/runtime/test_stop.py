"""Stops in every state, and within their time, whatever the connectors do."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from itertools import repeat
from typing import Any

import pytest
from msgspec.structs import replace

from eventflux import EventFluxManager
from eventflux.base.errors import StartError, UsageError
from eventflux.runtime import lifecycle
from eventflux.testing.scripted import (
    Delay,
    Hang,
    Lose,
    Refuse,
    Script,
    ScriptedQueue,
    ScriptedSink,
    ScriptedSource,
    ScriptedSourceFactory,
)


async def test_a_stop_ends_a_start_that_is_under_way(bench: Any, settled: Any) -> None:
    run = bench(opens=[Hang()])
    starting = asyncio.ensure_future(run.app.start())
    await settled()
    assert run.app.state == "starting"
    await asyncio.gather(run.app.stop(), run.app.stop())
    with pytest.raises(StartError, match="app 'bench': stopped before everything was open"):
        await starting
    assert run.app.state == "stopped"
    assert run.made_sinks[0].calls == ["open", "close"]
    run.put(1)
    await run.run_to_end()
    assert run.arrived == [1]


async def test_a_stop_in_the_moment_when_all_is_open(
    bench: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = bench()
    open_everything = lifecycle._open_everything
    stopping: list[asyncio.Task[None]] = []

    async def opened_and_stopped(app: Any) -> None:
        await open_everything(app)
        stopping.append(asyncio.ensure_future(app.stop()))

    monkeypatch.setattr(lifecycle, "_open_everything", opened_and_stopped)
    with pytest.raises(StartError, match="stopped before everything was open"):
        await run.app.start()
    async with asyncio.timeout(5):
        await stopping[0]
    assert run.app.state == "stopped"
    assert run.made_sources[0].calls == ["open", "close"]


def test_a_stop_from_another_thread_ends_a_start() -> None:
    manager = EventFluxManager(plugins=False)
    factory = ScriptedSourceFactory(ScriptedQueue(), opens=Script([Hang()]))
    factory.formats = ()  # type: ignore[misc]
    manager.context.add_source_factory("scripted", factory)
    app = manager.create_app(
        "CREATE STREAM A (x LONG) WITH (type = 'source', extension = 'scripted')"
    )
    raised: list[BaseException] = []

    def start() -> None:
        try:
            app.start()
        except BaseException as error:
            raised.append(error)

    starter = threading.Thread(target=start)
    starter.start()
    while not (factory.made and factory.made[0].calls):
        threading.Event().wait(0.001)
    app.stop()
    starter.join(10)
    assert [type(error) for error in raised] == [StartError]
    assert app.state == "stopped"
    with app:
        assert len(factory.made) == 2


async def test_the_failure_of_a_start_is_kept_until_the_next(bench: Any) -> None:
    run = bench(opens=[Refuse(reason="wrong password")])
    with pytest.raises(StartError) as raised:
        await run.app.start()
    assert run.app.state == "failed"
    assert run.app.failure is raised.value
    assert run.app.finished.is_set()
    await run.app.start()
    assert run.app.failure is None
    await run.app.stop()


@pytest.mark.parametrize("side", ["source", "sink"])
async def test_a_stop_while_reconnecting(bench: Any, settled: Any, side: str) -> None:
    limits = replace(bench().limits, stop=0.02)
    if side == "source":
        run = bench(receives=[None, Lose("cut")], opens=[None, Hang()], max_batch=1, limits=limits)
    else:
        run = bench(
            sends=[None, Lose("cut")], sink_opens=[None, Hang()], limits=limits, max_batch=1
        )
    run.put(1, 2)
    await run.app.start()
    await settled()
    assert "reconnecting: cut" in str(run.app.health())
    async with asyncio.timeout(5):
        await run.app.stop()
    assert run.app.state == "stopped"
    assert run.app.drained == (side == "source")
    assert set(run.app.health().values()) == {"stopped"}
    run.check_counters()
    await run.run_to_end()
    assert run.arrived == [1, 2]


async def test_a_stop_while_starting_with_what_is_unreachable(bench: Any, settled: Any) -> None:
    limits = replace(bench().limits, start=60.0)
    run = bench(opens=repeat(Lose("nobody listens")), limits=limits)
    starting = asyncio.ensure_future(run.app.start())
    await settled()
    await run.app.stop()
    with pytest.raises(StartError):
        await starting


async def test_a_sink_that_raises_in_close_does_not_keep_the_others_open(
    bench: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    run = bench(sinks=("Out", "Out2"))
    close = ScriptedSink.close

    async def broken_close(sink: ScriptedSink) -> None:
        await close(sink)
        if sink is run.made_sinks[0]:
            raise RuntimeError("no more")

    monkeypatch.setattr(ScriptedSink, "close", broken_close)
    run.put(1)
    await run.run_to_end()
    assert [sink.calls for sink in run.made_sinks] == [["open", "close"]] * 2
    assert run.app.state == "stopped"
    assert "sink 'Out' (scripted): this program broke its contract: close raised" in caplog.text


async def test_a_source_that_raises_in_stop_is_closed_all_the_same(
    bench: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken_stop(source: ScriptedSource) -> None:
        raise RuntimeError("no more")

    monkeypatch.setattr(ScriptedSource, "stop", broken_stop)
    run = bench()
    run.put(1)
    await run.run_to_end()
    assert run.made_sources[0].calls == ["open", "close"]
    assert run.queue.acked == [0]
    assert "this program broke its contract: stop raised RuntimeError: no more" in caplog.text


async def test_a_close_that_hangs_has_what_is_left_of_the_time(
    bench: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def never(connector: Any) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(ScriptedSink, "close", never)
    monkeypatch.setattr(ScriptedSource, "close", never)
    monkeypatch.setattr("eventflux.runtime.lifecycle._LEAST_CLOSE", 0.01)
    run = bench(limits=replace(bench().limits, connect=600.0, stop=0.02))
    await run.app.start()
    async with asyncio.timeout(5):
        await run.app.stop()
    assert run.app.state == "stopped"
    assert caplog.text.count("close took longer than 0.0 s") == 2


async def test_a_send_that_can_not_be_cancelled_is_left_behind(
    bench: Any, settled: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    released = asyncio.Event()

    async def deaf(sink: ScriptedSink, batch: Any) -> Sequence[Any]:
        while not released.is_set():
            try:
                await released.wait()
            except asyncio.CancelledError:
                continue
        return ()

    monkeypatch.setattr(ScriptedSink, "send", deaf)
    monkeypatch.setattr("eventflux.runtime.lifecycle._LEAST_CLOSE", 0.01)
    run = bench(limits=replace(bench().limits, stop=0.02))
    run.put(1)
    await run.app.start()
    await settled()
    async with asyncio.timeout(5):
        await run.app.stop()
    assert "broke its contract: send goes on though it was cancelled (1 of them)" in caplog.text
    counted = run.app.stats()["connectors"]
    released.set()
    await settled()
    assert run.app.stats()["connectors"] == counted
    assert run.queue.acked == []
    run.check_counters()


async def test_what_is_confirmed_while_the_source_closes_is_settled_once(
    bench: Any, settled: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = bench(sends=[Hang()], limits=replace(bench().limits, stop=0.02))
    close = ScriptedSource.close

    async def confirming_close(source: ScriptedSource) -> None:
        for batch in run.app.sinks[0]._sending._under_way.values():
            batch.confirm()
        await close(source)

    monkeypatch.setattr(ScriptedSource, "close", confirming_close)
    run.put(1, 2)
    await run.app.start()
    await settled()
    await run.app.stop()
    counted = run.app.stats()["connectors"]["In"]
    assert (counted["requeued"], counted["acknowledged"], counted["in_flight"]) == (2, 0, 0)


async def test_a_failure_while_stopping_does_not_start_another_stop(bench: Any) -> None:
    run = bench(sends=repeat(Delay(5)))
    run.put(1)
    await run.app.start()
    stopping = asyncio.ensure_future(run.app.stop())
    await asyncio.sleep(0)
    failure = UsageError("while stopping")
    run.app.fail(failure)
    await stopping
    assert run.app.state == "failed"
    assert run.app.failure is failure
    assert run.made_sinks[0].calls.count("close") == 1


async def test_counters_only_grow_over_stops_and_starts(bench: Any) -> None:
    run = bench(receives=[None, Lose("cut")])
    before: dict[str, int] = {}
    for number in range(3):
        run.queue.finite = False
        run.put(number)
        await run.run_to_end()
        now = {
            f"{group}.{name}.{key}": count
            for group, counters in run.app.stats().items()
            for name, counted in counters.items()
            for key, count in counted.items()
            if not key.startswith(("in_flight", "queued"))
        }
        assert all(now[key] >= count for key, count in before.items())
        assert now["connectors.In.messages"] == number + 1
        before = now
    assert run.arrived == [0, 1, 2]
