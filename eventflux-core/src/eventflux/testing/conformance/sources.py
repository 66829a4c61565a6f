"""The suite for sources."""

from __future__ import annotations

import asyncio
from typing import Any

from eventflux.app import AppRuntime, EventFluxManager
from eventflux.base.rows import values_of
from eventflux.testing.conformance.contract import STREAM, Breach, rule, shortened
from eventflux.testing.conformance.in_app import app_of, expect_sum, format_of, stream_of
from eventflux.testing.conformance.plain_format import PlainSourceMapperFactory
from eventflux.testing.conformance.settling import SettlingConformance

COUNT = 20


class SourceConformance(SettlingConformance):
    """Subclass it as ``Test…`` and say how to reach the other side::

        class TestAcmeSource(SourceConformance):
            factory = AcmeSourceFactory()

            async def start(self):
                self.server = await start_server()

            async def stop(self):
                await self.server.stop()

            def options(self):
                return {"acme.port": str(self.server.port)}

            async def put(self, payloads):
                self.server.queue.extend(payloads)

    More methods, each told of by a skipped test, let more be tested.
    """

    @rule("an app over the source gets all rows in order, and its counters add up")
    async def test_feeds_an_app(self) -> None:
        put = self.payloads(COUNT)
        await self._run_app(put, put, malformed=None)

    @rule("a message that can't be decoded is dropped alone: the others go on, and all are settled")
    async def test_outlives_malformed_messages(self) -> None:
        if not self.factory.formats:
            return
        put = self.payloads(COUNT)
        await self._run_app(put, [*put[:7], *put[8:]], malformed=put[7])

    async def _run_app(self, put: list[Any], expected: list[Any], malformed: bytes | None) -> None:
        manager = EventFluxManager(plugins=False)
        manager.context.add_source_factory(self.factory.name, self.factory)
        form = format_of(self.factory.formats)
        if form is not None:
            mapper = PlainSourceMapperFactory(malformed)
            manager.context.add_source_mapper_factory(form, mapper)
        given = {"extension": self.factory.name, "format": form, **self.options()}
        sql = stream_of(self.columns, "source", given) + f"SELECT * FROM {STREAM};"
        rows: list[Any] = []
        app = app_of(manager, sql)
        app.on(STREAM, lambda row: rows.append(values_of(row)))
        async with app:
            await self.put(put)
            await self._until_settled(app, len(put))
        got = [row[0] for row in rows] if self.factory.formats else rows
        if got != expected:
            raise Breach(
                f"of {shortened(put)} the app got {shortened(got)}", "give every message once"
            )
        stats = app.stats()
        counters = stats["connectors"][STREAM]
        parts = ("acknowledged", "rejected", "requeued", "in_flight")
        expect_sum(counters, "messages", parts, "the source")
        if stats["streams"][STREAM]["failed"] != len(put) - len(expected):
            raise Breach(
                f"{stats['streams'][STREAM]['failed']} messages count as failed",
                "give payloads as they are",
            )
        if self.factory.kind == "acking":
            await self._sees_done(expected, "acknowledge in settle(), and flush in close()")

    async def _until_settled(self, app: AppRuntime, count: int) -> None:
        for _ in range(int(self.patience / 0.01)):
            counters = app.stats()["connectors"][STREAM]
            settled = counters["acknowledged"] + counters["rejected"]
            if settled >= count or app.failure is not None:
                break
            await asyncio.sleep(0.01)
        if app.failure is not None:
            raise Breach(f"the app failed: {app.failure}", "raise what the contract names, only")
