"""What tests of a program's own functions and aggregates share."""

from __future__ import annotations

import pytest

from eventflux import EventFluxManager


@pytest.fixture
def manager() -> EventFluxManager:
    return EventFluxManager(plugins=False)
