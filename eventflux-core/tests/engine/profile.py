"""How many examples the properties try.

By default the same ones each time, few enough for every day. ``EVENTFLUX_SEARCH=20`` tries
twenty times as many, other ones each time; ``EVENTFLUX_SHRINK=0`` shows the first that
fails as it is, for making it small takes minutes.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, Phase, settings

SEARCH = int(os.environ.get("EVENTFLUX_SEARCH", "0"))
SHRINK = os.environ.get("EVENTFLUX_SHRINK", "1") != "0"


def examples(count: int) -> settings:
    """The settings of a property that tries ``count`` examples every day."""
    return settings(
        max_examples=count * (SEARCH or 1),
        derandomize=not SEARCH,
        database=None,
        deadline=None,
        phases=[Phase.generate, *([Phase.shrink] if SHRINK else [])],
        report_multiple_bugs=False,
        suppress_health_check=[
            HealthCheck.too_slow,
            HealthCheck.data_too_large,
            HealthCheck.filter_too_much,
        ],
    )
