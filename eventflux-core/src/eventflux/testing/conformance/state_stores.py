"""The suite for state stores."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import ClassVar

from eventflux.spi import Change, Cleared, Misconfigured, StateChange, StateStoreContext
from eventflux.spi.state_store import KEPT, StateStore, StateStoreFactory
from eventflux.testing.conformance.contract import (
    Breach,
    Conformance,
    essential,
    rule,
    shortened,
)

Content = Mapping[str, Mapping[bytes, bytes]]

_ONE = Change("a", b"1", b"one")


class StateStoreConformance(Conformance):
    """Subclass it as ``Test…`` and say where there is an empty place::

    class TestRedisStore(StateStoreConformance):
        factory = RedisStoreFactory()

        async def start(self):
            self.prefix = uuid4().hex

        def options(self):
            return {"checkpoint.redis.prefix": self.prefix}
    """

    factory: ClassVar[StateStoreFactory]
    """The store under test."""

    def options(self) -> Mapping[str, str]:
        """Options of a place that is empty at the start of a test, and the same during it."""
        essential(self, "options")

    def made(self, app: str = "orders") -> StateStore:
        """A store of the place, as a process makes it."""
        factory = self.factory
        return factory.create(factory.options.parse(self.options()), StateStoreContext(app))

    def opened(self, app: str = "orders", *, fresh: bool = False) -> StateStore:
        store = self.made(app)
        store.open(fresh=fresh)
        return store

    @rule("what is published is found by the next process, in each of the states")
    async def test_published_is_there(self) -> None:
        store = self.opened()
        first = publish(store, _ONE, Change("b", b"", b""))
        store.close()
        store.close()
        self._expect(self.opened(), {first: {"a": {b"1": b"one"}, "b": {b"": b""}, "c": {}}})

    @rule("what was begun and not published is not found by the next process")
    async def test_unpublished_is_not(self) -> None:
        store = self.opened()
        first = publish(store, _ONE)
        store.begin(first)
        store.write([Change("a", b"2", b"two"), Cleared("a", b"")])
        store.close()
        self._expect(self.opened(), {first: {"a": {b"1": b"one"}}})

    @rule("abandon leaves no trace, and may be called when nothing was begun")
    async def test_abandoned_leaves_no_trace(self) -> None:
        store = self.opened()
        store.abandon()
        first = publish(store, _ONE)
        store.begin(first)
        store.write([Change("a", b"1", None), Change("b", b"2", b"two")])
        store.abandon()
        store.abandon()
        second = publish(store, Change("a", b"3", b"three"), after=first)
        both = {b"1": b"one", b"3": b"three"}
        self._expect(store, {second: {"a": both, "b": {}}, first: {"a": {b"1": b"one"}}})

    @rule("changes are applied in their order: Cleared takes the keys of its prefix, None one key")
    async def test_changes_in_order(self) -> None:
        store = self.opened()
        first = publish(store, *(Change("a", key, b"x") for key in (b"", b"k", b"k\xff", b"l")))
        second = publish(
            store,
            Change("a", b"k\x00", b"before"),
            Cleared("a", b"k"),
            Change("a", b"k1", b"behind"),
            Change("a", b"l", None),
            Change("a", b"never there", None),
            after=first,
        )
        third = publish(store, Cleared("a", b"k\xff"), Change("a", b"", b"y"), after=second)
        self._expect(
            store,
            {
                third: {"a": {b"": b"y", b"k1": b"behind"}},
                second: {"a": {b"": b"x", b"k1": b"behind"}},
                first: {"a": {b"": b"x", b"k": b"x", b"k\xff": b"x", b"l": b"x"}},
            },
        )

    @rule(f"the last {KEPT} checkpoints are kept, each to be read as it was; revisions grow by 1")
    async def test_last_are_kept(self) -> None:
        store = self.opened()
        history: dict[int, Content] = {}
        revision: int | None = None
        for number in range(KEPT + 3):
            key = b"%d" % number
            revision = publish(
                store, Change("a", b"n", key), Change("a", key, b"x"), after=revision
            )
            history[revision] = {"a": {b"n": key} | {b"%d" % n: b"x" for n in range(number + 1)}}
        newest = sorted(history)[-KEPT:][::-1]
        if newest != list(range(newest[0], newest[0] - KEPT, -1)):
            raise Breach(f"the revisions are {newest}", "let each be one more than the last")
        self._expect(store, {revision: history[revision] for revision in newest})

    @rule("a checkpoint that follows nothing ends the old history when it is published")
    async def test_new_history(self) -> None:
        store = self.opened()
        first = publish(store, _ONE)
        store.begin(None)
        store.write([Change("b", b"2", b"two")])
        store.abandon()
        self._expect(store, {first: {"a": {b"1": b"one"}}})
        second = publish(store, Change("b", b"2", b"two"))
        self._expect(store, {second: {"a": {}, "b": {b"2": b"two"}}})

    @rule("a checkpoint behind an older one forgets those between")
    async def test_behind_an_older_one(self) -> None:
        store = self.opened()
        first = publish(store, _ONE)
        publish(store, Change("a", b"2", b"two"), after=first)
        third = publish(store, Change("a", b"3", b"three"), after=first)
        both = {b"1": b"one", b"3": b"three"}
        self._expect(store, {third: {"a": both}, first: {"a": {b"1": b"one"}}})

    @rule("a fresh start finds nothing, and neither does the next one behind clear()")
    async def test_fresh_and_clear(self) -> None:
        store = self.opened()
        publish(store, _ONE)
        store.close()
        store = self.opened(fresh=True)
        self._expect(store, {})
        publish(store, _ONE)
        store.clear()
        self._expect(store, {})
        store.close()
        self._expect(self.opened(), {})

    @rule("one process has it at a time: another is told by Misconfigured, until it is closed")
    async def test_one_holder(self) -> None:
        store, second = self.opened(), self.made()
        try:
            second.open()
        except Misconfigured:
            second.close()
        else:
            raise Breach("a second open() succeeded", "take a lock that ends with the process")
        publish(store, _ONE)
        store.close()
        self.opened().close()

    @rule("apps share a place without seeing each other's state")
    async def test_apps_apart(self) -> None:
        store, other = self.opened(), self.opened("../other app")
        first = publish(other, _ONE)
        self._expect(store, {})
        store.close()
        self._expect(other, {first: {"a": {b"1": b"one"}}})

    def _expect(self, store: StateStore, expected: Mapping[int, Content]) -> None:
        """See that these checkpoints are kept, the newest first, and what they hold; close."""
        kept = list(store.kept())
        found = [one.revision for one in kept]
        if found != list(expected) or any(one.damage for one in kept):
            raise Breach(f"kept are {kept}", f"keep the revisions {list(expected)}, newest first")
        for one in kept:
            if one.manifest != _manifest(one.revision):
                raise Breach(f"a manifest is {shortened(one.manifest)}", "give it as it came")
            for state, records in expected[one.revision].items():
                held = list(store.records(one.revision, state))
                if len(held) != len(records) or dict(held) != records:
                    raise Breach(
                        f"state {state!r} of revision {one.revision} is {shortened(held)}",
                        f"give {shortened(records)}",
                    )


def publish(store: StateStore, *changes: StateChange, after: int | None = None) -> int:
    """Make a checkpoint of these changes, written in two goes; its revision."""
    expected = 1 + max((one.revision for one in store.kept()), default=0)
    store.begin(after)
    middle = len(changes) // 2
    store.write(changes[:middle])
    store.write(changes[middle:])
    made = store.publish(_manifest(expected)).revision
    if made != expected:
        raise Breach(f"revision {made} came behind {expected - 1}", "let revisions grow by 1")
    return made


_manifest: Callable[[int], bytes] = b"manifest \x00 of %d".__mod__
