"""Finds the plugin whose code was at work, so that a failure or a stall names it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from types import FrameType

PluginOf = Callable[[str], str | None]
"""From the name of a module to the plugin that it belongs to, in words; ``None`` for the core's
and the program's own."""


def no_plugin(module: str) -> str | None:
    """A :data:`PluginOf` where there are no plugins."""
    return None


def plugin_at_work(frames: Iterable[FrameType], plugin_of: PluginOf) -> str | None:
    """The plugin of the first of these frames that is of any."""
    modules = (str(frame.f_globals.get("__name__", "")) for frame in frames)
    return next(filter(None, map(plugin_of, modules)), None)


def frames_of(error: BaseException) -> list[FrameType]:
    """The frames that an error went through, the innermost first."""
    return list(_frames(error))[::-1]


def _frames(error: BaseException) -> Iterator[FrameType]:
    trace = error.__traceback__
    while trace is not None:
        yield trace.tb_frame
        trace = trace.tb_next
