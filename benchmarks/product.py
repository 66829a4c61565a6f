"""EventFlux without connectors: payloads through a mapper, the engine and back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.loops import Step, StepFactory
from benchmarks.workloads import Workload
from eventflux.base.clock import Clock, ManualClock, SystemClock
from eventflux.base.rows import Row
from eventflux.compiler import compile_plan
from eventflux.planner import plan_sql
from eventflux.planner.plan import Plan
from eventflux.runtime.engine import Engine, Outlet, RowFailure
from eventflux.spi.mapper import MapperContext, SinkMapper, SourceMapper
from eventflux.spi.plugins import installed_registry

_registry = installed_registry()


class NotClean(Exception):
    """A row or a payload of the benchmark's own data was refused."""


def clock_of(plan: Plan) -> Clock:
    """The clock that the app's settings ask for."""
    return ManualClock() if plan.settings.get("app.time") == "event" else SystemClock()


def compile_workload(workload: Workload) -> Engine:
    """The compiled app of a workload, its failures raised."""
    planned = plan_sql(workload.sql)
    clock = clock_of(planned.plan)
    engine: Engine = compile_plan(planned.plan, functions=planned.functions, clock=clock)
    engine.on_failure = _refuse
    return engine


def _refuse(failure: RowFailure) -> None:
    raise NotClean(f"{failure.stream}: {failure.error}")


@dataclass(frozen=True)
class Parts:
    """What takes a payload through EventFlux: the engine with a mapper at each end."""

    engine: Engine
    outlet: Outlet
    source: SourceMapper
    sink: SinkMapper
    stream: str

    def decode(self, payloads: Sequence[bytes]) -> list[Row]:
        decoded = self.source.decode(payloads)
        if decoded.errors:
            raise NotClean(decoded.errors[0].message)
        return decoded.rows


def parts_of(workload: Workload) -> Parts:
    """Build the engine of a workload, an outlet of its target and the mappers of both ends."""
    plan = plan_sql(workload.sql).plan
    engine = compile_workload(workload)
    source = _registry.source_mapper_factory(plan.streams[workload.source].format or "json")
    sink = _registry.sink_mapper_factory(plan.streams[workload.target].format or "json")

    def context(stream: str) -> MapperContext:
        return MapperContext(stream, plan.streams[stream].schema, engine.row_type(stream))

    return Parts(
        engine,
        engine.outlet([workload.target]),
        source.create(source.options.parse({}), context(workload.source)),
        sink.create(sink.options.parse({}), context(workload.target)),
        workload.source,
    )


def warm_up(parts: Parts, payloads: Sequence[bytes]) -> None:
    """Have the step compiled, which its first row does, and leave no trace of that row in state."""
    parts.engine.step(parts.stream, parts.decode(payloads))
    parts.outlet.take()
    parts.engine.load_state({})


def product(workload: Workload) -> StepFactory:
    """A factory of steps like those of :mod:`benchmarks.loops`, each on an app of its own."""

    sample = workload.payloads(1)

    def make() -> Step:
        parts = parts_of(workload)
        warm_up(parts, sample)
        decode, encode = parts.source.decode, parts.sink.encode
        run, take, stream = parts.engine.step, parts.outlet.take, workload.source

        def step(batch: Sequence[bytes]) -> list[bytes]:
            decoded = decode(batch)
            if decoded.errors:
                raise NotClean(decoded.errors[0].message)
            run(stream, decoded.rows)
            rows = take()
            return list(encode(rows).payloads) if rows else []

        return step

    return make


def generated_code(workload: Workload) -> str:
    """The Python that the compiler wrote for a workload."""
    parts = parts_of(workload)
    return parts.engine.source_code()
