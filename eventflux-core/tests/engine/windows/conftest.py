"""Each program is read once: the properties here start the same one many times."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import pytest

from eventflux.app.program import Program, read_program
from eventflux.spi.registry import Registry
from eventflux.testing import app_runner


@pytest.fixture(autouse=True, scope="module")
def programs_read_once() -> Iterator[None]:
    @lru_cache(maxsize=16)
    def read(sql: str, registry: Registry, **how: Any) -> Program:
        return read_program(sql, registry, **how)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(app_runner, "read_program", read)
        yield
