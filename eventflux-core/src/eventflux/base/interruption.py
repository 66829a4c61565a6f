"""Telling what was asked for from outside from what code raises by mistake."""

from __future__ import annotations

import asyncio
import threading


def is_interruption(error: BaseException) -> bool:
    """Whether it comes from outside of the code that raised it: a cancellation that was asked
    for, or Ctrl-C. What is not is the doing of that code, whatever its class."""
    if isinstance(error, asyncio.CancelledError):
        task = asyncio.current_task()
        return task is not None and task.cancelling() > 0
    at_main = threading.current_thread() is threading.main_thread()
    return isinstance(error, KeyboardInterrupt) and at_main
