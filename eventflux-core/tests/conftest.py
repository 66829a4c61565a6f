"""What the tests of the core share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import waiting


@pytest.fixture
def until() -> Callable[..., Any]:
    return waiting.until
