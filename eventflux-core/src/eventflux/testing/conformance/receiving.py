"""The rules for what a source gives: all that was put, in order, in bounds, and nothing lost."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import pytest

from eventflux.spi import (
    Disconnected,
    EndOfStream,
    ReceiveLimits,
    Source,
    SourceBatch,
    SourceFactory,
)
from eventflux.testing.conformance.connections import ConnectorConformance
from eventflux.testing.conformance.contract import (
    MOMENT,
    Breach,
    essential,
    needs,
    rule,
    shortened,
)

MANY = 200
"""Messages where it takes many."""


_PAUSES = (0, 1, 2, 3, 4, 5, 0.001, 0.002, 0.005)
"""How long a message is on its way when ``receive`` is cancelled: turns of the loop, seconds."""


class ReceivingConformance(ConnectorConformance):
    """What the suites of all kinds of sources have in common."""

    factory: ClassVar[SourceFactory]
    more_than_it_holds: ClassVar[int] = 20 * ReceiveLimits().messages
    """So many messages no source may have inside before one is received; fewer are faster."""

    async def put(self, payloads: Sequence[Any]) -> None:
        """Put these messages into the other side, in order, for the source to receive."""
        essential(self, "put")

    async def handed_over(self) -> int:
        """How many messages the other side has handed over to the source so far, received from
        it or not."""
        raise NotImplementedError

    async def opened_once(self, connector: Source) -> None:
        await connector.open(None)

    def payloads(self, count: int, first: int = 0) -> list[Any]:
        """``count`` messages, all different."""
        return [self.payload(number) for number in range(first, first + count)]

    async def receive(self, source: Source, limits: ReceiveLimits | None = None) -> SourceBatch:
        """What the source gives next; it must give something soon."""
        did = "receive() gave nothing although messages were put"
        do = "return what waits as soon as there is one message; put() must make it available"
        batch = await self.within(source.receive(limits or ReceiveLimits()), did, do)
        if not isinstance(batch, SourceBatch) or not batch.payloads:
            raise Breach(f"receive() returned {shortened(batch)}", "wait for a message")
        return batch

    async def receive_all(
        self,
        source: Source,
        count: int,
        limits: ReceiveLimits | None = None,
        *,
        settle: bool = False,
    ) -> list[SourceBatch]:
        """Batches that have ``count`` messages together; with ``settle`` each is settled."""
        batches: list[SourceBatch] = []
        while sum(len(batch.payloads) for batch in batches) < count:
            batches.append(await self.receive(source, limits))
            if settle:
                source.settle(batches[-1].token)
        return batches

    def expect(self, batches: Sequence[SourceBatch], put: Sequence[Any], do: str) -> None:
        """Break the rule unless the batches hold what was put, in that order."""
        got = [payload for batch in batches for payload in batch.payloads]
        if got != list(put):
            raise Breach(f"{shortened(list(put))} came as {shortened(got)}", do)

    # The rules

    @rule("a source gives every message once, in the order in which the other side has them")
    async def test_gives_all_in_order(self) -> None:
        async with self.opened() as source:
            put = self.payloads(MANY)
            await self.put(put)
            batches = await self.receive_all(source, MANY, settle=True)
            self.expect(batches, put, "keep the order, and give each message in one batch only")

    @rule("a batch is what the contract says: bytes or tuples, and one of everything a message")
    async def test_gives_batches_in_their_form(self) -> None:
        async with self.opened() as source:
            await self.put(self.payloads(3))
            for batch in await self.receive_all(source, 3):
                self._check_form(batch)

    def _check_form(self, batch: SourceBatch) -> None:
        kind = bytes if self.factory.formats else tuple
        for payload in batch.payloads:
            if type(payload) is not kind:
                raise Breach(
                    f"a payload is {shortened(payload)}",
                    f"give {kind.__name__}; a connector that lists no formats gives tuples",
                )
        columns: dict[str, Sequence[Any] | None] = {
            "message_ids": batch.message_ids,
            "deliveries": batch.deliveries,
            "partitions": batch.partitions,
            **{f"metadata[{name!r}]": column for name, column in (batch.metadata or {}).items()},
        }
        for name, column in columns.items():
            if column is not None and len(column) != len(batch.payloads):
                raise Breach(
                    f"{name} has {len(column)} values for {len(batch.payloads)} messages",
                    "give one a message",
                )
        untold = set(batch.partitions or ()) - (batch.positions or {}).keys()
        if untold:
            raise Breach(
                f"a message is of partition {min(untold)!r}, and positions have no such one",
                "give in positions the next position of each partition that is read",
            )
        unknown = (batch.metadata or {}).keys() - self.factory.metadata.keys()
        if unknown:
            raise Breach(
                f"metadata has {min(unknown)!r}, which the factory does not declare",
                "give the names in context.metadata only",
            )

    @rule("receive() waits for a message")
    async def test_waits_for_a_message(self) -> None:
        async with self.opened() as source:
            receiving = asyncio.ensure_future(source.receive(ReceiveLimits()))
            await asyncio.sleep(MOMENT)
            if receiving.done():
                raise Breach(
                    f"receive() ended at once: {_outcome(receiving)}",
                    "wait until there is a message, or raise Disconnected",
                )
            put = self.payloads(1)
            await self.put(put)
            batch = await self.within(
                receiving, "a waiting receive() did not see the message", "wake it up"
            )
            self.expect([batch], put, "give what was put")

    @rule("receive() returns at most limits.messages")
    async def test_keeps_to_the_limit_of_messages(self) -> None:
        async with self.opened() as source:
            put = self.payloads(10)
            await self.put(put)
            batches = await self.receive_all(source, 10, ReceiveLimits(messages=3))
            most = max(len(batch.payloads) for batch in batches)
            if most > 3:
                raise Breach(f"a batch had {most} messages where 3 were allowed", "leave the rest")
            self.expect(batches, put, "leave what is too much for the next receive()")

    @rule("receive() returns at most limits.bytes, but one larger message alone")
    async def test_keeps_to_the_limit_of_bytes(self) -> None:
        async with self.opened() as source:
            put = self.payloads(6)
            await self.put(put)
            if not isinstance(put[0], bytes):
                return
            limit = 2 * max(map(len, put))
            batches = await self.receive_all(source, 3, ReceiveLimits(bytes=limit))
            most = max(sum(map(len, batch.payloads)) for batch in batches)
            if most > limit:
                raise Breach(f"a batch had {most} bytes where {limit} were allowed", "leave some")
            left = 6 - sum(len(batch.payloads) for batch in batches)
            batches += await self.receive_all(source, left, ReceiveLimits(bytes=1))
            self.expect(batches, put, "give a message that is larger than the limit alone")

    @rule("receive() may be cancelled, and loses no message then")
    async def test_loses_nothing_when_cancelled(self) -> None:
        async with self.opened() as source:
            for number, pause in enumerate(_PAUSES):
                receiving = asyncio.ensure_future(source.receive(ReceiveLimits()))
                await _turns(2)
                put = self.payloads(1, number)
                await self.put(put)
                await (_turns(pause) if isinstance(pause, int) else asyncio.sleep(pause))
                receiving.cancel()
                try:
                    batch = await receiving
                except asyncio.CancelledError:
                    batch = await self._received_late(source)
                source.settle(batch.token)
                self.expect([batch], put, "give each message once, whatever is cancelled")

    async def _received_late(self, source: Source) -> SourceBatch:
        try:
            return await self.receive(source)
        except Breach as breach:
            raise Breach(
                "a message was lost with a cancelled receive()",
                "take a message out of your buffer in the step in which you return it, with no "
                "await between",
            ) from breach

    @rule("a source whose messages nobody takes stops reading: memory stays bounded")
    async def test_holds_a_bounded_number(self) -> None:
        needs(self, ReceivingConformance, "handed_over")
        enough = self.more_than_it_holds
        async with self.opened() as source:
            await self.put(self.payloads(enough))
            await asyncio.sleep(2 * MOMENT)
            taken = await self.handed_over()
            if taken >= enough:
                raise Breach(
                    f"it had taken all of {enough} messages before one was received",
                    "bound what waits inside (a prefetch), and stop reading when it is full",
                )
            batches = await self.receive_all(source, enough, settle=True)
            self.expect(batches, self.payloads(enough), "go on when there is room again")

    @rule("when the connection is lost receive() raises Disconnected; opened again it goes on")
    async def test_comes_back_after_a_lost_connection(self) -> None:
        needs(self, ConnectorConformance, "cut")
        async with self.opened() as source:
            await self.put(self.payloads(1))
            first = await self.receive(source)
            source.settle(first.token)
            receiving = asyncio.ensure_future(source.receive(ReceiveLimits()))
            await asyncio.sleep(MOMENT)
            await self.cut()
            try:
                outcome = await asyncio.wait_for(receiving, self.patience)
            except Disconnected as error:
                if not error.reason.strip():
                    raise Breach("the Disconnected has no reason", "say what was lost") from None
            except EndOfStream:
                raise Breach(
                    "it raised EndOfStream", "a lost connection is no end: raise Disconnected"
                ) from None
            except TimeoutError:
                raise Breach(
                    "receive() went on waiting", "wake it up with Disconnected when the loss shows"
                ) from None
            except Exception as error:
                raise Breach(
                    f"it raised {type(error).__name__}: {error}", "raise Disconnected"
                ) from error
            else:
                raise Breach(f"it returned {shortened(outcome)}", "raise Disconnected")
            await self.within(source.close(), "close() did not return", "bound what it waits for")
            await self.open(source)
            put = self.payloads(2, 10)
            await self.put(put)
            got: list[Any] = []
            while put[1] not in got:
                got += (await self.receive(source)).payloads

    @rule("stop() ends nothing at once: close() may follow, and both return soon")
    async def test_stops(self) -> None:
        async with self.opened() as source:
            await self.put(self.payloads(3))
            batch = await self.receive(source)
            await self.within(source.stop(), "stop() did not return", "bound what it waits for")
            source.settle(batch.token)

    @rule("a source that is replayable resumes where its positions say")
    async def test_resumes_from_positions(self) -> None:
        if self.factory.kind != "replayable":
            pytest.skip("only replayable sources have positions")
        put = self.payloads(6)
        await self.put(put)
        async with self.opened() as source:
            batches = await self.receive_all(source, 2, ReceiveLimits(messages=2))
            positions = batches[-1].positions
            if not isinstance(positions, Mapping) or not positions:
                raise Breach(
                    f"the batch has positions {shortened(positions)}",
                    "give the next position of each partition, as plain JSON values",
                )
            source.settle(batches[-1].token)
        came = sum(len(batch.payloads) for batch in batches)
        again: Source = self.made()
        await again.open(positions)
        try:
            rest = await self.receive_all(again, 6 - came)
            self.expect([*batches, *rest], put, "begin at the positions given to open()")
        finally:
            await again.close()


async def _turns(count: int) -> None:
    """Let others run so often."""
    for _ in range(count):
        await asyncio.sleep(0)


def _outcome(future: asyncio.Future[Any]) -> str:
    error = future.exception()
    return shortened(future.result() if error is None else error)
