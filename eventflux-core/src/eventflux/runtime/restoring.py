"""Puts the newest checkpoint that is whole into an engine, query by query."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from eventflux.base.errors import StateError, UsageError
from eventflux.base.state_records import of_another_form
from eventflux.runtime.engine import Engine
from eventflux.runtime.manifest import Manifest, decoded, moment
from eventflux.runtime.store_thread import unreadable
from eventflux.spi.state_store import Damaged, KeptCheckpoint, StateStore

logger = logging.getLogger("eventflux.runtime")


class Restored(msgspec.Struct, frozen=True):
    """The checkpoint that an engine goes on from."""

    revision: int
    manifest: Manifest
    newest: bool
    """Whether there is none behind it, not even a damaged one."""


def find(store: StateStore, revision: int) -> None:
    """See that a checkpoint is kept.

    Raises:
        UsageError: it is not.
        StateError: nothing can be read, or not that one.
    """
    kept = {checkpoint.revision: checkpoint for checkpoint in _kept(store)}
    if revision not in kept:
        raise UsageError(
            f"there is no revision {revision!r} in {store.place}",
            "kept are " + (", ".join(map(str, sorted(kept))) or "none"),
        )
    if (damage := kept[revision].damage) is not None:
        raise unreadable(store.place, f"revision {revision}: {damage}")


def restore(store: StateStore, engine: Engine, chosen: int | None) -> Restored | None:
    """Load the checkpoint that is ``chosen``, else the newest that can be read; ``None`` if there
    is none at all. It is called in the thread of the store, while nothing else uses the engine.

    Raises:
        StateError: there are checkpoints and none can be read, or another version wrote the
            newest.
    """
    kept = _kept(store)
    newest = kept[0].revision if kept else 0
    reasons: list[str] = []
    for checkpoint in kept:
        if chosen is not None and checkpoint.revision != chosen:
            continue
        reason = checkpoint.damage
        if reason is None:
            try:
                manifest = _restore(store, checkpoint, engine)
            except Damaged as error:
                reason = error.reason
            except (ValueError, TypeError) as error:
                reason = f"its manifest is none: {error}"
            else:
                if reasons:
                    logger.error(
                        "state: going on from revision %d, cut %s: what was acknowledged since "
                        "then is missing in state",
                        checkpoint.revision,
                        moment(manifest),
                    )
                return Restored(checkpoint.revision, manifest, checkpoint.revision == newest)
        logger.error("state: revision %d is damaged and skipped: %s", checkpoint.revision, reason)
        reasons.append(f"revision {checkpoint.revision}: {reason}")
    if reasons:
        raise unreadable(store.place, "; ".join(reasons))
    return None


def _kept(store: StateStore) -> Sequence[KeptCheckpoint]:
    try:
        return store.kept()
    except Damaged as error:
        raise unreadable(store.place, error.reason) from error


def _restore(store: StateStore, checkpoint: KeptCheckpoint, engine: Engine) -> Manifest:
    manifest = decoded(checkpoint.manifest)
    left = dropped(manifest, engine)
    damage: list[Damaged] = []

    def records(state: str) -> Iterator[tuple[bytes, bytes]]:
        try:
            yield from store.records(checkpoint.revision, state)
        except Damaged as error:
            damage.append(error)
            raise

    try:
        engine.load_state({s: records(s) for s in manifest.states if s not in left})
    except (StateError, Damaged) as error:
        raise damage[0] if damage else Damaged(str(error)) from error
    _tell(checkpoint.revision, manifest, engine)
    return manifest


def _tell(revision: int, manifest: Manifest, engine: Engine) -> None:
    """Say which queries start empty, and whose state is dropped."""
    stored, known = manifest.states, engine.state_keys()
    another = of_another_form(stored, known)
    for whose in sorted({info.whose for info in another.values()}):
        logger.warning(
            "state: %s starts empty: revision %d, by EventFlux %s, has its state in another form "
            "than it has now; go back to what stored it while that revision is kept, or go on "
            "without",
            whose,
            revision,
            manifest.version,
        )
    gone = {state: info.query for state, info in stored.items() if state not in known}
    fresh = {state: info.query for state, info in known.items() if state not in stored}
    for query in _named(fresh):
        how = "has changed" if query in gone.values() else "is new"
        logger.warning("state: query %r %s: it starts empty", query, how)
    for query in _named(gone):
        if query not in fresh.values():
            logger.warning("state: there is no query %r any more: its state is dropped", query)


def _named(states: Mapping[str, str]) -> Iterator[str]:
    return iter(sorted({query for query in states.values() if query}))


def dropped(manifest: Manifest, engine: Engine) -> set[str]:
    """The states of a checkpoint that the engine does not know, or not in this form."""
    stored, known = manifest.states, engine.state_keys()
    return {*(stored.keys() - known.keys()), *of_another_form(stored, known)}
