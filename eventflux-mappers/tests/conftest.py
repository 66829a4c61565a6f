"""Properties say what comes out, not how fast the machine is that others use, too."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("without deadline", deadline=None)
settings.load_profile("without deadline")
