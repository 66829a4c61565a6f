"""A program between a queue and an exchange of a private broker: examples/orders.sql, or another
whose source and sink have the same names."""

from __future__ import annotations

import itertools
import time
import uuid
from collections.abc import Iterable, Sequence
from pathlib import Path

from eventflux_rabbitmq.testing import PrivateBroker
from testbed.orders import Comparison, compare
from testbed.process import ROOT, Run, RunFailed
from testbed.publisher import Publisher

PROGRAM = ROOT / "examples" / "orders.sql"
ROUTING_KEY = "high-value"
SOURCE, SINK = "OrderInput", "OrderOutput"


class Pipeline:
    """The queues, and one process after the other. Use it in ``with``.

    ``port`` is where the process finds the broker: that of the broker itself, or of a proxy
    before it. ``more_sql`` is added to the program ``sql``.
    """

    def __init__(
        self,
        broker: PrivateBroker,
        folder: Path,
        *,
        port: int | None = None,
        input_arguments: dict[str, object] | None = None,
        result_arguments: dict[str, object] | None = None,
        sql: str | None = None,
        more_sql: str = "",
    ) -> None:
        self.broker = broker
        self.folder = folder
        name = uuid.uuid4().hex[:8]
        self.queue, self.exchange, self.results = (
            f"orders-{name}",
            f"processed-orders-{name}",
            f"results-{name}",
        )
        self.port = port or broker.port
        self.program = PROGRAM
        if sql is not None or more_sql:
            self.program = folder / f"program-{name}.sql"
            self.program.write_text((sql or PROGRAM.read_text()) + more_sql)
        self.options: dict[str, object] = {}
        """For ``--set`` of the next process."""
        self.runs: list[Run] = []
        """All processes, the last one last."""
        self._numbers = itertools.count(1)
        broker.declare_queue(self.queue, arguments=input_arguments)
        broker.declare_exchange(self.exchange)
        # with a limit, which a fault may set, the queue refuses and drops nothing
        broker.declare_queue(
            self.results, arguments={"x-overflow": "reject-publish", **(result_arguments or {})}
        )
        self.bind()

    def __enter__(self) -> Pipeline:
        return self

    def __exit__(self, *_: object) -> None:
        for run in self.runs:
            run.close()
        if self.broker.running:
            for queue in (self.queue, self.results):
                self.broker.delete_queue(queue)
            self.broker.delete_exchange(self.exchange)

    def bind(self) -> None:
        """Let results arrive in the queue of the results."""
        self.broker.bind(self.results, self.exchange, ROUTING_KEY)

    def unbind(self) -> None:
        """Let no queue take the results."""
        self.broker.unbind(self.results, self.exchange, ROUTING_KEY)

    # The process

    @property
    def run(self) -> Run:
        """The process that was started last."""
        return self.runs[-1]

    def start(self, *extra: str, ready: bool = True, **options: object) -> Run:
        """Start a process.

        Args:
            extra: more arguments of the command.
            ready: wait until everything is open.
            options: for ``--set``, with ``__`` for a dot.
        """
        self._start(extra, {key.replace("__", "."): value for key, value in options.items()})
        if ready:
            self.run.wait_until_ready()
        return self.run

    def start_mortal(self, dies: str, *extra: str) -> Run:
        """Start a process that kills itself when :mod:`testbed.mortal` says."""
        return self._start(extra, {}, dies)

    def _start(
        self, extra: Sequence[str], options: dict[str, object], dies: str | None = None
    ) -> Run:
        both = {
            "rabbitmq.host": self.broker.host,
            "rabbitmq.port": self.port,
        }
        values = {f"{stream}.{key}": both[key] for stream in (SOURCE, SINK) for key in both}
        values[f"{SOURCE}.rabbitmq.queue"] = self.queue
        values[f"{SINK}.rabbitmq.exchange"] = self.exchange
        values |= self.options | options
        name = f"run-{self.queue}-{next(self._numbers)}"
        self.runs.append(Run(self.program, values, self.folder, *extra, name=name, dies=dies))
        return self.run

    def kill_and_start(self) -> None:
        """``kill -9`` of the process, and a new one at once."""
        self.run.must_run()
        self.run.kill()
        self.start(ready=False)

    # The queues

    def publisher(self, orders: Sequence[bytes], *, rate: float | None = None) -> Publisher:
        """Publishes orders to the input queue, beside everything else."""
        return Publisher(self.broker.url, self.queue, orders, rate=rate)

    def publish(self, orders: Sequence[bytes]) -> None:
        """Publish orders to the input queue; they are safe there afterwards."""
        with self.publisher(orders) as publisher:
            publisher.finish()

    def waiting(self, queue: str | None = None) -> int:
        """How many messages of a queue, by default the input, wait for a consumer."""
        return self.broker.count(queue or self.queue)

    def left(self) -> tuple[int, int]:
        """Messages of the input queue: ready, unacknowledged."""
        name = f'rabbit_misc:r(<<"/">>, queue, <<"{self.queue}">>)'
        counts = "[messages_ready, messages_unacknowledged]"
        found = self.broker.evaluate(
            f"{{ok, Q}} = rabbit_amqqueue:lookup({name}), "
            f"list_to_tuple([N || {{_, N}} <- rabbit_amqqueue:info(Q, {counts})])"
        )
        ready, unacknowledged = map(int, found.strip("{}").split(","))
        return ready, unacknowledged

    def wait_until_drained(self, timeout: float = 120.0) -> None:
        """Return when the input queue is empty: nothing ready, nothing unacknowledged."""
        deadline = time.monotonic() + timeout
        while True:
            self.run.must_run()
            waiting = self.waiting()
            if not waiting and self.left() == (0, 0):
                return
            if time.monotonic() > deadline:
                raise RunFailed(
                    f"the input queue has {self.left()} messages (ready, unacknowledged) "
                    f"after {timeout:g} s\n{self.run.story()}"
                )
            time.sleep(0.05)

    def finish(
        self, orders: Iterable[bytes], timeout: float = 120.0, *, bodies: Iterable[bytes] = ()
    ) -> Comparison:
        """Wait until everything is processed, stop the process, compare the results.

        The input queue must be empty and the process must end well; nothing may be lost or
        wrong. What may differ from run to run is in the answer. ``bodies`` are results that
        were taken before.
        """
        self.wait_until_drained(timeout)
        self.run.stop()
        left = self.left()
        if left != (0, 0):
            raise RunFailed(f"after the stop {left} messages are back in the input queue")
        comparison = self.compare(orders, bodies)
        if comparison.lost or comparison.wrong:
            raise RunFailed(f"{comparison}\n{self.run.story()}")
        return comparison

    def compare(self, orders: Iterable[bytes], bodies: Iterable[bytes] = ()) -> Comparison:
        """Take all results and compare them with what is owed for ``orders``."""
        return compare(list(orders), [*bodies, *self.broker.take(self.results, timeout=60)])
