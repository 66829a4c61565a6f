"""The pages that look into an app: who may ask, and that looking costs and changes nothing."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from eventflux import AppRuntime, EventFluxManager, UsageError
from eventflux.base.rows import values_of
from eventflux.monitoring import http_server, tapping
from eventflux.monitoring.control import control_pages, control_socket
from eventflux.monitoring.http_server import Request, Response, SocketServer
from eventflux.monitoring.pages import looking_pages
from eventflux.monitoring.tapping import tapped

SQL = """
CREATE STREAM S (v LONG, t TIMESTAMP, price DECIMAL(10,2));
INSERT INTO Big SELECT v, t, price FROM S WHERE v > 10;
"""


@pytest.fixture
async def app() -> AsyncIterator[AppRuntime]:
    async with EventFluxManager(plugins=False).create_app(SQL, name="looked at") as app:
        yield app


def read(answer: Any) -> Any:
    assert isinstance(answer.body, bytes)
    return json.loads(answer.body)


async def test_why_as_a_page(app: AppRuntime) -> None:
    why = looking_pages(app)["/why"]
    await app.input("S").asend((1, None, None))
    told = read(why(Request(query={"stream": "Big"})))
    assert (told["cause"], told["app"]) == ("filter", "looked at")
    missing = why(Request(query={"stream": "Bog"}))
    assert (missing.status, read(missing)["hint"]) == (404, "did you mean 'Big'?")
    unnamed = why(Request())
    assert (unnamed.status, read(unnamed)["hint"]) == (400, "?stream=NAME says which is meant")


async def test_rows_are_shown_on_this_machine_alone(app: AppRuntime) -> None:
    for page in looking_pages(app).values():
        refused = page(Request(query={"stream": "Big"}, local=False))
        assert refused.status == 403
        assert "this machine alone" in read(refused)["error"]


@pytest.mark.parametrize(
    ("host", "local"),
    [
        ("localhost", True),
        ("localhost:9090", True),
        ("127.0.0.1:9090", True),
        ("[::1]:9090", True),
        ("evil.example", False),
        ("evil.example:9090", False),
        ("127.0.0.1.evil.example", False),
        ("10.0.0.1:80", False),
    ],
)
async def test_a_page_of_the_web_is_not_local(
    app: AppRuntime, tmp_path: Path, host: str, local: bool
) -> None:
    """A browser can be led here under any name, but says which."""
    async with SocketServer(control_pages(app, Path("a.sql")), tmp_path / "s"):
        reader, writer = await asyncio.open_unix_connection(tmp_path / "s")
        writer.write(f"GET /why?stream=Big HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
        status = await reader.readline()
        writer.close()
    assert (b" 200 " in status, b" 403 " in status) == (local, not local)


async def test_a_tap_gives_what_passes(app: AppRuntime) -> None:
    async with aclosing(tapped(app, "Big")) as lines:
        head = json.loads(await anext(lines))
        send = app.input("S").asend_many
        await send([(1, 0, None), (11, 0, Decimal("1.50")), (12, None, None)])
        line = json.loads(await anext(lines), parse_float=str)
    assert head["columns"] == [
        {"name": "v", "type": "LONG"},
        {"name": "t", "type": "TIMESTAMP"},
        {"name": "price", "type": "DECIMAL"},
    ]
    assert line == {"rows": [[11, "1970-01-01T00:00:00Z", "1.50"], [12, None, None]], "left_out": 0}


async def test_a_tap_is_bounded_and_counts_what_it_left_out(
    app: AppRuntime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tapping, "_ROWS", 5)
    monkeypatch.setattr(tapping, "_PACE", 0)
    async with aclosing(tapped(app, "Big", limit=7)) as lines:
        await anext(lines)
        counted: list[tuple[int, int]] = []
        for count in (8, 4):
            await app.input("S").asend_many([(100 + n, None, None) for n in range(count)])
            line = json.loads(await anext(lines))
            counted.append((len(line["rows"]), line["left_out"]))
        with pytest.raises(StopAsyncIteration):
            await anext(lines)
    assert counted == [(5, 3), (2, 0)]
    stats = app.stats()["streams"]["Big"]
    assert (stats["observer_dropped"], stats["published"]) == (0, 12)


@pytest.mark.parametrize(
    ("stream", "first"), [("S.errors", "originalEvent"), ("S.late", "v"), ("L.connection", "event")]
)
async def test_a_tap_of_what_stands_beside_a_stream_and_nobody_reads(
    stream: str, first: str
) -> None:
    sql = """
    CREATE STREAM S (v LONG, WATERMARK FOR v AS v);
    CREATE STREAM L (v LONG) WITH (type = 'sink', extension = 'log');
    """
    program = EventFluxManager().create_app(sql, replace_external=True)
    async with program as app, aclosing(tapped(app, stream)) as lines:
        head = json.loads(await anext(lines))
    assert (head["stream"], head["columns"][0]["name"]) == (stream, first)


async def test_nothing_is_left_of_a_tap(app: AppRuntime) -> None:
    before = app.source_code()
    async with app.tap("Big"), app.tap("S"), app.tap("Big"):
        assert app.source_code() != before
    assert app.source_code() == before


async def test_a_tap_beside_a_callback(app: AppRuntime) -> None:
    seen: list[int] = []
    app.on("Big", lambda row: seen.append(row.v))
    async with app.tap("Big") as tap:
        await app.input("S").asend((11, None, None))
        rows, _ = await tap.rows()
    await app.input("S").asend((12, None, None))
    assert [values_of(row)[0] for row in rows] == [11]
    assert seen == [11, 12]


async def test_a_stop_ends_taps() -> None:
    async with EventFluxManager(plugins=False).create_app(SQL) as app:
        lines = tapped(app, "Big")
        await anext(lines)
        ending = asyncio.ensure_future(anext(lines))
        await asyncio.sleep(0)
    with pytest.raises(StopAsyncIteration):
        await ending


async def test_a_tap_that_is_asked_wrongly(app: AppRuntime) -> None:
    page = looking_pages(app)["/tap"]
    assert page(Request(query={"stream": "Bog"})).status == 404
    for limit in ("0", "-1", "many"):
        assert page(Request(query={"stream": "Big", "limit": limit})).status == 400


async def test_one_who_stands_still_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a pager does: longer than an answer may take that comes whole."""
    line = b"x" * 65_536 + b"\n"
    sent = 0

    async def lines() -> AsyncGenerator[bytes, None]:
        nonlocal sent
        monkeypatch.setattr(http_server, "_LONGEST", 0.01)
        while sent < 100:
            sent += 1
            yield line

    pages = {"/lines": lambda request: Response(200, "text/plain", lines())}
    async with SocketServer(pages, tmp_path / "s"):
        reader, writer = await asyncio.open_unix_connection(tmp_path / "s", limit=1024)
        writer.write(b"GET /lines HTTP/1.1\r\n\r\n")
        before = -1
        while before != sent or not sent:
            before = sent
            await asyncio.sleep(0.05)
        assert sent < 100, "all of it fits what stands between"
        _, _, body = (await reader.read()).partition(b"\r\n\r\n")
        writer.close()
    assert body == 100 * line


def test_a_tap_from_another_thread() -> None:
    async def tap(app: AppRuntime) -> None:
        async with app.tap("Big"):
            pass

    with (
        EventFluxManager(plugins=False).create_app(SQL) as app,
        pytest.raises(UsageError, match="event loop that the app runs on"),
    ):
        asyncio.run(tap(app))


async def test_an_app_goes_on_without_a_control_socket(
    app: AppRuntime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("EVENTFLUX_RUNTIME_DIR", str(tmp_path / "file" / "run"))
    async with control_socket(app, Path("a.sql")):
        await app.input("S").asend((11, None, None))
    assert app.stats()["streams"]["Big"]["published"] == 1
