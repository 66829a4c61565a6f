"""When the triggers of a plan give rows."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from eventflux.operators.grids import FixedGrid, Grid
from eventflux.operators.timers import Timers
from eventflux.operators.triggers import TriggerTimes
from eventflux.planner.plan import Plan, Trigger


def triggers_of(plan: Plan, timers: Timers, zone: ZoneInfo | None) -> dict[str, TriggerTimes]:
    """The triggers of an app by the names of their streams, in the order of their definition;
    each waits for the app's clock to begin."""
    found: dict[str, TriggerTimes] = {}
    for name, stream in plan.streams.items():
        if (trigger := stream.trigger) is not None:
            grid = _grid_of(trigger, zone)
            found[name] = TriggerTimes(grid, timers, catch_up=trigger.catch_up)
            found[name].go_on()
    return found


def _grid_of(trigger: Trigger, zone: ZoneInfo | None) -> Grid | None:
    if trigger.every_ms is not None:
        return FixedGrid(trigger.every_ms, None)
    if trigger.cron is None:
        return None
    from eventflux.operators.cron_grid import CronGrid  # of a library that few programs need

    return CronGrid(trigger.cron, zone)
