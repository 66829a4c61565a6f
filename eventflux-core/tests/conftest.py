"""What the tests of the core share. Properties say what comes out, not how fast the machine is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

import pytest
import waiting
from hypothesis import settings

from eventflux.app.program import Program, read_program
from eventflux.spi.registry import Registry
from eventflux.testing import app_runner

settings.register_profile("without deadline", deadline=None)
settings.load_profile("without deadline")


@pytest.fixture
def until() -> Callable[..., Any]:
    return waiting.until


@pytest.fixture(scope="module")
def programs_read_once() -> Iterator[None]:
    """Runners that start the same program one after the other share what was read of it."""

    @lru_cache(maxsize=16)
    def read(sql: str, registry: Registry, **how: Any) -> Program:
        return read_program(sql, registry, **how)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(app_runner, "read_program", read)
        yield
