"""What the tests of the core share. Properties say what comes out, not how fast the machine is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import waiting
from hypothesis import settings

settings.register_profile("without deadline", deadline=None)
settings.load_profile("without deadline")


@pytest.fixture
def until() -> Callable[..., Any]:
    return waiting.until
