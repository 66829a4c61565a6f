"""Faults of every kind, at random moments, to a pipeline at work."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable, Mapping

from testbed.pipeline import SINK, SOURCE, Pipeline
from testbed.process import RunFailed
from testbed.proxy import Proxy
from testbed.publisher import Publisher

SILENCE = 8.0
"""Seconds of silence after which a connection with a heartbeat of 1 s has been given up."""

IMPATIENT = {f"{stream}.rabbitmq.heartbeat": "1s" for stream in (SOURCE, SINK)}
"""Options that let a process notice a silent broker soon."""

POISON = (
    b"",
    b"{",
    b"not JSON at all",
    b'{"order_id": "p-1", "amount": "a lot"}',
    b'{"order_id": "p-2", "amount": [1]}',
    b'{"order_id": "p-3"} {"order_id": "p-4"}',
    b"\xff\xfe\x00",
    b'"p-5"',
    b"42",
)
"""Messages that give no row."""


class Chaos:
    """Hurts a pipeline whose process finds the broker through ``proxy``.

    ``faults`` counts what was done. After each fault broker and process run again, though
    they may not have found each other yet.
    """

    def __init__(
        self, pipeline: Pipeline, proxy: Proxy, seed: int, publisher: Publisher | None = None
    ) -> None:
        """Prepare; ``publisher`` pauses while the input queue is deleted, so that no order is in
        it; without one there is no such fault."""
        self._pipeline = pipeline
        self._publisher = publisher
        self._broker = pipeline.broker
        self._proxy = proxy
        self._random = random.Random(seed)
        self.faults = Counter[str]()
        self.memory: list[int] = []
        """Bytes, just before each fault."""
        self.poison = 0
        """Messages published that give no row."""

    @property
    def every(self) -> Mapping[str, Callable[[], None]]:
        """All faults by name."""
        return {
            "connection cut": self.cut_one,
            "all connections cut": self.cut_all,
            "connections closed by the broker": self.close_connections,
            "broker low on memory": self.alarm_of_memory,
            "broker low on disk": self.alarm_of_disk,
            "queue of results full": self.fill_results,
            "process killed": self.kill_process,
            "process killed while starting": self.kill_starting_process,
            "process stopped": self.stop_process,
            "broker frozen": self.freeze_for_a_moment,
            "broker silent": self.freeze_for_long,
            "broker restarted": self.restart_broker,
            "broker killed": self.kill_broker,
            "broker and process killed": self.kill_both,
            "poison published": self.publish_poison,
            "results refused for a moment": self.refuse_results,
            "results unroutable for a moment": self.unbind_results,
            "exchange deleted for a moment": self.delete_exchange,
            "publishers blocked": self.block_publishers,
            "password changed for a moment": self.change_password,
            **({"input queue deleted": self.delete_queue} if self._publisher else {}),
        }

    WEIGHTS: Mapping[str, int] = {
        "connection cut": 12,
        "all connections cut": 6,
        "connections closed by the broker": 6,
        "broker low on memory": 2,
        "broker low on disk": 1,
        "queue of results full": 3,
        "process killed": 8,
        "process killed while starting": 3,
        "process stopped": 4,
        "broker frozen": 4,
        "broker silent": 1,
        "broker restarted": 2,
        "broker killed": 2,
        "broker and process killed": 2,
        "poison published": 6,
        "results refused for a moment": 3,
        "results unroutable for a moment": 2,
        "exchange deleted for a moment": 2,
        "publishers blocked": 2,
        "password changed for a moment": 2,
        "input queue deleted": 2,
    }

    def strike(self, name: str | None = None) -> str:
        """Do one fault, by default one by chance; its name."""
        self._pipeline.run.must_run()
        self.memory.append(self._pipeline.run.memory())
        if name is None:
            names = list(self.every)
            name = self._random.choices(names, [self.WEIGHTS[one] for one in names])[0]
        self.faults[name] += 1
        self.every[name]()
        return name

    def pause(self, shortest: float, longest: float) -> None:
        """Let everything run for a random time, in seconds."""
        time.sleep(self._random.uniform(shortest, longest))

    def cut_one(self) -> None:
        self._proxy.cut_one()

    def cut_all(self) -> None:
        self._proxy.cut()

    def close_connections(self) -> None:
        self._broker.close_connections()

    def alarm_of_memory(self) -> None:
        """Nobody may publish for a moment."""
        self._broker.limit_memory(1)
        self.pause(0.2, 2.0)
        self._broker.limit_memory(None)

    def alarm_of_disk(self) -> None:
        self._broker.evaluate('ok = rabbit_disk_monitor:set_disk_free_limit("999999GB")')
        self.pause(0.2, 2.0)
        self._broker.evaluate('ok = rabbit_disk_monitor:set_disk_free_limit("1MB")')

    def fill_results(self) -> None:
        """The queue of the results refuses new ones for a moment."""
        refusing = '{"overflow": "reject-publish"}'
        full = '{"overflow": "reject-publish", "max-length": 1}'
        # One after the other: with a limit and no overflow the broker drops what is in the queue.
        for definition in (refusing, full):
            self._set_policy_of_results(definition)
        self.pause(0.2, 2.0)
        self._set_policy_of_results(refusing)
        self._clear_policy_of_results()

    def _set_policy_of_results(self, definition: str) -> None:
        pattern, escaped = f"^{self._pipeline.results}$", definition.replace('"', r"\"")
        self._broker.evaluate(
            f'ok = rabbit_policy:parse_set(<<"/">>, <<"full">>, <<"{pattern}">>, <<"{escaped}">>, '
            '0, <<"queues">>, <<"test">>)'
        )

    def _clear_policy_of_results(self) -> None:
        self._broker.evaluate('ok = rabbit_policy:delete(<<"/">>, <<"full">>, <<"test">>)')

    def kill_process(self) -> None:
        self._pipeline.run.kill()
        self._pipeline.start()

    def kill_starting_process(self) -> None:
        self._pipeline.run.kill()
        self._pipeline.start(ready=False)
        self.pause(0.0, 1.0)
        self._pipeline.run.kill()
        self._pipeline.start()

    def stop_process(self) -> None:
        self._pipeline.run.stop()
        self._pipeline.start()

    def freeze_for_a_moment(self) -> None:
        self._broker.freeze()
        self.pause(0.2, 2.0)
        self._broker.thaw()

    def freeze_for_long(self) -> None:
        self._broker.freeze()
        time.sleep(SILENCE)
        self._broker.thaw()

    def restart_broker(self) -> None:
        self._broker.restart()

    def kill_broker(self) -> None:
        self._broker.kill()
        self._broker.start()

    def kill_both(self) -> None:
        self._broker.kill()
        self._pipeline.run.kill()
        self._pipeline.start(ready=False)
        self._broker.start()
        self._pipeline.run.wait_until_ready()

    def publish_poison(self) -> None:
        bodies = self._random.choices(POISON, k=self._random.randint(1, 20))
        self._broker.publish(self._pipeline.queue, bodies)
        self.poison += len(bodies)

    def refuse_results(self) -> None:
        """The queue of the results takes no more: the broker answers with nacks."""
        self._set_policy_of_results('{"max-length": 1}')
        self.pause(0.2, 2.0)
        self._clear_policy_of_results()

    def unbind_results(self) -> None:
        """A message that no queue takes is refused for good, which ends the process."""
        self._pipeline.unbind()
        self.pause(0.2, 2.0)
        self._pipeline.bind()
        self._start_again_if_it_failed("NO_ROUTE")

    def delete_exchange(self) -> None:
        self._broker.delete_exchange(self._pipeline.exchange)
        self.pause(0.2, 2.0)
        self._broker.declare_exchange(self._pipeline.exchange)
        self._pipeline.bind()
        # between these two a result may have come back
        self._start_again_if_it_failed("NO_ROUTE")

    def block_publishers(self) -> None:
        """An alarm: the broker is short of memory and reads nothing from those who publish."""
        self._broker.limit_memory(1)
        self.pause(0.5, 3.0)
        self._broker.limit_memory(None)

    def change_password(self) -> None:
        self._broker.change_password("guest", "another")
        self._broker.close_connections()
        self.pause(0.2, 1.5)
        self._broker.change_password("guest", "guest")

    def delete_queue(self) -> None:
        """The input queue, when it is empty: the process declares it again."""
        assert self._publisher is not None
        with self._publisher.paused():
            self._pipeline.wait_until_drained(60)
            self._broker.delete_queue(self._pipeline.queue)

    def _start_again_if_it_failed(self, reason: str) -> None:
        """Give the process a moment to end because of ``reason``, and start another then."""
        run = self._pipeline.run
        for _ in range(20):
            if not run.running:
                break
            time.sleep(0.05)
        else:
            return
        if run.code != 1 or not any(reason in text for text in run.messages("error")):
            raise RunFailed(f"it ended, and not because of {reason}\n{run.story()}")
        self._pipeline.start()
