"""How many examples are tried; see the package."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

SEARCH = int(os.environ.get("EVENTFLUX_SEARCH", "0"))


def examples(count: int) -> settings:
    """The settings of a property that tries ``count`` examples every day."""
    return settings(
        max_examples=count * (SEARCH or 1),
        derandomize=not SEARCH,
        database=None,
        deadline=None,
        report_multiple_bugs=False,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
