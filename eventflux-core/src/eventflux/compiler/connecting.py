"""Gives operators the code that they call: at a flush, a tick, a merge."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from eventflux.compiler.batches import BatchFunctions
from eventflux.compiler.environment import BatchWindow, Environment, ManyWindows
from eventflux.compiler.folding import groups_of
from eventflux.compiler.ticks import tell_of_groups
from eventflux.operators.length_batch import ChangingBatch
from eventflux.operators.sessions import Sessions


def connect(
    functions: BatchFunctions,
    made: Mapping[str, Callable[..., Any]],
    env: Environment,
) -> None:
    """Give the functions that were ``made`` of ``functions``' source to what calls them."""
    live = env.live
    for index, name in functions.flushes.items():
        _connect_flush(index, made[name], env)
    for index, name in functions.merges.items():
        sessions = live.operators[index]
        assert isinstance(sessions, Sessions)
        sessions.merge = made[name]
    for index, name in functions.leaves.items():
        live.ticks[index].leave = made[name]
    for index, name in functions.ends.items():
        window = live.operators[index]
        assert isinstance(window, BatchWindow | ManyWindows)
        window.flush = made[name]
    for index, name in functions.departures.items():
        live.departures[index].leave = made[name]


def _connect_flush(index: int, flush: Callable[..., Any], env: Environment) -> None:
    live = env.live
    pipeline = env.graph.pipelines[index]
    window = live.operators[index]
    if index in live.waiting:
        live.waiting[index].flush = flush
    elif pipeline.tells_window:
        live.ticks[index].tell = flush
    elif not pipeline.in_batches:
        tell_of_groups(live.ticks[index], pipeline, groups_of(env, pipeline), flush)
    elif isinstance(window, ChangingBatch):
        window.give = flush
    else:
        assert isinstance(window, BatchWindow | ManyWindows)
        window.flush = flush
