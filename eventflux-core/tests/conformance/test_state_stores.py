"""The built-in state store keeps the rules; one that does not is told so."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from eventflux.builtin.sqlite.factory import SqliteStoreFactory
from eventflux.builtin.sqlite.store import SqliteStore
from eventflux.spi import PublishedCheckpoint, StateStoreContext
from eventflux.testing import StateStoreConformance


class TestSqliteStore(StateStoreConformance):
    factory = SqliteStoreFactory()

    async def start(self) -> None:
        self.directory = TemporaryDirectory()

    async def stop(self) -> None:
        self.directory.cleanup()

    def options(self) -> Mapping[str, str]:
        return {"checkpoint.dir": self.directory.name}


class Forgetful(SqliteStore):
    """Publishes nothing."""

    def publish(self, manifest: bytes) -> PublishedCheckpoint:
        published = super().publish(manifest)
        self.clear()
        return published


def test_a_store_that_breaks_a_rule_is_told_so() -> None:
    class Factory(SqliteStoreFactory):
        def create(self, options: Any, context: StateStoreContext) -> SqliteStore:
            return Forgetful(Path(options.dir), context.app)

    class Suite(TestSqliteStore):
        factory = Factory()

    with pytest.raises(pytest.fail.Exception, match="what is published is found by the next"):
        Suite().test_published_is_there()
