"""The README: each program runs against a server, and each option is in it."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from aiohttp import web

from eventflux import EventFluxManager
from eventflux.testing.certificates import Authority
from eventflux_websocket.metadata import SOURCE_METADATA
from eventflux_websocket.options import SinkOptions, SourceOptions

from .conftest import Server

README = (Path(__file__).resolve().parents[1] / "README.md").read_text(encoding="utf-8")
CLIENTS = re.findall(r"```sql\n(.*?)```", README.partition("\n## A server")[0], re.DOTALL)
SERVERS = re.findall(r"```sql\n(.*?)```", README.partition("\n## A server")[2], re.DOTALL)


async def silent(socket: web.WebSocketResponse, request: web.Request) -> None:
    async for _ in socket:
        pass


def overrides(sql: str, server: Server, authority: Authority) -> Iterator[tuple[str, str]]:
    """What leads the streams of a program to the server, for ``--set``."""
    for stream, options in re.findall(r"CREATE STREAM (\w+)(.*?)\);", sql, re.DOTALL):
        yield f"{stream}.websocket.url", server.url
        if "websocket.ssl" in options:
            yield f"{stream}.websocket.ssl.ca", str(authority.file)


@pytest.mark.parametrize("number", range(len(CLIENTS)))
async def test_each_client_starts_and_stops(
    number: int,
    serve: Callable[..., Awaitable[Server]],
    authority: Authority,
    request: pytest.FixtureRequest,
) -> None:
    sql = CLIENTS[number]
    tls = request.getfixturevalue("server_tls") if "websocket.ssl" in sql else None
    server = await serve(silent, tls=tls, protocols=("v1.json",))
    given = dict(overrides(sql, server, authority))
    if "proxy" in sql:
        sql = re.sub(r"\s+websocket\.proxy = '[^']*',", "", sql)
    app = EventFluxManager().create_app(sql, overrides=given)
    async with app:
        assert set(app.health().values()) == {"running"}
    assert server.requests


@pytest.mark.parametrize("number", range(len(SERVERS)))
async def test_each_server_starts_and_stops(number: int, authority: Authority) -> None:
    sql = SERVERS[number]
    given: dict[str, str] = {}
    for stream in re.findall(r"CREATE STREAM (\w+)", sql):
        given |= {f"{stream}.websocket.port": "0", f"{stream}.websocket.host": "127.0.0.1"}
        if "websocket.ssl" in sql:
            certificate = authority.sign("localhost", "IP:127.0.0.1")
            given[f"{stream}.websocket.ssl.certificate"] = str(certificate.file)
            given[f"{stream}.websocket.ssl.key"] = str(certificate.key)
    async with EventFluxManager().create_app(sql, overrides=given) as app:
        assert set(app.health().values()) == {"running"}


@pytest.mark.parametrize("options", [SourceOptions, SinkOptions])
def test_each_option_is_in_it(options: type[SourceOptions] | type[SinkOptions]) -> None:
    missing = [spec.name for spec in options.specs() if spec.name.partition(".<")[0] not in README]
    assert missing == []


def test_each_metadata_name_is_in_it() -> None:
    quoted = re.findall(r"`([\w.<>]+)`", README)
    for name in SOURCE_METADATA:
        assert name.replace("*", "<name>") in quoted
