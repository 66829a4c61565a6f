"""How many examples the properties try.

By default the same few each time. ``EVENTFLUX_ORACLE=20`` tries twenty times as many, other
ones each time, and shows the first that fails as it is: to shrink one takes minutes.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, Phase, settings

_TIMES = int(os.environ.get("EVENTFLUX_ORACLE", "0"))


def examples(count: int) -> settings:
    return settings(
        max_examples=count * (_TIMES or 1),
        derandomize=not _TIMES,
        database=None,
        deadline=None,
        phases=[Phase.generate] if _TIMES else [Phase.generate, Phase.shrink],
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
