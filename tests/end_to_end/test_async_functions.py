"""A query that asks an HTTP service, between queues: the service is slow, fails and dies, and so
does the process."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from testbed.pipeline import SOURCE, Pipeline
from testbed.scores import CONCURRENCY, ScoreService
from testbed.waiting import eventually

pytestmark = [pytest.mark.broker, pytest.mark.slow]

NUMBERS = 3000


@pytest.fixture
def service() -> Iterator[ScoreService]:
    with ScoreService() as service:
        yield service


@pytest.fixture
def scores(
    service: ScoreService, new_pipeline: Callable[..., Pipeline], tmp_path: Path
) -> Pipeline:
    pipeline = new_pipeline(sql=service.program(tmp_path))
    pipeline.options = {f"{SOURCE}.rabbitmq.prefetch": 100}
    return pipeline


def numbers(count: int) -> list[bytes]:
    return [json.dumps({"number": number}).encode() for number in range(count)]


def arrived(pipeline: Pipeline) -> list[int]:
    """The numbers of the results in the order of their arrival, each with its own score."""
    pipeline.wait_until_drained()
    pipeline.run.stop()
    assert pipeline.left() == (0, 0)
    rows = [json.loads(body) for body in pipeline.broker.take(pipeline.results, timeout=60)]
    assert all(row["score"] == row["number"] * 2 for row in rows)
    return [row["number"] for row in rows]


def test_a_service_that_is_slow_fails_and_dies(scores: Pipeline, service: ScoreService) -> None:
    scores.publish(numbers(NUMBERS))
    scores.start()
    for _ in range(3):
        at_work = partial(service.was_asked, service.asked.total() + 300)
        eventually(at_work, "it dies while it is at work")
        service.die()
        time.sleep(0.2)  # so long there is nobody to ask
        service.live()
    assert arrived(scores) == list(range(NUMBERS))
    assert 1 < service.most_at_a_time <= CONCURRENCY


def test_killed_again_and_again(scores: Pipeline, service: ScoreService) -> None:
    draw = random.Random(5)
    scores.publish(numbers(NUMBERS))
    for kill in range(6):
        scores.start(ready=kill % 3 != 2)
        time.sleep(draw.uniform(0.05, 0.4))  # no moment is chosen: that is the test
        scores.run.kill()
        if kill == 3:
            service.die()
            service.live()
    scores.start()
    found = arrived(scores)
    assert set(found) == set(range(NUMBERS)), scores.run.story()
    first = list(dict.fromkeys(found))
    assert first == sorted(first), "what comes again comes in its order"
    assert len(found) - NUMBERS <= 7 * 100, "only what was not acknowledged comes again"
