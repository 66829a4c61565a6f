"""The code of an app: compiled when it is first needed, and anew when its outlets change."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from eventflux.base.clock import ManualClock
from eventflux.base.rows import Row
from eventflux.base.side_streams import fed_from
from eventflux.compiler.aggregates import class_source
from eventflux.compiler.arrival import Arrival, Arrived, look_ahead, standing
from eventflux.compiler.batches import BatchFunctions
from eventflux.compiler.connecting import connect
from eventflux.compiler.entries import write_entering
from eventflux.compiler.environment import Batch, Environment
from eventflux.compiler.event_times import Beside, EventTimes
from eventflux.compiler.generated import Generated
from eventflux.compiler.rows import Times, Variant, write_row_step
from eventflux.compiler.source import identifier
from eventflux.operators.tumbling import TumblingWindow

Step = Callable[[Any, Any, Any], None]
"""Processes rows, with what is given beside them and the time at which they come."""

Entering = Callable[[Sequence[Row], int], Any]


class AppCode:
    """What processes rows and what windows call, as far as it has been needed."""

    def __init__(
        self,
        env: Environment,
        generated: Generated,
        times: EventTimes,
        arrived: Arrived,
        received: dict[str, int],
    ) -> None:
        """``received`` counts the rows of each stream."""
        self.may_cut = False
        self._env = env
        self._generated = generated
        self._times = times
        self._arrived = arrived
        self._received = received
        self._asks_time = env.asks_now or any(p.reads_event_time for p in env.graph.pipelines)
        """Whether what a row gives depends on the clock at its arrival."""
        self.steps: dict[tuple[str, Beside, bool], tuple[Step, Arrival | None]] = {}
        """What :meth:`step` has made, by its arguments."""
        self._entering: dict[str, Entering] = {}
        self._windows_ready = False

    def forget(self) -> None:
        """Compile all anew when it is needed next."""
        self.steps.clear()
        self._env.batches.clear()
        self._windows_ready = False

    def step(self, stream: str, beside: Beside, partitioned: bool) -> tuple[Step, Arrival | None]:
        """What processes independent rows, and what gives it its first ``now``: ``None`` where
        nobody asks. ``partitioned`` says that the roots of their partitions come with them."""
        self.prepare_windows()
        variant = self._variant(stream, beside, partitioned)
        writer, source = write_row_step(self._env, stream, variant)
        made = self._generated.run(source, writer, ("step",), f"rows of {stream}")
        step = made["step"], self._arrival(stream, beside, variant)
        self.steps[stream, beside, partitioned] = step
        return step

    def batch(self, stream: str) -> Batch:
        """What processes a logical batch."""
        if not self._windows_ready or stream not in self._env.batches:
            self._compile_batches(stream)
        return self._env.batches[stream]

    def entering(self, stream: str) -> Entering:
        """What gives the rows of a logical batch that enter by a watermark, and their times."""
        if stream not in self._entering:
            root = self._env.live.watermarks.roots[stream]
            writer, source = write_entering(self._env, stream, root)
            made = self._generated.run(source, writer, ("entering",), f"entry of {stream}")
            self._entering[stream] = made["entering"]
        return self._entering[stream]

    def prepare_windows(self) -> None:
        """Have all windows know what they call."""
        if not self._windows_ready:
            self._compile_batches()

    def text(self) -> str:
        """The code for people to read: each input's step, then batches and windows."""
        env, generated = self._env, self._generated
        parts = [
            generated.text(class_source(p.layout, identifier(f"Group_{p.query.name}")))
            for p in env.graph.pipelines
            if p.layout is not None
        ]
        for stream in self._inputs():
            _, source = write_row_step(env, stream, self._usual_variant(stream))
            parts.append(f"# rows of {ascii(stream)[1:-1]}\n" + generated.text(source))
        if env.live.triggers or any(p.gives_batches for p in env.graph.pipelines):
            functions = BatchFunctions(env, env.live.triggers, windows=True)
            parts.append(generated.text(functions.source))
        return "\n".join(parts)

    def _inputs(self) -> list[str]:
        plan = self._env.graph.plan
        written = {query.target for query in plan.queries}
        read = {query.source for query in plan.queries}
        return [n for n, s in plan.streams.items() if n in read and (
            s.role == "source" or (n not in written and s.trigger is None))]  # fmt: skip

    def _usual_variant(self, stream: str) -> Variant:
        """How rows of a source, or of the API without times, are processed."""
        known = self._env.graph.plan.streams[stream]
        beside = known.role == "source" and known.schema.metadata
        return self._variant(stream, "metadata" if beside else "nothing")

    def _variant(self, stream: str, beside: Beside, partitioned: bool = False) -> Variant:
        times: Times = "none"
        if self._times.known(stream, beside):
            times = "list" if beside == "times" else "column"
        moves_clock = times != "none" and self._env.clock.moved_by_rows
        return Variant(times, moves_clock, beside == "metadata", partitioned)

    def _arrival(self, stream: str, beside: Beside, variant: Variant) -> Arrival | None:
        env, clock = self._env, self._env.clock
        triggers, pipelines = env.live.triggers, env.graph.pipelines
        if variant.moves_clock:
            assert isinstance(clock, ManualClock)
            fed = any(fed_from(s) and env.is_read(s) for s in env.graph.plan.streams)
            if self.may_cut or fed or self._asks_time:
                return standing(clock)
            entered = [env.live.operators[p.index] for p in env.graph.entered_windows(stream)]
            windows = [window for window in entered if isinstance(window, TumblingWindow)]
            if len(windows) != len(entered) or triggers:
                return standing(clock)
            return look_ahead(clock, env.timers, windows, self._times.last(stream, beside))
        asked = (
            self._asks_time
            or bool(triggers)
            or stream in env.live.watermarks.roots
            or any(p.window or p.follows_time for p in pipelines)
            or any(outlet.timed for outlet in env.all_outlets)
        )
        if isinstance(clock, ManualClock) or asked:
            return lambda rows, beside: self._arrived.arrive()
        return None

    def _compile_batches(self, *streams: str) -> None:
        """Compile what processes the logical batches of some streams besides, and what windows
        call."""
        env, triggers = self._env, self._env.live.triggers
        streams = (*streams, *env.late_streams(), *triggers)
        if streams or any(p.gives_batches for p in env.graph.pipelines):
            functions = BatchFunctions(env, dict.fromkeys((*streams, *env.batches)), windows=True)
            made = self._generated.run(
                functions.source, functions.writer, functions.names(), "batches"
            )
            env.batches.clear()
            env.batches.update({s: made[n] for s, n in functions.functions.items()})
            for name, trigger in triggers.items():
                trigger.emit = partial(self._emit_trigger, name)
            connect(functions, made, env)
        self._windows_ready = True

    def _emit_trigger(self, stream: str, due: int) -> None:
        self._received[stream] += 1
        self._env.batches[stream]([self._env.row_types[stream](due)], [due], [due])
