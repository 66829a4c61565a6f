"""Start and stop: their order, what fails together, what is rolled back, how long it takes."""

from __future__ import annotations

import asyncio
from itertools import repeat
from typing import Any

import pytest
from msgspec.structs import replace

from eventflux.base.errors import RefusedError, StreamFailed, UnreachableError
from eventflux.runtime.backoff import Backoff
from eventflux.spi import Reconnection
from eventflux.testing.scripted import Delay, Hang, Lose, Refuse, ScriptedSink, ScriptedSource


async def test_sinks_open_before_sources_and_close_after_them(
    bench: Any, monkeypatch: pytest.MonkeyPatch, until: Any
) -> None:
    calls: list[str] = []
    for kind, name in ((ScriptedSource, "source"), (ScriptedSink, "sink")):
        for method in ("open", "close", "stop", "receive", "send"):
            original = getattr(kind, method, None)
            if original is None:
                continue

            async def recorded(
                self: Any,
                *args: Any,
                call: str = f"{name}.{method}",
                original: Any = original,
            ) -> Any:
                calls.append(call)
                return await original(self, *args)

            monkeypatch.setattr(kind, method, recorded)
    run = bench()
    run.put(1)
    await run.app.start()
    await until(lambda: run.queue.acked)
    await run.app.stop()
    assert calls[:3] == ["sink.open", "source.open", "source.receive"]
    assert calls[-3:] == ["source.stop", "source.close", "sink.close"]


async def test_nothing_is_received_before_all_sources_are_open(bench: Any) -> None:
    run = bench(opens=[Delay(30)])
    run.put(1)
    starting = asyncio.ensure_future(run.app.start())
    for _ in range(15):
        await asyncio.sleep(0)
    assert run.app.state == "starting"
    assert run.queue.waiting
    await starting
    await run.app.stop()


async def test_what_refuses_fails_at_once_and_everything_is_closed(bench: Any) -> None:
    run = bench(opens=[Refuse(reason="queue 'orders' does not exist", hint="declare it")])
    with pytest.raises(RefusedError) as raised:
        await run.app.start()
    assert "source 'In' (scripted): queue 'orders' does not exist" in str(raised.value)
    assert raised.value.hint == "declare it"
    assert run.made_sinks[0].calls == ["open", "close"]
    assert run.made_sources[0].calls == ["open", "close"]
    assert run.app.state == "failed"
    await run.run_to_end()
    assert run.app.state == "stopped"


async def test_sources_stay_closed_when_a_sink_refuses(bench: Any) -> None:
    run = bench(sink_opens=[Refuse(reason="access refused")])
    with pytest.raises(RefusedError):
        await run.app.start()
    assert run.made_sources[0].calls == []


async def test_all_problems_are_reported_together(bench: Any) -> None:
    run = bench(
        sinks=("Out", "Out2", "Out3"),
        sink_opens=[Refuse(reason="access refused"), Lose("nobody listens"), None],
    )
    with pytest.raises(RefusedError) as raised:
        await run.app.start()
    assert "'Out' (scripted): access refused" in str(raised.value)
    assert "'Out2' (scripted): nobody listens" in str(raised.value)
    assert "Out3" not in str(raised.value)


async def test_what_is_unreachable_is_tried_again(bench: Any) -> None:
    run = bench(opens=[Lose("nobody listens")] * 3, sink_opens=[Lose("nobody listens")] * 2)
    run.put(1)
    await run.run_to_end()
    assert run.arrived == [1]
    assert run.made_sources[0].calls[:4] == ["open"] * 4


async def test_what_hinders_a_start_is_logged_once(
    bench: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", logger="eventflux")
    run = bench(opens=[*[Lose("nobody listens")] * 3, *[Lose("it is full")] * 2])
    await run.app.start()
    await run.app.stop()
    logged = [text for text in caplog.messages if "trying again" in text]
    assert logged == [
        "source 'In' (scripted): nobody listens; trying again",
        "source 'In' (scripted): it is full; trying again",
    ]


async def test_what_stays_unreachable_fails_after_the_timeout(bench: Any) -> None:
    limits = replace(bench().limits, start=0.02, backoff=Backoff(initial=0.001))
    run = bench(opens=repeat(Lose("nobody listens")), limits=limits)
    with pytest.raises(UnreachableError, match="nobody listens"):
        await run.app.start()


async def test_a_last_try_that_is_cut_short_does_not_hide_what_is_wrong(bench: Any) -> None:
    limits = replace(bench().limits, start=0.02, connect=5.0)
    run = bench(opens=[Lose("nobody listens"), *[Hang()] * 5], limits=limits)
    with pytest.raises(UnreachableError, match="nobody listens"):
        await run.app.start()


async def test_an_open_that_hangs_is_given_up(bench: Any) -> None:
    limits = replace(bench().limits, start=5.0, connect=0.01)
    run = bench(opens=[Hang()], limits=limits)
    run.put(1)
    await run.run_to_end()
    assert run.arrived == [1]


async def test_a_cancelled_start_closes_everything(bench: Any) -> None:
    run = bench(opens=[Hang()])
    starting = asyncio.ensure_future(run.app.start())
    for _ in range(10):
        await asyncio.sleep(0)
    starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await starting
    assert run.made_sinks[0].calls[-1] == "close"
    await run.run_to_end()


async def test_start_and_stop_twice_are_no_ops(bench: Any) -> None:
    run = bench()
    await run.app.stop()
    await run.app.start()
    await run.app.start()
    assert len(run.made_sources) == 1
    await asyncio.gather(run.app.stop(), run.app.stop())
    await run.app.stop()
    assert run.made_sources[0].calls.count("close") == 1


async def test_a_stop_drains_what_is_under_way(bench: Any) -> None:
    run = bench(sends=repeat(Delay(10)), max_batch=3)
    run.put(*range(100))
    await run.app.start()
    for _ in range(20):
        await asyncio.sleep(0)
    await run.app.stop()
    taken = len(run.queue.messages) - len(run.queue.waiting)
    assert 0 < taken < 100
    assert run.arrived == list(range(taken)) == run.queue.acked
    assert not run.queue.requeued


async def test_a_stop_that_takes_too_long_gives_back_what_is_not_confirmed(
    bench: Any, caplog: pytest.LogCaptureFixture
) -> None:
    limits = replace(bench().limits, stop=0.02)
    run = bench(sends=[Hang()] * 10, limits=limits)
    run.put(1, 2, 3)
    await run.app.start()
    for _ in range(20):
        await asyncio.sleep(0)
    await run.app.stop()
    assert run.queue.acked == []
    assert run.queue.requeued == [0, 1, 2]
    assert "not everything was confirmed within 0.02 s" in caplog.text
    assert run.app.state == "stopped"
    run.check_counters()
    counted = run.app.stats()["connectors"]
    assert counted["Out"]["abandoned"] == 3
    assert counted["In"]["requeued"] == 3


async def test_a_stop_drops_windows_or_closes_them(bench: Any) -> None:
    for flush_on_stop, told, closed in (
        (False, None, False),
        (True, None, True),
        (False, True, True),
        (True, False, False),
    ):
        run = bench(flush_on_stop=flush_on_stop)
        run.engine.held = [7]
        await run.app.start()
        await run.app.stop(flush=told)
        assert run.arrived == ([7] if closed else [])
        assert run.engine.discarded == ([] if closed else [7])


async def test_the_end_of_all_input_closes_windows(bench: Any) -> None:
    run = bench()
    run.put(1)
    run.engine.held = [7]
    await run.app.start()
    run.queue.end()
    async with asyncio.timeout(5):
        await run.app.finished.wait()
    assert run.app.state == "running"
    assert run.arrived == [1, 7]
    assert run.app.health()["In"] == "ended"
    await run.app.stop()


async def test_a_lost_source_is_opened_again(bench: Any) -> None:
    run = bench(receives=[None, Lose("cut")], opens=[None, Lose("still down")], max_batch=1)
    run.put(1, 2, 3)
    await run.run_to_end()
    assert set(run.arrived) == {1, 2, 3}
    assert run.made_sources[0].calls[:5] == ["open", "close", "open", "close", "open"]
    assert run.app.stats()["connectors"]["In"]["reconnects"] == 1


async def test_health_tells_of_a_lost_connection(bench: Any, settled: Any) -> None:
    limits = replace(bench().limits, stop=0.02)
    run = bench(sends=[Lose("reset by peer")], sink_opens=[None, Hang()], limits=limits)
    run.put(1)
    await run.app.start()
    assert run.app.health() == {"In": "running", "Out": "running"}
    await settled()
    assert run.app.health()["Out"] == "reconnecting: reset by peer, attempt 1"
    run.app.fail(StreamFailed("enough"))
    async with asyncio.timeout(10):
        await run.app.stopped.wait()


async def test_health_tells_what_hinders_a_connected_one(
    bench: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = bench()
    run.put(1)
    await run.app.start()
    monkeypatch.setattr(ScriptedSink, "condition", property(lambda _: "blocked: low on memory"))
    monkeypatch.setattr(ScriptedSource, "condition", property(lambda _: "all waits for Out"))
    assert run.app.health() == {
        "In": "running; all waits for Out",
        "Out": "running; blocked: low on memory",
    }
    run.app.fail(StreamFailed("enough"))
    async with asyncio.timeout(10):
        await run.app.stopped.wait()
    assert run.app.health() == {"In": "stopped", "Out": "stopped"}


@pytest.mark.parametrize("side", ["source", "sink"])
@pytest.mark.parametrize(("attempts", "tries"), [(1, "1 try"), (3, "3 tries")])
async def test_reconnecting_ends_after_the_attempts_allowed(
    bench: Any, side: str, attempts: int, tries: str
) -> None:
    options = {"reconnect.max.attempts": str(attempts)}
    down = [None, *[Lose("still down")] * 10]
    if side == "source":
        run = bench(receives=[Lose("cut")], opens=down, source_options=options)
    else:
        run = bench(sends=[Lose("cut")], sink_opens=down, sink_options=options)
    run.put(1)
    await run.app.start()
    async with asyncio.timeout(5):
        await run.app.stopped.wait()
    assert isinstance(run.app.failure, StreamFailed)
    assert f"gave up after {tries} to connect again: still down" in str(run.app.failure)
    made = run.made_sources[0] if side == "source" else run.made_sinks[0]
    assert made.calls.count("open") == attempts + 1
    assert run.queue.acked == []


@pytest.mark.parametrize("side", ["source", "sink"])
@pytest.mark.parametrize(
    ("common", "own", "tries", "told"),
    [
        (-1, 2, 2, "raise theirs.attempts"),
        (3, 2, 2, "raise theirs.attempts"),
        (1, 2, 1, "raise reconnect.max.attempts"),
        (2, -1, 2, "raise reconnect.max.attempts"),
        (-1, 0, 0, "it does not connect again, as 'theirs.attempts' says"),
    ],
)
async def test_a_connector_s_own_options_limit_the_attempts(
    bench: Any, side: str, common: int, own: int, tries: int, told: str
) -> None:
    options = {"reconnect.max.attempts": str(common)}
    run = bench(
        source_options=options,
        sink_options=options,
        reconnection=Reconnection(0.001, 0.001, own, "theirs.attempts"),
        **{
            "receives" if side == "source" else "sends": [Lose("cut")],
            "opens" if side == "source" else "sink_opens": [None, *[Lose("still down")] * 10],
        },
    )
    run.put(1)
    await run.app.start()
    async with asyncio.timeout(5):
        await run.app.stopped.wait()
    assert told in str(run.app.failure)
    assert ("cut" if tries == 0 else "still down") in str(run.app.failure)
    made = run.made_sources[0] if side == "source" else run.made_sinks[0]
    assert made.calls.count("open") == 1 + tries


def test_a_connector_s_own_options_pace_the_attempts() -> None:
    paced = Backoff(random=lambda: 0.0).paced(Reconnection(2.0, 5.0))
    assert [paced.delay(attempt, 0.0) for attempt in (1, 2, 3)] == [2.0, 4.0, 5.0]
    assert paced.delay(9, 1000.0) == 5.0


async def test_a_connection_that_takes_nothing_counts_as_no_connection(bench: Any) -> None:
    run = bench(sends=repeat(Lose("cut")), sink_options={"reconnect.max.attempts": "3"})
    run.put(1)
    await run.app.start()
    async with asyncio.timeout(5):
        await run.app.stopped.wait()
    assert "gave up after 3 tries to connect again: cut" in str(run.app.failure)


async def test_a_connection_that_has_taken_something_starts_anew(bench: Any) -> None:
    run = bench(
        max_batch=1,
        max_in_flight=1,
        sends=[None, Lose("cut")] * 10,
        sink_options={"reconnect.max.attempts": "1"},
    )
    run.put(*range(10))
    await run.run_to_end()
    assert run.arrived == list(range(10))
    assert run.app.stats()["connectors"]["Out"]["reconnects"] == 9


async def test_a_refusal_while_reconnecting_is_logged_and_tried_again(
    bench: Any, caplog: pytest.LogCaptureFixture
) -> None:
    run = bench(
        receives=[Lose("cut")], opens=[None, Refuse(reason="wrong password", hint="mend it")]
    )
    run.put(1)
    await run.run_to_end()
    assert run.arrived == [1]
    assert [r.levelname for r in caplog.records if "wrong password" in r.getMessage()] == ["ERROR"]


class SetClock:
    """A system clock that the test sets."""

    moved_by_rows = False

    def __init__(self) -> None:
        self.ms = 1000

    def now_ms(self) -> int:
        return self.ms


async def test_timers_fire_on_the_clock_and_their_rows_reach_the_sinks(
    bench: Any, settled: Any, until: Any
) -> None:
    clock = SetClock()
    run = bench(clock=clock)
    run.engine.held = [7]
    run.engine.next_due = 1001
    await run.app.start()
    await asyncio.sleep(0.003)
    assert run.arrived == []
    clock.ms = 1001
    await until(lambda: run.arrived)
    assert run.arrived == [7]
    await run.app.stop()


async def test_a_timer_set_by_a_step_is_noticed(bench: Any, until: Any) -> None:
    clock = SetClock()

    def arm(value: int) -> list[tuple[str, int]]:
        run.engine.held.append(value)
        run.engine.next_due = 1000
        return []

    run = bench(query=arm, clock=clock)
    run.put(5)
    await run.app.start()
    await until(lambda: run.arrived)
    assert run.arrived == [5]
    await run.app.stop()


def test_the_back_off_doubles_up_to_a_cap_that_rises_after_a_minute() -> None:
    full = Backoff(random=lambda: 0.0)
    assert [full.delay(n, 0.0) for n in (1, 2, 3, 4, 5, 6)] == [0.1, 0.2, 0.4, 0.8, 1.0, 1.0]
    assert full.delay(40, 61.0) == 30.0
    least = Backoff(random=lambda: 1.0)
    assert least.delay(3, 0.0) == 0.2
