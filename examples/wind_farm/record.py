"""Prints an hour of readings of a wind farm, a line of JSON each, the same for the same seed.

Twelve turbines report every five seconds, over a network that keeps readings back for up to
eight seconds: they come out of order. One turbine ices up half way through, and now and then a
reading has no power, or comes minutes too late.
"""

from __future__ import annotations

import json
import math
import random
import sys
from collections.abc import Iterator
from typing import TypedDict

START_MS = 1_767_225_600_000
SECONDS, EVERY, TURBINES = 3600, 5, 12
ICED, FROM_SECOND = 7, 1900


class Reading(TypedDict):
    turbine: str
    wind: float
    power: float | None
    at: int


def hour(seed: int = 1) -> Iterator[Reading]:
    """The readings in the order in which they arrive."""
    draw = random.Random(seed)
    sent: list[tuple[float, int, Reading]] = []
    for second in range(0, SECONDS, EVERY):
        for turbine in range(1, TURBINES + 1):
            at = START_MS + second * 1000 + draw.randrange(EVERY * 1000)
            wind = 6.5 + 2 * math.sin(second / 500) + draw.gauss(0, 0.4)
            power: float | None = round(1.5 * wind**3, 1)
            if turbine == ICED and second >= FROM_SECOND:
                power = round(0.45 * wind**3, 1)
            if draw.random() < 0.005:
                power = None
            held_back = 180.0 if draw.random() < 0.002 else draw.uniform(0, 8)
            reading: Reading = {
                "turbine": f"T{turbine:02}",
                "wind": round(wind, 2),
                "power": power,
                "at": at,
            }
            sent.append((at + held_back * 1000, len(sent), reading))
    for _, _, reading in sorted(sent, key=lambda item: item[:2]):
        yield reading


if __name__ == "__main__":
    for reading in hour(int(sys.argv[1]) if len(sys.argv) > 1 else 1):
        print(json.dumps(reading))
