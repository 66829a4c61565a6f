"""Which rows leave a window one by one, and when; ``by_watermark`` tells what time is for it."""

from __future__ import annotations

from eventflux.compiler.aggregates import Leaving
from eventflux.planner import windows as w
from eventflux.planner.windows import AnyWindow


def leaving_of(window: AnyWindow | None, by_watermark: bool) -> Leaving:
    """Which rows leave a window one by one, and are taken back from accumulators then."""
    match window:
        case w.Time() | w.TimeLength() if by_watermark:
            return "any"
        case w.Length() | w.Time() | w.TimeLength() | w.Expression():
            return "oldest"
        case w.FirstUnique(ttl_ms=ttl):
            return "never" if ttl is None else "oldest"
        case None:
            return "never"
    return "any" if window.family == "sliding" else "never"


def leaves_by_time(window: AnyWindow | None, by_watermark: bool) -> bool:
    """Whether its rows leave in order of their time, in whatever order they came."""
    if isinstance(window, w.Time | w.TimeLength):
        return by_watermark
    return isinstance(window, w.ExternalTime)


def leaves_by_clock(window: AnyWindow | None) -> bool:
    """Whether time alone makes its rows leave, though nothing comes."""
    match window:
        case w.Time() | w.TimeLength():
            return True
        case w.Unique(ttl_ms=ttl) | w.FirstUnique(ttl_ms=ttl):
            return ttl is not None
    return False


def leaves_in_turn(window: AnyWindow | None, by_watermark: bool) -> bool:
    """Whether rows leave it in the order in which they came, before the next one enters."""
    if isinstance(window, w.Time | w.TimeLength):
        return not by_watermark
    return isinstance(window, w.Length)


def may_leave_at_once(window: AnyWindow | None, by_watermark: bool) -> bool:
    """Whether a row that enters can leave it in the same step."""
    if isinstance(window, w.TimeLength):
        return by_watermark
    return isinstance(window, w.Sort | w.LossyFrequent | w.Expression)
