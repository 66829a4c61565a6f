"""The pages over HTTP: what they answer, to whom, and that nobody can hold anything."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
from typing import Any

import pytest
from waiting import until

from eventflux import AppRuntime, EventFluxManager, RefusedError
from eventflux.monitoring import Address, HttpServer, pages
from eventflux.monitoring import http_server as module
from eventflux.monitoring.http_server import Request, Response
from eventflux.testing.scripted import (
    Hang,
    Lose,
    Script,
    ScriptedQueue,
    ScriptedSinkFactory,
    ScriptedSourceFactory,
    ScriptedTarget,
)

HERE = Address("127.0.0.1", 0)


async def exchange(server: HttpServer, request: bytes) -> tuple[int, dict[str, str], bytes]:
    """Send a request; status, headers and body of the answer, until the connection closes."""
    reader, writer = await asyncio.open_connection(server.address.host, server.address.port)
    writer.write(request)
    async with asyncio.timeout(10):
        answer = await reader.read()
    writer.close()
    head, _, body = answer.partition(b"\r\n\r\n")
    status, *lines = head.decode().split("\r\n")
    headers = dict(line.lower().split(": ", 1) for line in lines)
    return int(status.split()[1]), headers, body


async def get(server: HttpServer, path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    lines = [f"GET {path} HTTP/1.1", "Host: here", *(f"{k}: {v}" for k, v in headers.items())]
    return await exchange(server, ("\r\n".join(lines) + "\r\n\r\n").encode())


def hello(request: Request) -> Response:
    return Response(200, "text/plain", b"hello " + request.headers.get("x-name", "you").encode())


def broken(request: Request) -> Response:
    raise RuntimeError("sEcret")


PAGES = {"/hello": hello, "/broken": broken}


async def test_a_page() -> None:
    async with HttpServer(PAGES, HERE) as server:
        status, headers, body = await get(server, "/hello?a=b", **{"X-Name": "me"})
    assert (status, body) == (200, b"hello me")
    assert headers["content-length"] == "8"
    assert headers["content-type"] == "text/plain"
    assert headers["connection"] == "close"


@pytest.mark.parametrize(
    ("request_text", "status", "told"),
    [
        (b"GET / HTTP/1.1\r\n\r\n", 404, b"there are /hello, /broken\n"),
        (b"GET /helo HTTP/1.1\r\n\r\n", 404, b"did you mean '/hello'?"),
        (b"POST /hello HTTP/1.1\r\n\r\n", 405, b"only GET and HEAD"),
        (b"nonsense\r\n\r\n", 400, b"no HTTP/1 request"),
        (b"\xff\xfe\x00 \xff \xff\r\n\r\n", 400, b"no HTTP/1 request"),
        (b"GET /hello HTTP/2\r\n\r\n", 400, b"no HTTP/1 request"),
        (b"GET /hello HTTP/1.1\r\nX: " + b"x" * 20_000, 431, b"at most"),
        (b"GET /broken HTTP/1.1\r\n\r\n", 500, b"the log tells why"),
    ],
)
async def test_requests_that_are_refused(request_text: bytes, status: int, told: bytes) -> None:
    async with HttpServer(PAGES, HERE) as server:
        answer = await exchange(server, request_text)
    assert answer[0] == status
    assert told in answer[2]
    assert b"sEcret" not in answer[2]
    if status == 405:
        assert answer[1]["allow"] == "get, head"


async def test_head_has_no_body() -> None:
    async with HttpServer(PAGES, HERE) as server:
        status, headers, body = await exchange(server, b"HEAD /hello HTTP/1.1\r\n\r\n")
    assert (status, headers["content-length"], body) == (200, "9", b"")


async def test_who_says_nothing_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_LONGEST", 0.02)
    async with HttpServer(PAGES, HERE) as server:
        assert await asyncio.wait_for(_read_all(server, b"GET /hel"), 10) == b""
        assert (await get(server, "/hello"))[0] == 200


async def _read_all(server: HttpServer, begun: bytes) -> bytes:
    reader, writer = await asyncio.open_connection(server.address.host, server.address.port)
    writer.write(begun)
    answer = await reader.read()
    writer.close()
    return answer


async def test_connections_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MOST_CONNECTIONS", 3)
    async with HttpServer(PAGES, HERE) as server:
        idle = [await asyncio.open_connection(*_where(server)) for _ in range(3)]
        await until(lambda: len(server._connections) == 3)
        with contextlib.suppress(ConnectionError):
            assert await _read_all(server, b"GET /hello HTTP/1.1\r\n\r\n") == b""
        for _, writer in idle:
            writer.close()
        await until(lambda: not server._connections)
        assert (await get(server, "/hello"))[0] == 200


async def test_the_end_does_not_wait_for_who_is_connected() -> None:
    async with HttpServer(PAGES, HERE) as server:
        _, writer = await asyncio.open_connection(*_where(server))
        await until(lambda: server._connections)
        where = _where(server)
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection(*where)
    writer.close()


def _where(server: HttpServer) -> tuple[str, int]:
    return server.address.host, server.address.port


async def test_a_port_in_use() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(RefusedError) as raised:
            async with HttpServer(PAGES, Address("127.0.0.1", port)):
                pass
    assert f"HTTP: can't listen at 127.0.0.1:{port}: " in str(raised.value)
    assert "in use" in str(raised.value)
    assert "its port free?" in str(raised.value)


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("9090", "127.0.0.1", 9090),
        (" 0 ", "127.0.0.1", 0),
        ("0.0.0.0:80", "0.0.0.0", 80),
        ("example.org:1", "example.org", 1),
        ("[::1]:9090", "::1", 9090),
    ],
)
def test_addresses(text: str, host: str, port: int) -> None:
    assert Address.parse(text) == Address(host, port)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "'' is no port"),
        ("http", "'http' is no port"),
        ("65536", "'65536' is no port: a number up to 65535"),
        ("-1", "'-1' is no port"),
        ("localhost:", "'' is no port"),
        (":9090", "0.0.0.0:PORT listens on every address"),
        ("::1:9090", "[::1]:PORT on one of IPv6"),
        ("\u0669", "is no port"),
    ],
)
def test_wrong_addresses(text: str, told: str) -> None:
    with pytest.raises(ValueError, match=r"no port|PORT") as raised:
        Address.parse(text)
    assert told in str(raised.value)


SQL = """
CREATE STREAM A (x LONG) WITH (type = 'source', extension = 'scripted');
CREATE STREAM B (x LONG) WITH (type = 'sink', extension = 'scripted');
INSERT INTO B SELECT x FROM A;
"""


class RowSources(ScriptedSourceFactory):
    formats = ()


class RowSinks(ScriptedSinkFactory):
    formats = ()


def make_app(queue: ScriptedQueue, **sink_scripts: Any) -> AppRuntime:
    manager = EventFluxManager(plugins=False)
    manager.context.add_source_factory("scripted", RowSources(queue))
    manager.context.add_sink_factory("scripted", RowSinks(ScriptedTarget(), **sink_scripts))
    return manager.create_app(SQL, name="orders.sql", overrides={"app.stop.timeout": "20ms"})


async def test_readiness_over_the_life_of_an_app() -> None:
    pytest.importorskip("prometheus_client")
    queue = ScriptedQueue()
    opens = Script([Hang(), None, Hang()])
    app = make_app(queue, opens=opens, sends=Script([Lose("reset by peer")]))

    async def ready() -> tuple[int, Any]:
        status, _, body = await get(server, "/ready")
        return status, json.loads(body)

    async with HttpServer(pages(app), HERE) as server:
        assert await ready() == (
            503,
            {
                "ready": False,
                "app": "orders",
                "state": "created",
                "connectors": {
                    "A": {"ready": False, "health": "not started"},
                    "B": {"ready": False, "health": "not started"},
                },
            },
        )
        starting = asyncio.ensure_future(app.astart())
        await asyncio.sleep(0)
        status, told = await ready()
        assert (status, told["state"]) == (503, "starting")
        assert told["connectors"]["B"]["health"] == "connecting"
        await app.astop()
        await asyncio.wait({starting})
        await app.astart()
        assert (await ready())[0] == 200
        queue.put((1,))
        await until(lambda: app.health()["B"] != "running")
        status, told = await ready()
        assert told["connectors"]["B"] == {
            "ready": False,
            "health": "reconnecting: reset by peer, attempt 1",
        }
        assert told["connectors"]["A"]["ready"] is True
        assert (await get(server, "/live"))[0] == 200
        await app.astop()
        status, told = await ready()
        assert (status, told["state"]) == (503, "stopped")


async def test_a_finite_source_at_its_end_is_ready() -> None:
    pytest.importorskip("prometheus_client")
    queue = ScriptedQueue()
    app = make_app(queue)
    queue.put((1,))
    queue.end()
    async with app, HttpServer(pages(app), HERE) as server:
        await app.await_finished()
        status, _, body = await get(server, "/ready")
        assert status == 200
        assert json.loads(body)["connectors"]["A"] == {"ready": True, "health": "ended"}
        status, headers, body = await get(server, "/stats")
        assert headers["content-type"] == "application/json"
        assert json.loads(body) == {"app": "orders", "state": "running", **app.stats()}
        status, headers, body = await get(server, "/metrics")
        assert (status, headers["content-type"].partition(";")[0]) == (200, "text/plain")
        assert b'eventflux_sink_confirmed_total{app="orders",stream="B"} 1.0\n' in body
        assert b"process_resident_memory_bytes" in body
        accept = "application/openmetrics-text;version=1.0.0"
        status, headers, body = await get(server, "/metrics", Accept=accept)
        assert headers["content-type"].startswith("application/openmetrics-text")
        assert body.endswith(b"# EOF\n")
