"""A manager without anything registered."""

from __future__ import annotations

import pytest

from eventflux import EventFluxManager


@pytest.fixture
def manager() -> EventFluxManager:
    return EventFluxManager(plugins=True)
