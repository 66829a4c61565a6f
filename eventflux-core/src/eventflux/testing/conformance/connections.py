"""The rules that sources and sinks share: how they are made, opened, cut off and closed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, ClassVar

from eventflux.base.clock import SystemClock
from eventflux.base.rows import row_type
from eventflux.spi import ConnectorContext, Disconnected, Misconfigured
from eventflux.testing.conformance.contract import (
    STREAM,
    Breach,
    needs,
    recorded_logs,
    refuse_secrets,
    rule,
    schema_of,
    secrets_in,
    shortened,
)
from eventflux.testing.conformance.options import OptionsConformance


class ConnectorConformance(OptionsConformance):
    """What the suites of sources and sinks have in common."""

    columns: ClassVar[str] = "payload BYTES"
    """The columns of the stream as SQL writes them; a connector without formats has its own."""

    def payload(self, number: int) -> Any:
        """A message, different for each ``number``: ``bytes``, or for a connector without
        formats the tuple of the column values."""
        return b"message %d" % number

    async def cut(self) -> None:
        """Cut all connections, as a broken network does; new ones are taken."""
        raise NotImplementedError

    def unreachable_options(self) -> Mapping[str, str]:
        """As :meth:`options`, for a place where nobody answers."""
        raise NotImplementedError

    def refused_options(self) -> Mapping[str, str]:
        """As :meth:`options`, right by themselves, but what they ask the other side refuses
        and would refuse again: a wrong password, something that does not exist."""
        raise NotImplementedError

    # What the tests use

    def made(self, texts: Mapping[str, str] | None = None) -> Any:
        """A new source or sink."""
        schema = schema_of(self.columns)
        context = ConnectorContext(
            STREAM,
            "conformance",
            schema.names,
            SystemClock(),
            tuple(name for name in self.factory.metadata if not name.endswith("*")),
            row_type(STREAM, schema),
        )
        return self.factory.create(self.typed(texts), context)

    async def opened_once(self, connector: Any) -> None:
        """Open a source or sink."""
        raise NotImplementedError

    @asynccontextmanager
    async def opened(self, texts: Mapping[str, str] | None = None) -> AsyncIterator[Any]:
        """A new one, open, and closed afterwards."""
        connector = self.made(texts)
        await self.open(connector)
        try:
            yield connector
        finally:
            await self.within(
                connector.close(), "close() did not return", "bound what it waits for"
            )

    async def open(self, connector: Any) -> None:
        """Open it, where that must work."""
        try:
            await self.within(
                self.opened_once(connector), "open() did not return", "bound what it waits for"
            )
        except (Disconnected, Misconfigured) as error:
            raise Breach(
                f"open() raised {type(error).__name__}: {error}",
                "give options() with which it works, and start the other side in start()",
            ) from error

    # The rules

    @rule("create() does no input and output: it works with the other side away, on no loop")
    async def test_is_made_without_touching_the_other_side(self) -> None:
        texts = self.options()
        await self.stop()
        try:
            await self.within(
                asyncio.to_thread(self.made, texts), "create() did not return", "connect in open()"
            )
        except Breach:
            raise
        except Exception as error:
            raise Breach(
                f"create() raised {type(error).__name__}: {error}",
                "connect in open(); make what belongs to a loop there, too",
            ) from error
        finally:
            await self.start()

    @rule("it opens, closes, and leaves no task behind")
    async def test_opens_and_closes(self) -> None:
        before = asyncio.all_tasks()
        async with self.opened():
            pass
        for _ in range(int(self.patience / 0.01)):
            left = asyncio.all_tasks() - before
            if not left:
                return
            await asyncio.sleep(0.01)
        raise Breach(
            f"after close() a task still runs: {shortened(min(map(repr, left)))}",
            "cancel the tasks that you start, and await them, in close()",
        )

    @rule("close() may be called twice, before open() and after a failed one; it never raises")
    async def test_closes_at_any_time(self) -> None:
        connector = self.made()
        await self._close(connector, "before open()")
        connector = self.made()
        await self.open(connector)
        await self._close(connector, "after open()")
        await self._close(connector, "a second time")
        if type(self).unreachable_options is not ConnectorConformance.unreachable_options:
            connector = self.made(self.unreachable_options())
            await self._failed_open(connector)
            await self._close(connector, "after a failed open()")

    @rule("one that was closed can be opened again")
    async def test_opens_again(self) -> None:
        connector = self.made()
        for _ in range(2):
            await self.open(connector)
            await self._close(connector, "after open()")

    @rule("open() raises Disconnected when the other side can't be reached")
    async def test_says_when_nobody_answers(self) -> None:
        needs(self, ConnectorConformance, "unreachable_options")
        connector = self.made(self.unreachable_options())
        error = await self._failed_open(connector)
        await self._close(connector, "after a failed open()")
        if not isinstance(error, Disconnected):
            raise Breach(
                f"it raised {type(error).__name__}: {error}",
                "raise Disconnected: the runtime backs off and tries again",
            )
        if not error.reason.strip():
            raise Breach("the Disconnected has no reason", "say who did not answer, and where")

    @rule("open() raises Misconfigured, with a hint, for what the other side will always refuse")
    async def test_says_when_it_is_refused(self) -> None:
        needs(self, ConnectorConformance, "refused_options")
        connector = self.made(self.refused_options())
        error = await self._failed_open(connector)
        await self._close(connector, "after a failed open()")
        if not isinstance(error, Misconfigured):
            raise Breach(
                f"it raised {type(error).__name__}: {error}",
                "raise Misconfigured: trying again would not help, and a start fails at once",
            )
        if not error.message.strip() or not (error.hint or "").strip():
            raise Breach(
                f"Misconfigured({error.message!r}, {error.hint!r}) does not tell what to do",
                "give it a message and a hint",
            )

    @rule("secret options never show: in no repr, error or log line")
    async def test_keeps_secrets(self) -> None:
        tries = [self.options()]
        for method in ("unreachable_options", "refused_options"):
            if getattr(type(self), method) is not getattr(ConnectorConformance, method):
                tries.append(getattr(self, method)())
        for texts in tries:
            secrets = secrets_in(self.factory.options, texts)
            if not secrets:
                continue
            with recorded_logs() as logs:
                connector = self.made(texts)
                error: object = ""
                try:
                    await asyncio.wait_for(self.opened_once(connector), 10)
                except (Disconnected, Misconfigured) as raised:
                    error = (raised, raised.hint)
                await self._close(connector, "after open()")
            shown = {
                "repr(options)": repr(self.typed(texts)),
                "its repr": repr(connector),
                "peer": connector.peer,
                "condition": connector.condition,
                "an error of open()": error,
                "notes()": self.factory.notes(self.typed(texts)),
            }
            refuse_secrets(secrets, shown | {"a log line": logs})

    async def _failed_open(self, connector: Any) -> Exception:
        try:
            await self.within(
                self.opened_once(connector), "open() did not return", "bound what it waits for"
            )
        except Breach:
            raise
        except Exception as error:
            return error
        await connector.close()
        raise Breach("open() returned as if all were well", "check all that is needed in open()")

    async def _close(self, connector: Any, when: str) -> None:
        try:
            await self.within(connector.close(), f"close() {when} did not return", "bound it")
        except Breach:
            raise
        except Exception as error:
            raise Breach(
                f"close() {when} raised {type(error).__name__}: {error}",
                "let close() put up with any state; a connection that is gone is no error there",
            ) from error
