"""How a lost connection is made again, where a connector has options of its own for that."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reconnection:
    """What a connector's options say of the runtime's back-off.

    The pause before a try to connect again is ``delay`` seconds, doubled after each try that
    fails, ``max_delay`` at the most, less a random part. ``max_attempts`` tries are made, -1 is
    without end and 0 is none: then a lost connection fails the app. ``option`` is the one that
    says how many, for errors.
    """

    delay: float
    max_delay: float
    max_attempts: int = -1
    option: str = "reconnect.max.attempts"
