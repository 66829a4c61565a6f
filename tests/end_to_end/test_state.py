"""Windowed sums over a queue with ``--state``, the process killed at any moment: no event is
missing from its window's sum, and no window lacks its row."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from testbed.mortal import MOMENTS
from testbed.pipeline import SOURCE, Pipeline
from testbed.window_sums import SQL, Sums, check, make_events

pytestmark = [pytest.mark.broker, pytest.mark.slow]

WINDOWS = 150
PREFETCH = 100
"""At most so many messages are in a checkpoint, not acknowledged: what a kill may count twice."""
KILLS = 8
SMALL_BATCHES: dict[str, object] = {
    f"{SOURCE}.rabbitmq.prefetch": PREFETCH,
    f"{SOURCE}.batch.max.messages": 20,
}


@pytest.fixture
def sums(new_pipeline: Callable[..., Pipeline]) -> Pipeline:
    pipeline = new_pipeline(sql=SQL)
    pipeline.options = dict(SMALL_BATCHES)
    return pipeline


@pytest.fixture
def state(tmp_path: Path) -> str:
    return str(tmp_path / "state")


def finished(pipeline: Pipeline, windows: int = WINDOWS) -> Sums:
    """What has arrived when the queue is empty and the process stopped in good order."""
    pipeline.wait_until_drained()
    pipeline.run.stop()
    assert pipeline.left() == (0, 0)
    found = check(windows, pipeline.broker.take(pipeline.results, timeout=60))
    assert not found.missing, f"{found}\n{pipeline.run.story()}"
    return found


def test_undisturbed_each_event_is_counted_once(sums: Pipeline, state: str) -> None:
    sums.publish(make_events(WINDOWS))
    sums.start("--state", state)
    found = finished(sums)
    assert (found.twice, found.repeated) == (0, 0)


def test_stops_count_nothing_twice(sums: Pipeline, state: str) -> None:
    """A stop publishes what is under way, open windows too, and acknowledges it."""
    events = make_events(WINDOWS)
    with sums.publisher(events, rate=4000) as publisher:
        for part in range(1, 5):
            sums.start("--state", state)
            publisher.wait_for(len(events) * part // 5)
            sums.run.stop()
        sums.start("--state", state)
        publisher.finish()
        found = finished(sums)
    assert (found.twice, found.repeated) == (0, 0)


def test_killed_again_and_again(sums: Pipeline, state: str) -> None:
    events = make_events(WINDOWS)
    draw = random.Random(7)
    for kill in range(KILLS):
        sums.publish(events[kill * len(events) // KILLS : (kill + 1) * len(events) // KILLS])
        sums.start("--state", state, ready=kill % 3 != 2)
        time.sleep(draw.uniform(0.05, 0.5))  # no moment is chosen: that is the test
        sums.run.kill()
    sums.start("--state", state)
    assert finished(sums).twice <= KILLS * PREFETCH


@pytest.mark.parametrize("moment", MOMENTS)
def test_killed_at_a_moment(sums: Pipeline, state: str, moment: str) -> None:
    """Six processes in a row die at the worst of moments, each further on than the one before."""
    events = make_events(WINDOWS)
    sums.publish(events)
    for death in range(6):
        run = sums.start_mortal(f"{moment}:{death + 1}", "--state", state)
        assert run.wait(60) == -9, f"it did not die when {moment}\n{run.story()}"
    assert sums.waiting() > 0, "all was done before the last death"
    sums.start("--state", state)
    assert finished(sums).twice <= 6 * PREFETCH


def test_killed_while_rows_of_windows_are_not_confirmed(sums: Pipeline, state: str) -> None:
    """The checkpoint with the emptied windows waits for them, though its interval is over."""
    events = make_events(WINDOWS)
    sums.publish(events)
    sums.broker.limit_memory(1)  # who publishes is blocked
    try:
        sums.start("--state", state, checkpoint__interval="20 ms")
        time.sleep(1.0)  # fifty intervals in which nothing may come
        assert sums.waiting(sums.results) == 0
        sums.run.kill()
    finally:
        sums.broker.limit_memory(None)
    sums.start("--state", state)
    assert finished(sums).twice == 0
