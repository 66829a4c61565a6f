"""The factory of the state store ``sqlite``."""

from __future__ import annotations

from typing import Any, ClassVar

from eventflux.spi import Options, option
from eventflux.spi.state_store import StateStore, StateStoreContext, StateStoreFactory


class SqliteStoreOptions(Options, prefix="checkpoint"):
    """Options of the store in a directory."""

    dir: str = option(doc="the directory that holds the state, a file for each app")


class SqliteStoreFactory(StateStoreFactory):
    name: ClassVar[str] = "sqlite"
    doc: ClassVar[str] = "keeps checkpoints in a SQLite database in a directory"
    options: ClassVar[type[Options]] = SqliteStoreOptions

    def create(self, options: Any, context: StateStoreContext) -> StateStore:
        from pathlib import Path

        from eventflux.builtin.sqlite.store import SqliteStore

        return SqliteStore(Path(options.dir), context.app)
