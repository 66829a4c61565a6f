"""What EventFlux brings to pytest: fixtures for tests of apps and plugins, and the tests that are
written as SQL.

It is loaded in every run of pytest where EventFlux is installed, so it imports nothing of the
engine until a fixture is asked for or a file ``*.eventflux-test`` is found.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from eventflux.app import EventFluxManager
    from eventflux.testing import AppRunner

pytest.register_assert_rewrite("eventflux.testing.conformance")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect ``*.eventflux-test``."""
    if file_path.suffix != ".eventflux-test":
        return None
    from eventflux.testing.sql_tests.collecting import SqlTestFile

    return SqlTestFile.from_parent(parent, path=file_path)


@pytest.fixture
def eventflux_manager() -> EventFluxManager:
    """A manager that knows the installed plugins; register more in ``manager.context``."""
    from eventflux.app import EventFluxManager

    return EventFluxManager()


@pytest.fixture
def eventflux_runner(eventflux_manager: EventFluxManager) -> Iterator[Callable[..., AppRunner]]:
    """``eventflux_runner(sql, outputs)`` starts an app on a virtual clock, every source and
    sink replaced: an :class:`eventflux.testing.AppRunner`, which knows what is registered in
    ``eventflux_manager`` and is stopped after the test."""
    from eventflux.testing import AppRunner

    with ExitStack() as running:

        def run(sql: str, outputs: Any = (), **more: Any) -> AppRunner:
            runner = AppRunner(sql, outputs, context=eventflux_manager.context, **more)
            return running.enter_context(runner)

        yield run


@pytest.fixture
def eventflux_channels() -> Iterator[Any]:
    """The module :mod:`eventflux.memory`, with empty channels, emptied after the test."""
    from eventflux.builtin import channels

    channels.reset()
    yield importlib.import_module("eventflux.memory")
    channels.reset()
