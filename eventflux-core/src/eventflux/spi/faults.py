"""How a connector tells the runtime what went wrong."""

from __future__ import annotations


class Disconnected(Exception):
    """The connection is gone or can't be made now; the runtime backs off and opens again."""

    def __init__(self, reason: str, hint: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.hint = hint


class Misconfigured(Exception):
    """The other side refuses, and would refuse again: credentials, a missing queue, …

    At start the app fails at once with ``message`` and ``hint``; later it is logged as an
    error and tried again.
    """

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
