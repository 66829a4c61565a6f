"""From a plan to generated Python functions that run it."""

from __future__ import annotations

from collections.abc import Mapping

from eventflux.base.clock import Clock
from eventflux.compiler.program import Program
from eventflux.operators.watermarks import WatermarkOptions
from eventflux.planner.plan import Plan
from eventflux.spi.own_aggregates import SqlCallable

__all__ = ["Program", "compile_plan"]


def compile_plan(
    plan: Plan,
    *,
    functions: Mapping[str, SqlCallable],
    clock: Clock,
    watermarks: Mapping[str, WatermarkOptions] | None = None,
) -> Program:
    """Compile ``plan`` for the local engine.

    Args:
        plan: a bound and validated plan.
        functions: those of the program's own that it calls, by lower-case name and alias.
        clock: the clock of the app; timers and event times go by it.
        watermarks: the options of the streams with WATERMARK FOR, where they are not the default.

    Code is generated when a stream is first used, so nothing is compiled in vain.
    """
    return Program(plan, functions, clock, watermarks or {})
