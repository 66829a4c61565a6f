"""The rules for acknowledgements: what is settled is gone, everything else comes again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from eventflux.spi import ReceiveLimits, Source, SourceBatch
from eventflux.testing.conformance.contract import MOMENT, Breach, needs, rule, shortened
from eventflux.testing.conformance.receiving import ReceivingConformance


class SettlingConformance(ReceivingConformance):
    """Adds the rules of acking sources; those of other kinds pass them by."""

    async def acknowledged(self) -> Sequence[Any]:
        """The messages that the other side counts as done, in any order."""
        raise NotImplementedError

    def tells_acknowledged(self) -> bool:
        """Whether the suite knows what the other side counts as done."""
        return type(self).acknowledged is not SettlingConformance.acknowledged

    def _acking_only(self) -> None:
        if self.factory.kind != "acking":
            pytest.skip("only acking sources acknowledge")

    def _acknowledged_only(self) -> None:
        self._acking_only()
        needs(self, SettlingConformance, "acknowledged")

    async def _sees_done(self, payloads: Sequence[Any], do: str) -> None:
        if not self.tells_acknowledged():
            return

        async def happened() -> bool:
            done = await self.acknowledged()
            return all(payload in done for payload in payloads)

        did = f"the other side does not count {shortened(list(payloads))} as done"
        await self.until(happened, did, do)

    async def _not_done(self, payloads: Sequence[Any], when: str) -> None:
        if not self.tells_acknowledged():
            return
        await asyncio.sleep(MOMENT)  # an acknowledgement that was sent is on its way
        done = await self.acknowledged()
        early = [payload for payload in payloads if payload in done]
        if early:
            raise Breach(
                f"{shortened(early[0])} was acknowledged {when}",
                "acknowledge in settle() only, and only what it does not reject",
            )

    def _settle(self, source: Source, settle: Callable[[], None], when: str) -> None:
        try:
            settle()
        except Exception as error:
            raise Breach(
                f"settle() {when} raised {type(error).__name__}: {error}",
                "settle() never raises: drop a token whose connection is gone",
            ) from error

    async def _received(self, source: Source, count: int) -> SourceBatch:
        """One batch of ``count`` messages, put for it."""
        await self.put(self.payloads(count))
        batches = await self.receive_all(source, count, ReceiveLimits(messages=count))
        if len(batches) == 1:
            return batches[0]
        payloads = [payload for batch in batches for payload in batch.payloads]
        for batch in batches[1:]:
            source.settle(batch.token)
        batch = batches[0]
        return SourceBatch(payloads[: len(batch.payloads)], batch.token)

    @rule("messages are done when settle() has their token, not before")
    async def test_acknowledges_what_is_settled(self) -> None:
        self._acknowledged_only()
        async with self.opened() as source:
            batch = await self._received(source, 3)
            await self._not_done(batch.payloads, "before settle()")
            self._settle(source, lambda: source.settle(batch.token), "of a fresh token")
            await self._sees_done(batch.payloads, "acknowledge all messages of the token")

    @rule("batches may be settled in any order: none is done with a later one, in the end all are")
    async def test_settles_in_any_order(self) -> None:
        self._acknowledged_only()
        async with self.opened() as source:
            put = self.payloads(3)
            await self.put(put)
            batches = await self.receive_all(source, 3, ReceiveLimits(messages=1))
            newest = batches[-1]
            self._settle(source, lambda: source.settle(newest.token), "of the newest token")
            older = [payload for batch in batches[:-1] for payload in batch.payloads]
            await self._not_done(older, "with a later batch")
            for batch in batches[:-1]:
                source.settle(batch.token)
            await self._sees_done(put, "acknowledge each token when it comes")

    @rule("a message that is rejected with requeue comes again; its batch is done without it")
    async def test_gives_back_what_is_rejected(self) -> None:
        self._acking_only()
        async with self.opened() as source:
            batch = await self._received(source, 3)
            back, rest = batch.payloads[0], list(batch.payloads[1:])
            self._settle(source, lambda: source.settle(batch.token, [0], requeue=True), "")
            await self._sees_done(rest, "acknowledge the messages that are not rejected")
            await self._not_done([back], "although it was rejected")
            again = await self.receive(source)
            if list(again.payloads) != [back]:
                raise Breach(
                    f"{shortened(back)} was given back, {shortened(list(again.payloads))} came",
                    "let the other side deliver what is rejected with requeue once more",
                )

    @rule("a message that is rejected without requeue does not come again")
    async def test_discards_what_is_rejected(self) -> None:
        self._acking_only()
        async with self.opened() as source:
            batch = await self._received(source, 2)
            bad = batch.payloads[0]
            self._settle(source, lambda: source.settle(batch.token, [0]), "")
            await self._not_done([bad], "although it was rejected")
            marker = self.payload(99)
            await self.put([marker])
            next_batch = await self.receive(source)
            if bad in next_batch.payloads:
                raise Breach(f"{shortened(bad)} came again", "requeue only where requeue is true")

    @rule("what was not settled when the connection went is delivered again")
    async def test_gives_again_what_was_not_settled(self) -> None:
        self._acking_only()
        async with self.opened() as source:
            batch = await self._received(source, 3)
        async with self.opened() as source:
            again = await self.receive_all(source, len(batch.payloads))
            self.expect(again, batch.payloads, "acknowledge nothing in close()")

    @rule("a token of a connection that is gone is dropped silently")
    async def test_drops_stale_tokens(self) -> None:
        self._acking_only()
        source = self.made()
        await self.open(source)
        batch = await self._received(source, 2)
        await source.close()
        self._settle(source, lambda: source.settle(batch.token), "after close()")
        await self.open(source)
        try:
            self._settle(source, lambda: source.settle(batch.token), "of a stale token")
            again = await self.receive_all(source, len(batch.payloads))
            self.expect(again, batch.payloads, "let a token know its connection, and drop others")
            await self._not_done(batch.payloads, "by a stale token")
        finally:
            await source.close()

    @rule("after stop() settle() still works")
    async def test_settles_after_stop(self) -> None:
        self._acking_only()
        async with self.opened() as source:
            batch = await self._received(source, 2)
            await source.stop()
            self._settle(source, lambda: source.settle(batch.token), "after stop()")
            await source.close()
            await self._sees_done(batch.payloads, "flush acknowledgements in close()")
