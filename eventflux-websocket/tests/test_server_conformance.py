"""Server source and server sink pass the conformance kit."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Mapping, Sequence
from contextlib import suppress
from random import randrange

from aiohttp import ClientError, ClientSession, ClientWebSocketResponse

from eventflux.testing import SinkConformance, SourceConformance
from eventflux_websocket.factories import WebSocketSinkFactory, WebSocketSourceFactory


def free_port() -> int:
    """A port below those that connections get, so that none takes it before it is used."""
    while True:
        with suppress(OSError), socket.create_server(("127.0.0.1", randrange(20_000, 32_000))) as s:
            return int(s.getsockname()[1])


def server_options(port: int, **more: str) -> Mapping[str, str]:
    """With a secret among them."""
    given = {"mode": "server", "port": str(port), "token": "hunter2", **more}
    return {f"websocket.{name.replace('_', '.')}": text for name, text in given.items()}


class Client:
    """Connects to a port again and again, as a page in a browser does."""

    def __init__(self) -> None:
        self.port = free_port()
        self.taken = socket.create_server(("127.0.0.1", 0))
        self._session = ClientSession()

    def start(self) -> None:
        self._task = asyncio.ensure_future(self._run())

    async def _run(self) -> None:
        url = f"ws://127.0.0.1:{self.port}?token=hunter2"
        while True:
            with suppress(ClientError, ConnectionError):
                async with self._session.ws_connect(url) as connection:
                    await self.talk(connection)
            await asyncio.sleep(0.005)

    async def talk(self, connection: ClientWebSocketResponse) -> None:
        raise NotImplementedError

    async def stop(self) -> None:
        self.taken.close()
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task
        await self._session.close()


class Pusher(Client):
    def __init__(self) -> None:
        super().__init__()
        self.waiting: asyncio.Queue[bytes] = asyncio.Queue()
        self.sent = 0

    async def talk(self, connection: ClientWebSocketResponse) -> None:
        sending = asyncio.ensure_future(self._send_all(connection))
        try:
            async for _ in connection:
                pass
        finally:
            sending.cancel()

    async def _send_all(self, connection: ClientWebSocketResponse) -> None:
        while True:
            await connection.send_bytes(await self.waiting.get())
            self.sent += 1


class Watcher(Client):
    def __init__(self) -> None:
        super().__init__()
        self.got: list[bytes] = []

    async def talk(self, connection: ClientWebSocketResponse) -> None:
        async for message in connection:
            self.got.append(message.data.encode())


class TestServerSource(SourceConformance):
    factory = WebSocketSourceFactory()

    async def start(self) -> None:
        self.client = Pusher()
        self.client.start()

    async def stop(self) -> None:
        await self.client.stop()

    def payload(self, number: int) -> bytes:
        """Large enough for many of them not to fit into the sockets."""
        return b"message %d " % number + bytes(1000)

    def options(self) -> Mapping[str, str]:
        return server_options(self.client.port)

    def refused_options(self) -> Mapping[str, str]:
        return server_options(self.client.taken.getsockname()[1])

    async def put(self, payloads: Sequence[bytes]) -> None:
        for payload in payloads:
            self.client.waiting.put_nowait(payload)

    async def handed_over(self) -> int:
        return self.client.sent


class TestServerSink(SinkConformance):
    factory = WebSocketSinkFactory()

    async def start(self) -> None:
        self.client = Watcher()
        self.client.start()

    async def stop(self) -> None:
        await self.client.stop()

    def options(self) -> Mapping[str, str]:
        return server_options(self.client.port, clients_min="1", slow_clients="wait")

    def refused_options(self) -> Mapping[str, str]:
        return server_options(self.client.taken.getsockname()[1])

    async def arrived(self) -> Sequence[bytes]:
        return self.client.got
