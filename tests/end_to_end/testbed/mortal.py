"""``eventflux`` in a process that kills itself with SIGKILL at a chosen moment.

``python mortal.py "fired:3" run …`` dies when for the third time a window has fired and its rows
are about to be sent. The moments are those of :data:`MOMENTS`.
"""

from __future__ import annotations

import inspect
import os
import signal
import sys
from collections.abc import Callable
from typing import Any, Literal

from eventflux.builtin.sqlite.store import SqliteStore
from eventflux.builtin.sqlite.writing import CheckpointWriter
from eventflux.cli import main
from eventflux_rabbitmq.sink import RabbitSink
from eventflux_rabbitmq.source import RabbitSource

MOMENTS: dict[str, tuple[type[Any], str, Literal["before", "after"]]] = {
    "fired": (RabbitSink, "send", "before"),
    "confirmed": (RabbitSink, "send", "after"),
    "begun": (SqliteStore, "begin", "after"),
    "written": (SqliteStore, "write", "after"),
    "unpublished": (SqliteStore, "publish", "before"),
    "uncommitted": (CheckpointWriter, "publish", "after"),
    "published": (SqliteStore, "publish", "after"),
    "acknowledging": (RabbitSource, "settle", "before"),
}
"""What the process dies at: a call of its own, before it is made or when it has returned."""


def arm(moment: str, count: int) -> None:
    """Have the process die when ``moment`` comes for this many times."""
    owner, name, where = MOMENTS[moment]
    call: Callable[..., Any] = getattr(owner, name)
    calls = 0

    def look(now: str) -> None:
        nonlocal calls
        if now == where:
            calls += 1
            if calls == count:
                os.kill(os.getpid(), signal.SIGKILL)

    async def awaited(*arguments: Any, **named: Any) -> Any:
        look("before")
        result = await call(*arguments, **named)
        look("after")
        return result

    def plain(*arguments: Any, **named: Any) -> Any:
        look("before")
        result = call(*arguments, **named)
        look("after")
        return result

    setattr(owner, name, awaited if inspect.iscoroutinefunction(call) else plain)


if __name__ == "__main__":
    moment, _, count = sys.argv[1].partition(":")
    arm(moment, int(count))
    main(sys.argv[2:])
