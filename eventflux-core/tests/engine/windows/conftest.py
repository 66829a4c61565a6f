"""The properties here start the same program many times."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True, scope="module")
def read_once(programs_read_once: None) -> None:
    pass
