"""Servers in programs: what SQL says of them, and what the runtime does with it."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Mapping
from typing import Any

import pytest
from aiohttp import ClientSession

from eventflux import AppRuntime, EventFluxManager
from eventflux.base.errors import OptionError, RefusedError
from eventflux_websocket.factories import WebSocketSinkFactory, WebSocketSourceFactory
from eventflux_websocket.options import SinkOptions, SourceOptions

from .conftest import until

PROGRAM = """
CREATE STREAM Readings (celsius DOUBLE, place STRING METADATA FROM 'query.place') WITH (
  type = 'source', extension = 'websocket', format = 'json',
  websocket.mode = 'server', websocket.port = '0', websocket.path = '/in');
CREATE STREAM Alarms (celsius DOUBLE, place STRING) WITH (
  type = 'sink', extension = 'websocket', format = 'json',
  websocket.mode = 'server', websocket.port = '0', websocket.path = '/out');
INSERT INTO Alarms SELECT celsius, place FROM Readings WHERE celsius > 60;
"""


def app_of(**given: str) -> AppRuntime:
    overrides = {name.replace("__", "."): text for name, text in given.items()}
    return EventFluxManager().create_app(PROGRAM, overrides=overrides)


def counted(app: AppRuntime, name: str) -> int:
    """What the sink has counted of its own."""
    return app.stats()["own_counters"]["Alarms"][name]


@pytest.fixture
def listening(caplog: pytest.LogCaptureFixture) -> Any:
    """The addresses that the log has told of, the newest last."""
    caplog.set_level(logging.INFO, "eventflux.websocket")
    return lambda: re.findall(r"at (ws://[\d.:]+)/", caplog.text)


async def test_events_are_pushed_and_results_watched_and_all_is_counted(listening: Any) -> None:
    app = app_of(Alarms__websocket__recent__messages="1")
    for start in (1, 2):  # an app can be started again
        async with ClientSession() as session, app:
            address = listening()[-1]
            push = await session.ws_connect(f"{address}/in?place=cellar")
            watch = await session.ws_connect(f"{address}/out")
            for celsius in (61, 20, 62):
                await push.send_json({"celsius": celsius})
            await push.send_str("no JSON")
            got = [await watch.receive_str() for _ in range(2)]
            await watch.close()
            await until(lambda: app.stats()["own_gauges"]["Alarms"]["clients"] == 0)
            await push.send_json({"celsius": 63})
            await until(lambda: counted(app, "messages_unheard") == start)  # noqa: B023
            late = await session.ws_connect(f"{address}/out")
            got.append(await late.receive_str())
            assert got == [f'{{"celsius":{n}.0,"place":"cellar"}}' for n in (61, 62, 63)]
            assert set(app.health().values()) == {"running"}
            stopping = asyncio.gather(push.receive(), late.receive())
        assert [message.data for message in await stopping] == [1001, 1001]
    stats = app.stats()
    assert stats["own_counters"]["Readings"] == {
        "clients_accepted": 2,
        "clients_refused": 0,
        "messages_discarded": 0,
    }
    assert stats["own_counters"]["Alarms"] == {
        "clients_accepted": 4,
        "clients_refused": 0,
        "clients_too_slow": 0,
        "messages_unheard": 2,
        "messages_dropped": 0,
    }
    assert stats["streams"]["Readings"]["failed"] == 2
    assert stats["connectors"]["Alarms"]["confirmed"] == 6


async def test_a_start_tells_what_can_not_be_listened_on() -> None:
    taken = await asyncio.start_server(lambda r, w: None, "127.0.0.1", 0)
    port = str(taken.sockets[0].getsockname()[1])
    for given, message in (
        ({"Readings__websocket__port": port}, f"source 'Readings' (websocket): port {port} of"),
        ({"Alarms__websocket__host": "192.0.2.1"}, "sink 'Alarms' (websocket): '192.0.2.1' is no"),
    ):
        with pytest.raises(RefusedError) as raised:
            await app_of(**given).astart()
        assert message in str(raised.value)
    taken.close()


async def test_two_streams_with_one_path_do_not_start() -> None:
    app = app_of(Readings__websocket__path="/out")
    with pytest.raises(RefusedError) as raised:
        await app.astart()
    assert "stream 'Alarms' has the path '/out' on 127.0.0.1:0 already" in str(raised.value)


WRONG: list[tuple[dict[str, str], str]] = [
    ({}, "option 'websocket.port' is required"),
    ({"port": "70000"}, "option 'websocket.port' must be 0 to 65535"),
    ({"port": "1", "host": "a b"}, "option 'websocket.host' is no address: 'a b'"),
    ({"port": "1", "path": "in"}, "option 'websocket.path' must be the path of a URL, got 'in'"),
    ({"port": "1", "path": "/in?x=1"}, "option 'websocket.path' must be the path of a URL"),
    ({"port": "1", "username": "ann"}, "need each other"),
    ({"port": "1", "password": "secret"}, "need each other"),
    ({"port": "1", "username": "a:b", "password": "secret"}, "must not hold a colon"),
    (
        {"port": "1", "token": "t", "username": "a", "password": "secret"},
        "options 'websocket.token' and 'websocket.username' are two ways to log in",
    ),
    ({"port": "1", "token": " "}, "option 'websocket.token' is empty"),
    ({"port": "1", "origins": "example.org"}, "'example.org' is no origin"),
    ({"port": "1", "origins": "https://a.org/x"}, "'https://a.org/x' is no origin"),
    ({"port": "1", "origins": "https://a.*.org"}, "'https://a.*.org' is no origin"),
    ({"port": "1", "clients.max": "0"}, "option 'websocket.clients.max' must be at least 1"),
    ({"port": "1", "ssl.key": "k"}, "'websocket.ssl.key' needs 'websocket.ssl.certificate'"),
    ({"port": "1", "url": "ws://a"}, "option 'websocket.url' is for 'websocket.mode' = 'client'"),
]
WRONG_FOR_SINKS: list[tuple[dict[str, str], str]] = [
    (
        {"port": "1", "recent.messages": "9000"},
        "option 'websocket.recent.messages' is 9000, more than may wait for a client",
    ),
    (
        {"port": "1", "clients.min": "2", "clients.max": "1"},
        "option 'websocket.clients.min' is more than 'websocket.clients.max'",
    ),
    ({"port": "1", "slow.clients": "drop"}, "expects one of disconnect, drop-oldest, wait"),
]


def problems(options: type[SourceOptions] | type[SinkOptions], given: Mapping[str, str]) -> str:
    texts = {f"websocket.{name}": text for name, text in {"mode": "server", **given}.items()}
    return "\n".join(map(str, options.problems(texts)))


@pytest.mark.parametrize(("given", "message"), WRONG)
@pytest.mark.parametrize("options", [SourceOptions, SinkOptions])
def test_wrong_options_are_told(
    options: type[SourceOptions] | type[SinkOptions], given: dict[str, str], message: str
) -> None:
    told = problems(options, given)
    assert message in told
    assert "secret" not in told.replace("websocket.", "")


@pytest.mark.parametrize(("given", "message"), WRONG_FOR_SINKS)
def test_wrong_options_of_sinks_are_told(given: dict[str, str], message: str) -> None:
    assert message in problems(SinkOptions, given)
    assert "'websocket." in problems(SourceOptions, given)


def test_options_of_a_server_are_refused_in_a_client() -> None:
    with pytest.raises(OptionError, match=r"'websocket.port' is for 'websocket.mode' = 'server'"):
        SourceOptions.parse({"websocket.url": "ws://a", "websocket.port": "1"})


def notes(factory: WebSocketSourceFactory | WebSocketSinkFactory, **given: str) -> str:
    texts = {"mode": "server", "port": "1", **given}
    options: Any = factory.options
    named = {f"websocket.{name.replace('_', '.')}": text for name, text in texts.items()}
    return "\n".join(factory.notes(options.parse(named)))


def test_explain_tells_who_may_come_in() -> None:
    for factory in (WebSocketSourceFactory(), WebSocketSinkFactory()):
        assert "web pages of any site may connect" in notes(factory)
        assert "whoever reaches port 1 may connect" in notes(factory, host="0.0.0.0")
        assert "plain text" in notes(factory, host="0.0.0.0", token="t")
        assert "may connect" not in notes(factory, token="t")
        assert "may connect" not in notes(factory, origins="https://a.org")
        tls = {"host": "0.0.0.0", "token": "t", "ssl_certificate": "c"}
        assert "plain text" not in notes(factory, **tls)
    assert "at most once" in notes(WebSocketSourceFactory())
    assert "slows the whole app" in notes(WebSocketSinkFactory(), slow_clients="wait")
    assert "loses messages" in notes(WebSocketSinkFactory(), slow_clients="drop-oldest")
    assert "is disconnected" in notes(WebSocketSinkFactory())
