"""The suite for sinks."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, ClassVar

from eventflux.app import EventFluxManager
from eventflux.base.rows import row_type
from eventflux.spi import Disconnected, Refusal, Sink, SinkBatch, SinkFactory
from eventflux.testing.conformance.connections import ConnectorConformance
from eventflux.testing.conformance.contract import (
    STREAM,
    Breach,
    essential,
    needs,
    rule,
    schema_of,
    shortened,
)
from eventflux.testing.conformance.in_app import app_of, expect_sum, format_of, stream_of
from eventflux.testing.conformance.plain_format import PlainSinkMapperFactory

COUNT = 20
_BOUND_SEND = "return when every message is safe or refused, or raise Disconnected"


class SinkConformance(ConnectorConformance):
    """Subclass it as ``Test…`` and say how to reach the other side::

        class TestAcmeSink(SinkConformance):
            factory = AcmeSinkFactory()

            async def start(self):
                self.server = await start_server()

            async def stop(self):
                await self.server.stop()

            def options(self):
                return {"acme.port": str(self.server.port)}

            async def arrived(self):
                return self.server.received

    More methods, each told of by a skipped test, let more be tested.
    """

    factory: ClassVar[SinkFactory]

    async def arrived(self) -> Sequence[Any]:
        """The messages that the other side has got so far, in order; those of one test."""
        essential(self, "arrived")

    async def refuse_next(self, *, transient: bool) -> None:
        """Let the other side refuse the next message, for now or for good, and take others."""
        raise NotImplementedError

    async def opened_once(self, connector: Sink) -> None:
        await connector.open()

    def batch(self, numbers: Sequence[int]) -> SinkBatch:
        """A batch of these messages."""
        payloads = [self.payload(number) for number in numbers]
        make = row_type(STREAM, schema_of(self.columns))
        rows = [make(*((payload,) if isinstance(payload, bytes) else payload))
                for payload in payloads]  # fmt: skip
        return SinkBatch(payloads, rows=rows)

    async def send(self, sink: Sink, batch: SinkBatch) -> Sequence[Refusal]:
        """What ``send`` returns, which must come soon."""
        refusals: Sequence[Refusal] = await self.within(
            sink.send(batch), "send() did not return", _BOUND_SEND
        )
        return refusals

    async def expect(self, sent: Sequence[Any], do: str) -> None:
        """Break the rule unless just these messages have arrived; wait for them where a send
        confirms nothing."""

        async def happened() -> bool:
            return self.factory.confirms or len(await self.arrived()) >= len(sent)

        did = f"of {len(sent)} messages some never arrived"
        await self.until(happened, did, "send every message of the batch")
        got = list(await self.arrived())
        if got != list(sent):
            raise Breach(f"{shortened(list(sent))} arrived as {shortened(got)}", do)

    @rule("when send() returns every message has arrived, in order")
    async def test_sends_all_in_order(self) -> None:
        async with self.opened() as sink:
            sent: list[Any] = []
            for first in range(0, COUNT, 5):
                batch = self.batch(range(first, first + 5))
                refused = await self.send(sink, batch)
                if refused:
                    raise Breach(f"it refused {shortened(refused)}", "take what is right")
                sent += batch.payloads
            await self.expect(sent, "send in order, and return when the other side has it safe")

    @rule("an empty batch is sent at once, and nothing arrives")
    async def test_takes_an_empty_batch(self) -> None:
        async with self.opened() as sink:
            refused = await self.send(sink, SinkBatch([], rows=[]))
            if refused:
                raise Breach(f"it refused {shortened(refused)}", "return nothing refused")
            await self.expect([], "send nothing")

    @rule("several sends may be under way: the messages leave in the order of the calls")
    async def test_keeps_order_over_sends_under_way(self) -> None:
        async with self.opened() as sink:
            batches = [self.batch(range(first, first + 2)) for first in range(0, COUNT, 2)]
            sending = [asyncio.ensure_future(sink.send(batch)) for batch in batches]
            await self.within(asyncio.gather(*sending), "the sends did not return", _BOUND_SEND)
            sent = [payload for batch in batches for payload in batch.payloads]
            await self.expect(sent, "hand the messages over before the first await of send()")

    @rule("a message that the other side does not take is a Refusal; the others arrive")
    async def test_names_what_is_refused(self) -> None:
        needs(self, SinkConformance, "refuse_next")
        for transient in (True, False):
            async with self.opened() as sink:
                before = list(await self.arrived())
                await self.refuse_next(transient=transient)
                batch = self.batch(range(3))
                refused = await self.send(sink, batch)
                self._check_refusal(refused, transient)
                await self.expect([*before, *batch.payloads[1:]], "go on behind a refused message")

    def _check_refusal(self, refused: Sequence[Refusal], transient: bool) -> None:
        if [refusal.index for refusal in refused] != [0]:
            raise Breach(
                f"message 0 was refused, send() returned {shortened(refused)}",
                "return a Refusal with the index of each refused message, and only those",
            )
        refusal = refused[0]
        if refusal.transient is not transient:
            kind = "for now" if transient else "for good"
            raise Breach(
                f"it was refused {kind}, the Refusal has transient={refusal.transient}",
                "transient says whether sending it again later may work",
            )
        if not refusal.reason.strip():
            raise Breach("the Refusal has no reason", "say in the reason what the other side said")

    @rule("when the connection is lost send() raises Disconnected; opened again it sends")
    async def test_comes_back_after_a_lost_connection(self) -> None:
        needs(self, ConnectorConformance, "cut")
        async with self.opened() as sink:
            await self.send(sink, self.batch([0]))
            await self.cut()
            await self._until_disconnected(sink)
            await self.within(sink.close(), "close() did not return", "bound what it waits for")
            await self.open(sink)
            last = self.payload(1000)
            await self.send(sink, self.batch([1000]))

            async def happened() -> bool:
                return last in await self.arrived()

            await self.until(happened, "nothing arrived after that", "send on the new connection")

    async def _until_disconnected(self, sink: Sink) -> None:
        for number in range(1, 200):
            try:
                await self.send(sink, self.batch([number]))
            except Disconnected as error:
                if not error.reason.strip():
                    raise Breach("the Disconnected has no reason", "say what was lost") from None
                return
            except Breach:
                raise
            except Exception as error:
                raise Breach(
                    f"send() raised {type(error).__name__}: {error}", "raise Disconnected"
                ) from error
            await asyncio.sleep(0.01)
        raise Breach("send() returned as if all were well", "raise Disconnected")

    @rule("an app sends all rows in order, and its counters add up")
    async def test_serves_an_app(self) -> None:
        manager = EventFluxManager(plugins=False)
        manager.context.add_sink_factory(self.factory.name, self.factory)
        form = format_of(self.factory.formats)
        if form is not None:
            manager.context.add_sink_mapper_factory(form, PlainSinkMapperFactory())
        given = {"extension": self.factory.name, "format": form, **self.options()}
        sql = (
            stream_of(self.columns, "sink", given)
            + f"CREATE STREAM Given ({self.columns});\n"
            + f"INSERT INTO {STREAM} SELECT * FROM Given;"
        )
        sent = [self.payload(number) for number in range(COUNT)]
        app = app_of(manager, sql)
        async with app:
            for payload in sent:
                row = (payload,) if isinstance(payload, bytes) else payload
                await app.input("Given").asend(row)
        await self.expect(sent, "send all before close() returns")
        counters = app.stats()["connectors"][STREAM]
        parts = ("confirmed", "refused", "abandoned", "queued", "in_flight")
        expect_sum(counters, "messages", parts, "the sink")
        if counters["confirmed"] != COUNT:
            raise Breach(
                f"{counters['confirmed']} of {COUNT} messages count as confirmed",
                "return nothing refused when all were taken",
            )
