"""What error handling, METADATA and looking at counters cost a whole app over W1."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from benchmarks.figures import Figure, Goal, ratios
from benchmarks.measure import Group, Timer, nanoseconds, whole
from benchmarks.settings import Settings
from benchmarks.suites.app import Run, run_app
from benchmarks.workloads import W1, Workload

TITLE = "Beside W1 as it is, the whole app"
EVENTS, SIZE = 61_440, 1024
AT_MOST = Goal(1.11)
"""A tenth less speed."""

_ERRORS = """
CREATE STREAM Failed (originalEvent STRING, errorMessage STRING, errorType STRING,
  timestamp LONG, attemptCount INT, streamName STRING);
INSERT INTO Watched SELECT errorMessage, line FROM OrderInput.errors;
INSERT INTO Unsent SELECT errorMessage FROM OrderOutput.errors;
"""
_STRATEGY = (
    """, error.strategy = 'dlq', error.dlq.stream = 'Failed', error.retry.max-attempts = 5"""
)


def with_errors() -> Workload:
    """W1 with a dead-letter queue on both sides and readers of both error streams."""
    sql = W1.sql.replace("'OrderInput')", f"'OrderInput'{_STRATEGY})")
    sql = sql.replace("'OrderOutput')", f"'OrderOutput'{_STRATEGY})")
    return replace(W1, sql=_ERRORS + sql)


def reading_metadata() -> Workload:
    """W1 that looks at a routing key that comes with each message."""
    column = "product STRING, key STRING METADATA FROM 'routing_key') WITH (type = 'source'"
    sql = W1.sql.replace("product STRING) WITH (type = 'source'", column)
    return replace(W1, sql=sql.replace("amount > 50;", "amount > 50 AND key IS NOT NULL;"))


def setting_metadata() -> Workload:
    """The same, and the key leaves with the result."""
    column = "priority STRING, key STRING METADATA FROM 'routing_key')"
    sql = reading_metadata().sql.replace("priority STRING)", column)
    sql = sql.replace(
        "INSERT INTO OrderOutput",
        "INSERT INTO OrderOutput (order_id, customer_id, amount, product, priority, key)",
    ).replace("AS priority", "AS priority, key")
    return replace(W1, sql=sql)


def _pass(workload: Workload, batches: Sequence[Sequence[bytes]], polled: bool = False) -> Timer:
    events = sum(map(len, batches))

    def measure() -> float:
        return run_app(workload, Run([batches[0], *batches], polled=polled)) / events

    return whole(measure)


def groups(settings: Settings) -> list[Group]:
    batches = W1.batches(settings.events(EVENTS), SIZE)
    timers = {
        "plain": _pass(W1, batches),
        "error.* with a DLQ, error streams read": _pass(with_errors(), batches),
        "METADATA read": _pass(reading_metadata(), batches),
        "METADATA read and set": _pass(setting_metadata(), batches),
        "counters looked at for each batch": _pass(W1, batches, polled=True),
    }

    def report(found: Mapping[str, Sequence[float]]) -> list[Figure]:
        return [
            Figure(
                TITLE,
                f"{name}: cost ÷ plain",
                ratios(values, found["plain"]),
                AT_MOST,
                context=f"{nanoseconds(values)} an event",
            )
            for name, values in found.items()
            if name != "plain"
        ]

    return [Group("extras", timers, report)]
