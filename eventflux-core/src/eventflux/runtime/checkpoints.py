"""Checkpoints of a running app: cut between two batches, published when everything emitted up to
the cut is safe; then the inputs up to the cut are acknowledged.

Publishing earlier would lose rows: a window fires, a checkpoint with the emptied window is stored,
and the process dies before the row is confirmed. One checkpoint is under way at a time; what comes
meanwhile belongs to the next one.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from time import perf_counter
from typing import Any

import msgspec

from eventflux.base.errors import EventFluxError, StateError
from eventflux.base.interruption import is_interruption
from eventflux.base.state_records import Cleared, StateChange
from eventflux.runtime.backoff import Backoff
from eventflux.runtime.delivery import Epoch
from eventflux.runtime.engine import Engine
from eventflux.runtime.manifest import Manifest, SourcePositions, encoded, moment
from eventflux.runtime.restoring import Restored, dropped, find, restore
from eventflux.runtime.room import Room
from eventflux.runtime.source_runner import SourceRunner
from eventflux.runtime.specs import StoreSpec
from eventflux.runtime.steps import Steps
from eventflux.runtime.store_thread import StoreThread
from eventflux.spi.state_store import Damaged

logger = logging.getLogger("eventflux.runtime")

_LONGEST_CLOSE = 10.0
"""Seconds that letting go of a store that was opened for a look may take."""
_QUIET = 1.0
"""Seconds between two looks at whether sources get nothing more."""
_ADRIFT = 5_000
"""Milliseconds by which clocks may differ, or be set back, without a word."""
_SLICE = 0.002
"""Seconds for which the encoding of changes may hold the loop in one go."""
_BETWEEN_LOOKS = 32
"""Changes between two looks at the time."""


class Cut(msgspec.Struct):
    """A checkpoint under way. Its changes are kept until it is published, so that it can be
    written again; after it the engine only tells what has changed since."""

    epoch: Epoch
    manifest: Manifest
    changes: Iterator[StateChange]
    slices: list[Sequence[StateChange]] = msgspec.field(default_factory=list)
    encoded: bool = False
    """Whether all changes are in the slices."""


class NotEncoded(Exception):
    """The engine could not tell what has changed: no checkpoint is possible any more."""


class Checkpoints:
    """Those of one app; all calls come on its loop. ``fail`` is told of what must stop the app:
    a store that fails does not, it is tried again."""

    def __init__(
        self,
        app: str,
        spec: StoreSpec,
        engine: Engine,
        steps: Steps,
        sources: Sequence[SourceRunner],
        backoff: Backoff,
        fail: Callable[[EventFluxError], None],
    ) -> None:
        self._app = app
        self._spec = spec
        self._engine = engine
        self._steps = steps
        self._sources = sources
        self._backoff = backoff
        self._fail = fail
        self.gate = Room()
        """Full while a cut waits for a batch that is half processed, and while one joins the next:
        nothing else comes in."""
        self._thread: StoreThread | None = None
        self._wanted = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._fresh = spec.fresh
        self._chosen: int | None = None
        """The checkpoint that the next start goes on from, if that is not the newest."""
        self._ending = False
        self._revision: int | None = None
        """The checkpoint that the next one follows."""
        self._last: Manifest | None = None
        """What the newest checkpoint is, unless that is not the one that the next follows."""
        self._leftover: Iterable[StateChange] = ()
        """What the next checkpoint changes beside what the engine tells."""
        self._joined = False
        """Whether the last cut was left to the next one."""
        self._failing: str | None = None
        self._published_at: float | None = None
        self.published = self.failed = 0
        self._seconds, self._size = 0.0, 0

    # Life

    async def restore(self) -> None:
        """Open the store and load what is in it, before anything else is opened.

        Raises:
            RefusedError: another process has the state, or it is not one of ours.
            StateError: what is stored can't be read.
        """
        self._thread = thread = StoreThread(self._spec)
        self._failing, self._ending, self._joined = None, False, False
        await thread.open(fresh=self._fresh)
        self._engine.track_state()
        restored = await thread.call(restore, thread.store, self._engine, self._chosen)
        if restored is None:
            self._engine.load_state({})
            self._engine.track_state()
        self._fresh, self._chosen = False, None
        self._revision = None if restored is None else restored.revision
        self._last = restored.manifest if restored is not None and restored.newest else None
        self._leftover = ()
        if restored is not None:
            left = dropped(restored.manifest, self._engine)
            self._leftover = [Cleared(state, b"") for state in sorted(left)]
            self._resume(restored)
        self._steps.epoch = Epoch()

    def _resume(self, restored: Restored) -> None:
        stored = restored.manifest.sources
        for source in self._sources:
            spec, positions = source.spec, stored.get(source.spec.stream)
            if positions is not None and positions.connector == spec.connector:
                source.resume(positions.positions)
            elif spec.kind == "replayable":
                logger.warning("state: %s is new: it starts at its beginning", spec.label)
        logger.info("state: restored from revision %d", restored.revision)
        ahead = restored.manifest.created_ms - time.time_ns() // 1_000_000
        if ahead > _ADRIFT:
            logger.warning(
                "state: revision %d was cut at %s, %d s ahead of this machine's clock: what goes "
                "by the clock waits until it has caught up; is the clock right?",
                restored.revision,
                moment(restored.manifest),
                ahead // 1000,
            )

    def begin(self) -> None:
        """Everything is open: checkpoints are made from now on."""
        self._wanted = asyncio.Event()
        self._task = asyncio.get_running_loop().create_task(self._run())

    async def finish(self) -> None:
        """Make the last checkpoint. Sources have stopped, and sinks have sent what they can."""
        if self._task is not None:
            self._ending = True
            self.want()
            await self._task

    async def close(self, within: float) -> None:
        """Give up what is under way, and let go of the store."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        self.gate.set_full(False)
        self._steps.epoch = None
        thread, self._thread = self._thread, None
        if thread is not None:
            await thread.close(within)

    async def clear(self) -> None:
        """Forget all that is stored, of an app that does not run."""
        await self._look(lambda store: store.clear())
        self._chosen = None

    async def choose(self, revision: int) -> None:
        """Let the next start go on from a checkpoint that is kept, of an app that does not run.

        Raises:
            UsageError: it is not kept.
            StateError: it can't be read.
        """
        await self._look(find, revision)
        self._chosen = revision

    async def _look(self, work: Callable[..., None], *arguments: Any) -> None:
        """Do something with the store of an app that does not run."""
        thread = StoreThread(self._spec)
        try:
            await thread.open(fresh=False)
            await thread.call(work, thread.store, *arguments)
        finally:
            await thread.close(_LONGEST_CLOSE)

    # What others ask for

    def want(self) -> None:
        """Make a checkpoint as soon as that is possible."""
        self._wanted.set()

    def persist(self) -> asyncio.Future[int]:
        """Make one now; gives its revision when it is published."""
        published: asyncio.Future[int] = asyncio.get_running_loop().create_future()

        def resolve() -> None:
            if not published.done():
                assert self._revision is not None, "it is published"
                published.set_result(self._revision)

        assert self._steps.epoch is not None, "the app runs"
        self._steps.epoch.on_published.append(resolve)
        self.want()
        return published

    @property
    def health(self) -> str:
        """How it goes, in words; from any thread."""
        if self._failing is not None:
            return f"failing: {self._failing}; what comes in waits for its acknowledgement"
        return "running" if self._task is not None else "stopped"

    def counters(self) -> dict[str, int]:
        """What has become of checkpoints; from any thread. Those of the last one are 0 before
        there is one."""
        at = self._published_at
        return {
            "published": self.published,
            "failed": self.failed,
            "revision": self._revision or 0,
            "last_bytes": self._size,
            "last_ms": round(self._seconds * 1000),
            "age_ms": 0 if at is None else round((time.monotonic() - at) * 1000),
        }

    # Making them

    async def _run(self) -> None:
        while True:
            await self._until_due()
            last = self._ending
            self._wanted.clear()
            await self._between_batches()
            try:
                published = await self._publish(self._cut())
            except NotEncoded as error:
                self._fail(StateError(f"app {self._app!r}: {error}"))
                return
            if last and published:
                return

    async def _until_due(self) -> None:
        """Wait for the interval's end, or until one is wanted or a source is starved."""
        loop = asyncio.get_running_loop()
        due = loop.time() + self._spec.interval
        while not self._wanted.is_set() and loop.time() < due:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout_at(min(due, loop.time() + _QUIET)):
                    await self._wanted.wait()
            starved = [source.starved() for source in self._sources]  # all are looked at
            if any(starved):
                return

    async def _between_batches(self) -> None:
        """Wait for batches whose messages are being tried again; usually there are none."""
        while busy := [source for source in self._sources if source.busy.full]:
            self.gate.set_full(True)
            await busy[0].busy.wait()

    def _cut(self) -> Cut:
        epoch = self._steps.epoch
        assert epoch is not None, "the app runs"
        self._steps.epoch = Epoch()
        leftover, self._leftover = self._leftover, ()
        try:
            changes = chain(leftover, self._engine.cut_state())
        except Exception as error:
            raise NotEncoded(f"state can't be cut: {error}") from error
        sources = {
            source.spec.stream: SourcePositions(source.spec.connector, source.positions)
            for source in self._sources
            if source.positions is not None
        }
        manifest = Manifest(
            app=self._app,
            created_ms=time.time_ns() // 1_000_000,
            version=self._spec.version,
            states=self._engine.state_keys(),
            sources=sources,
            rows={query: rows for query, (rows, _) in self._engine.state_sizes().items()},
        )
        self.gate.set_full(self._joined)
        epoch.done()
        return Cut(epoch, manifest, changes)

    async def _publish(self, cut: Cut) -> bool:
        """Store a cut, however often that has to be tried, and release what waits for it; false
        if it has become part of the next one."""
        began, attempt = perf_counter(), 0
        while True:
            try:
                await self._write(cut)
                await cut.epoch.safe.wait()
                if any(map(self._engine.absorbs, cut.epoch.outgrown)):
                    await self._join_next(cut)
                    return False
                await self._commit(cut)
                break
            except BaseException as error:
                if is_interruption(error) or isinstance(error, NotEncoded):
                    raise
                if isinstance(error, Damaged) and self._revision is not None:
                    await self._begin_anew(cut, error)
                    return False
                attempt += 1
                await self._try_again(error, self._backoff.delay(attempt, perf_counter() - began))
        self._failing = None
        self._seconds = perf_counter() - began
        self._published_at = time.monotonic()
        for release in cut.epoch.on_published:
            release()
        self._joined = False
        self.gate.set_full(False)
        while cut.slices:
            cut.slices.pop()  # all at once they would hold the loop
            await asyncio.sleep(0)
        return True

    async def _join_next(self, cut: Cut) -> None:
        """Let a cut be part of the next one, which is made at once. Sources wait until it is
        published, so that there is an end of what comes after each cut."""
        epoch = self._steps.epoch
        assert epoch is not None, "the app runs"
        epoch.on_published[:0] = cut.epoch.on_published
        self._leftover = chain.from_iterable(cut.slices)
        self._joined = True
        self.gate.set_full(True)
        self.want()
        await self._abandon()

    async def _begin_anew(self, cut: Cut, damage: Damaged) -> None:
        """What a cut follows can't be used any more: let the next one hold all state."""
        logger.error(
            "app %r: what is stored in %s can't be used any more: %s; all state is written anew",
            self._app,
            self._place,
            damage.reason,
        )
        self.failed += 1
        self._revision = self._last = None
        self._engine.track_state()
        cut.slices.clear()
        await self._join_next(cut)

    async def _write(self, cut: Cut) -> None:
        """Hand over the changes, in slices, while the loop goes on."""
        thread = self._open_thread()
        begun = False
        for part in self._slices(cut):
            if not begun:
                await thread.call(thread.store.begin, self._revision)
                begun = True
            await thread.call(thread.store.write, part)
        if not begun and not self._unchanged(cut):
            await thread.call(thread.store.begin, self._revision)

    def _slices(self, cut: Cut) -> Iterator[Sequence[StateChange]]:
        yield from cut.slices
        while not cut.encoded:
            part: list[StateChange] = []
            until = perf_counter() + _SLICE
            try:
                for change in cut.changes:
                    part.append(change)
                    if not len(part) % _BETWEEN_LOOKS and perf_counter() > until:
                        break
                else:
                    cut.encoded = True
            except Exception as error:
                raise NotEncoded(f"state can't be encoded: {error}") from error
            if part:
                cut.slices.append(part)
                yield part

    def _unchanged(self, cut: Cut) -> bool:
        """Whether a cut is as the checkpoint before, so that nothing has to be written."""
        last = self._last
        return (
            not cut.slices
            and last is not None
            and (last.states, last.sources) == (cut.manifest.states, cut.manifest.sources)
        )

    async def _commit(self, cut: Cut) -> None:
        if self._unchanged(cut):
            return
        thread = self._open_thread()
        made = await thread.call(thread.store.publish, encoded(cut.manifest))
        self._revision, self._size = made.revision, made.size
        self._last = cut.manifest
        self.published += 1

    async def _try_again(self, error: BaseException, delay: float) -> None:
        """Take back what was written, and wait for so many seconds."""
        told = f"{type(error).__name__}: {error}"
        self._failing = told
        self.failed += 1
        logger.error(
            "app %r: a checkpoint in %s failed: %s; it is tried again in %.1f s",
            self._app,
            self._place,
            told,
            delay,
        )
        await self._abandon()
        await asyncio.sleep(delay)

    async def _abandon(self) -> None:
        """Take back what was written."""
        thread = self._open_thread()
        with contextlib.suppress(Exception):  # what is wrong has been told, or will be
            await thread.call(thread.store.abandon)

    @property
    def _place(self) -> str:
        return self._open_thread().store.place or self._spec.label

    def _open_thread(self) -> StoreThread:
        assert self._thread is not None, "the store is open"
        return self._thread
