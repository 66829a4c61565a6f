"""Calls a state store from a thread of its own, so that nothing waits for a disk."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from eventflux.base.errors import PluginError, RefusedError, StateError, UnreachableError
from eventflux.base.interruption import is_interruption
from eventflux.runtime.specs import StoreSpec
from eventflux.spi.faults import Disconnected, Misconfigured
from eventflux.spi.state_store import Damaged, StateStore

T = TypeVar("T")

logger = logging.getLogger("eventflux.runtime")

FRESH_HINT = "--fresh begins a new history and leaves the old one aside; a backup can be put back"


class StoreThread:
    """An open state store. Its calls run one after the other."""

    def __init__(self, spec: StoreSpec) -> None:
        self.spec = spec
        self.store: StateStore = spec.create()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="eventflux-state")

    async def call(self, work: Callable[..., T], *arguments: Any) -> T:
        """What ``work(*arguments)`` gives, in the thread."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, work, *arguments)

    async def open(self, *, fresh: bool) -> None:
        """
        Raises:
            RefusedError: the store refuses: another process has it, it is not one of ours.
            UnreachableError: it can't be reached.
            StateError: nothing in it can be read.
        """
        try:
            await self.call(lambda: self.store.open(fresh=fresh))
        except Misconfigured as error:
            raise RefusedError(f"{self.spec.label}: {error.message}", error.hint) from error
        except Disconnected as error:
            raise UnreachableError(f"{self.spec.label}: {error.reason}", error.hint) from error
        except Damaged as error:
            raise unreadable(self.store.place, error.reason) from error
        except BaseException as error:
            if is_interruption(error):
                raise
            raise PluginError(
                f"{self.spec.label} broke its contract: open raised {type(error).__name__}: {error}"
            ) from error

    async def close(self, within: float) -> None:
        """Let go of the store; what hangs for longer than these seconds is left behind."""
        try:
            async with asyncio.timeout(within):
                await self.call(self.store.close)
        except TimeoutError:
            logger.error("%s: closing it took longer than %.1f s", self.spec.label, within)
        except Exception as error:
            logger.error("%s: closing it failed: %s", self.spec.label, error)
        finally:
            self._thread.shutdown(wait=False)


def unreadable(place: str, reason: str) -> StateError:
    """Nothing of what is stored can be used."""
    return StateError(f"no checkpoint in {place} can be read: {reason}", FRESH_HINT)
