"""Client source and client sink pass the conformance kit."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from aiohttp import web

from eventflux.testing import SinkConformance, SourceConformance
from eventflux_websocket.factories import WebSocketSinkFactory, WebSocketSourceFactory

from .conftest import Server

Socket = web.WebSocketResponse


def endpoint(server: Server, path: str = "/ws") -> str:
    """With a secret in it."""
    return f"ws://127.0.0.1:{server.port}{path}?token=hunter2"


class TestClientSource(SourceConformance):
    factory = WebSocketSourceFactory()

    async def start(self) -> None:
        self.waiting: asyncio.Queue[bytes] = asyncio.Queue()
        self.sent = 0
        self.server = Server(self._talk, {})
        await self.server.start()

    async def stop(self) -> None:
        await self.server.stop()

    async def _talk(self, socket: Socket, request: web.Request) -> None:
        sending = asyncio.ensure_future(self._send_all(socket))
        async for _ in socket:
            pass
        sending.cancel()

    async def _send_all(self, socket: Socket) -> None:
        while True:
            await socket.send_bytes(await self.waiting.get())
            self.sent += 1

    def payload(self, number: int) -> bytes:
        """Large enough for many of them not to fit into the sockets."""
        return b"message %d " % number + bytes(1000)

    def options(self) -> Mapping[str, str]:
        return {"websocket.url": endpoint(self.server)}

    def unreachable_options(self) -> Mapping[str, str]:
        return {"websocket.url": "ws://127.0.0.1:1/ws?token=hunter2"}

    def refused_options(self) -> Mapping[str, str]:
        return {"websocket.url": endpoint(self.server, "/status/403")}

    async def put(self, payloads: Sequence[bytes]) -> None:
        for payload in payloads:
            self.waiting.put_nowait(payload)

    async def handed_over(self) -> int:
        return self.sent

    async def cut(self) -> None:
        self.server.cut()


class TestClientSink(SinkConformance):
    factory = WebSocketSinkFactory()

    async def start(self) -> None:
        self.got: list[bytes] = []
        self.server = Server(self._talk, {})
        await self.server.start()

    async def stop(self) -> None:
        await self.server.stop()

    async def _talk(self, socket: Socket, request: web.Request) -> None:
        async for message in socket:
            self.got.append(message.data.encode())

    def options(self) -> Mapping[str, str]:
        return {"websocket.url": endpoint(self.server)}

    def unreachable_options(self) -> Mapping[str, str]:
        return {"websocket.url": "ws://127.0.0.1:1/ws?token=hunter2"}

    def refused_options(self) -> Mapping[str, str]:
        return {"websocket.url": endpoint(self.server, "/status/403")}

    async def arrived(self) -> Sequence[bytes]:
        return self.got

    async def cut(self) -> None:
        self.server.cut()
