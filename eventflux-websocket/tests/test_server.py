"""A server's clients, on aiohttp: what they send and get, who may come in, how they go."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest
from aiohttp import (
    ClientConnectorError,
    ClientSession,
    ClientWebSocketResponse,
    WSMsgType,
    WSServerHandshakeError,
)

from eventflux.spi import EndOfStream, Misconfigured, ReceiveLimits, SinkBatch
from eventflux.testing.certificates import Authority
from eventflux_websocket import entrance, listener
from eventflux_websocket.server_sink import ServerSink
from eventflux_websocket.server_source import ServerSource

from .conftest import CONTEXT, LIMITS, raw_client, until

OpenSource = Callable[..., Awaitable[ServerSource]]
OpenSink = Callable[..., Awaitable[ServerSink]]


@pytest.fixture
async def session() -> AsyncIterator[ClientSession]:
    async with ClientSession() as session:
        yield session


async def received(source: ServerSource, count: int) -> list[bytes]:
    payloads: list[bytes] = []
    while len(payloads) < count:
        payloads += (await source.receive(LIMITS)).payloads
    return payloads


async def texts(socket: ClientWebSocketResponse, count: int) -> list[str]:
    return [str((await socket.receive()).data) for _ in range(count)]


async def refused(session: ClientSession, url: str, **arguments: Any) -> WSServerHandshakeError:
    with pytest.raises(WSServerHandshakeError) as raised:
        await session.ws_connect(url, **arguments)
    return raised.value


def login(user: str, password: str) -> dict[str, str]:
    """The header of basic authentication."""
    text = base64.b64encode(f"{user}:{password}".encode()).decode()
    return {"Authorization": f"Basic {text}"}


# Messages


async def test_what_clients_push_is_received_in_the_order_of_each(
    listening_source: OpenSource, session: ClientSession
) -> None:
    context = replace(CONTEXT, metadata=("type", "client", "query.id", "headers.x-kind"))
    source = await listening_source(context=context, path="/in")
    one = await session.ws_connect(f"{source.url}?id=7", headers={"X-Kind": "sensor"})
    other = await session.ws_connect(source.url)
    for number in range(3):
        await one.send_str(f"a{number}")
        await other.send_bytes(b"b%d" % number)
    got: list[tuple[bytes, str, str | None, str | None]] = []
    addresses = set()
    while len(got) < 6:
        batch = await source.receive(LIMITS)
        assert batch.metadata is not None
        columns = [batch.metadata[name] for name in ("type", "query.id", "headers.x-kind")]
        got += zip(batch.payloads, *columns, strict=True)
        addresses |= set(batch.metadata["client"])
    assert [row for row in got if row[1] == "text"] == [
        (b"a%d" % number, "text", "7", "sensor") for number in range(3)
    ]
    assert [row for row in got if row[1] == "binary"] == [
        (b"b%d" % number, "binary", None, None) for number in range(3)
    ]
    assert len(addresses) == 2
    assert all(str(address).startswith("127.0.0.1:") for address in addresses)


async def test_every_client_gets_every_message(
    listening_sink: OpenSink, session: ClientSession
) -> None:
    sink = await listening_sink()
    sockets = [await session.ws_connect(sink.url) for _ in range(3)]
    assert await sink.send(SinkBatch([b"one", b"two"])) == []
    await sink.send(SinkBatch(["drei, größer".encode()]))
    for socket in sockets:
        assert await texts(socket, 3) == ["one", "two", "drei, größer"]
    await sockets[0].close()
    await until(lambda: sink.gauges()["clients"] == 2)
    await sink.send(SinkBatch([b"four"]))
    assert await texts(sockets[1], 1) == ["four"]


async def test_a_text_that_is_none_is_refused_alone(
    listening_sink: OpenSink, session: ClientSession
) -> None:
    sink = await listening_sink()
    socket = await session.ws_connect(sink.url)
    [refusal] = await sink.send(SinkBatch([b"good", b"\xff", b"too"]))
    assert (refusal.index, refusal.transient) == (1, False)
    assert refusal.hint == "set \"websocket.message.type\" = 'binary'"
    assert await texts(socket, 2) == ["good", "too"]


async def test_binary_messages_hold_anything(
    listening_sink: OpenSink, session: ClientSession
) -> None:
    sink = await listening_sink(message_type="binary")
    socket = await session.ws_connect(sink.url)
    await sink.send(SinkBatch([b"\xff\x00", b"x" * 70_000]))
    assert [await socket.receive_bytes() for _ in range(2)] == [b"\xff\x00", b"x" * 70_000]


async def test_a_late_joiner_gets_the_last_messages_and_misses_none_after(
    listening_sink: OpenSink, session: ClientSession
) -> None:
    sink = await listening_sink(recent_messages=3)
    await sink.send(SinkBatch([b"%d" % number for number in range(5)]))
    first = await session.ws_connect(sink.url)
    await sink.send(SinkBatch([b"5"]))
    second = await session.ws_connect(sink.url)
    await sink.send(SinkBatch([b"6"]))
    assert await texts(first, 5) == ["2", "3", "4", "5", "6"]
    assert await texts(second, 4) == ["3", "4", "5", "6"]
    assert sink.counters()["messages_unheard"] == 5


async def test_recent_messages_are_bounded_by_bytes_too(
    listening_sink: OpenSink, session: ClientSession
) -> None:
    sink = await listening_sink(recent_messages=1000, queue_bytes=100)
    await sink.send(SinkBatch([b"x" * 40 + b"%d" % number for number in range(9)]))
    socket = await session.ws_connect(sink.url)
    assert await texts(socket, 2) == ["x" * 40 + "7", "x" * 40 + "8"]


async def test_without_clients_messages_go_to_nobody_and_are_counted(
    listening_sink: OpenSink, session: ClientSession
) -> None:
    sink = await listening_sink()
    await sink.send(SinkBatch([b"1", b"2"]))
    socket = await session.ws_connect(sink.url)
    await sink.send(SinkBatch([b"3"]))
    assert await texts(socket, 1) == ["3"]
    assert sink.counters()["messages_unheard"] == 2


async def test_messages_wait_for_as_many_clients_as_are_asked_for(
    listening_sink: OpenSink, session: ClientSession
) -> None:
    sink = await listening_sink(clients_min=2)
    sends = [asyncio.create_task(sink.send(SinkBatch([b"%d" % n]))) for n in range(3)]
    one = await session.ws_connect(sink.url)
    assert not any(send.done() for send in sends)
    assert sink.condition == "waits for clients: 1 of websocket.clients.min = 2 are here"
    other = await session.ws_connect(sink.url)
    await asyncio.gather(*sends)
    for socket in (one, other):
        assert await texts(socket, 3) == ["0", "1", "2"]
    assert sink.condition is None


@pytest.mark.parametrize("asked", [0, 10, 15])
async def test_compressed_messages_go_to_who_asks_for_them(
    listening_sink: OpenSink, listening_source: OpenSource, session: ClientSession, asked: int
) -> None:
    sink = await listening_sink(compression="deflate")
    source = await listening_source(compression="deflate", path="/in")
    socket = await session.ws_connect(sink.url, compress=asked)
    plain = await session.ws_connect(sink.url)
    for _ in range(2):
        await sink.send(SinkBatch([b"over and over " * 100, b"end"]))
    for one in (socket, plain):
        assert await texts(one, 4) == ["over and over " * 100, "end"] * 2
    assert bool(socket.compress) == bool(asked)
    pushing = await session.ws_connect(source.url, compress=asked)
    await pushing.send_str("again and again " * 100)
    assert await received(source, 1) == [b"again and again " * 100]


# Several streams on one port


async def test_streams_share_a_port_by_their_paths(
    listening_source: OpenSource, listening_sink: OpenSink, session: ClientSession
) -> None:
    source, sink = await listening_source(path="/in"), await listening_sink(path="/out")
    assert source.url.removesuffix("/in") == sink.url.removesuffix("/out")
    push = await session.ws_connect(source.url)
    show = await session.ws_connect(sink.url)
    await push.send_str("in")
    await sink.send(SinkBatch([b"out"]))
    assert await received(source, 1) == [b"in"]
    assert await texts(show, 1) == ["out"]
    assert (await refused(session, source.url + "put")).status == 404
    async with session.get(source.url.replace("ws://", "http://") + "put") as answer:
        assert await answer.text() == "there is no stream at '/input'; there are: /in, /out\n"
    await asyncio.gather(source.close(), push.receive())
    assert (await refused(session, sink.url.replace("/out", "/in"))).status == 404
    await sink.send(SinkBatch([b"still"]))
    assert await texts(show, 1) == ["still"]
    await asyncio.gather(sink.close(), show.receive())
    with pytest.raises(ClientConnectorError):
        await session.ws_connect(sink.url)


async def test_a_path_belongs_to_one_stream(listening_sink: OpenSink) -> None:
    await listening_sink(path="/a%20b")
    with pytest.raises(Misconfigured) as raised:
        await listening_sink(path="/%61%20b")
    assert raised.value.message == ("stream 'Ticks' has the path '/%61%20b' on 127.0.0.1:0 already")
    assert raised.value.hint == 'give each stream of a port a "websocket.path" of its own'


async def test_streams_of_a_port_have_one_certificate(
    listening_sink: OpenSink, authority: Authority
) -> None:
    certificate = authority.sign("localhost", "IP:127.0.0.1")
    await listening_sink(path="/a")
    with pytest.raises(Misconfigured) as raised:
        await listening_sink(path="/b", ssl_certificate=str(certificate.file))
    assert "listens on 127.0.0.1:0 too, with other TLS options" in raised.value.message
    await listening_sink(path="/c")


# Who may come in


async def test_a_token_lets_in_by_header_or_url(
    listening_source: OpenSource, session: ClientSession
) -> None:
    context = replace(CONTEXT, metadata=("query.token", "headers.authorization"))
    source = await listening_source(token="hunter2 & more", context=context)
    right: list[dict[str, Any]] = [
        {"headers": {"Authorization": "Bearer hunter2 & more"}},
        {"params": {"token": "hunter2 & more"}},
    ]
    for arguments in right:
        socket = await session.ws_connect(source.url, **arguments)
        await socket.send_str("in")
        batch = await source.receive(LIMITS)
        assert batch.metadata == {"query.token": [None], "headers.authorization": [None]}
    for wrong in ({}, {"params": {"token": "hunter3"}}, {"headers": {"Authorization": "Bearer"}}):
        error = await refused(session, source.url, **wrong)
        assert error.status == 401
        assert error.headers is not None
        assert error.headers["WWW-Authenticate"] == 'Bearer realm="eventflux"'
    assert (source.counters()["clients_accepted"], source.counters()["clients_refused"]) == (2, 3)


async def test_a_user_logs_in(listening_sink: OpenSink, session: ClientSession) -> None:
    sink = await listening_sink(username="ann", password="ö:2")
    socket = await session.ws_connect(sink.url, headers=login("ann", "ö:2"))
    await sink.send(SinkBatch([b"welcome"]))
    assert await texts(socket, 1) == ["welcome"]
    for headers in (login("ann", "3"), login("bob", "ö:2"), {}):
        error = await refused(session, sink.url, headers=headers)
        assert error.status == 401
        assert error.headers is not None
        assert error.headers["WWW-Authenticate"] == 'Basic realm="eventflux"'
    for broken in ("Basic !", "Basic /w==", "Basic"):
        assert (await refused(session, sink.url, headers={"Authorization": broken})).status == 401


async def test_pages_of_other_sites_stay_out(
    listening_sink: OpenSink, session: ClientSession
) -> None:
    sink = await listening_sink(origins="https://example.org, https://*.example.org:8443, null")
    for origin in ("https://example.org", "HTTPS://a.b.example.org:8443", "null", None):
        socket = await session.ws_connect(sink.url, origin=origin)
        await socket.close()
    for origin in (
        "http://example.org",
        "https://example.org.evil",
        "https://notexample.org:8443",
        "https://example.org:8443",
        "https://evil/x.example.org:8443",
    ):
        assert (await refused(session, sink.url, origin=origin)).status == 403


async def test_a_subprotocol_is_chosen_or_the_client_refused(
    listening_sink: OpenSink, session: ClientSession
) -> None:
    sink = await listening_sink(subprotocol="v2.rows, v1.rows")
    socket = await session.ws_connect(sink.url, protocols=["v1.rows", "v2.rows"])
    assert socket.protocol == "v2.rows"
    for offered in ((), ("v3.rows",)):
        assert (await refused(session, sink.url, protocols=offered)).status == 400


async def test_more_clients_than_allowed_are_refused_until_one_goes(
    listening_sink: OpenSink, session: ClientSession
) -> None:
    sink = await listening_sink(clients_max=1)
    socket = await session.ws_connect(sink.url)
    error = await refused(session, sink.url)
    assert error.status == 503
    assert error.headers is not None
    assert error.headers["Retry-After"] == "5"
    await socket.close()
    await until(lambda: sink.gauges()["clients"] == 0)
    await session.ws_connect(sink.url)


# How clients go, and the server


async def test_at_the_end_clients_are_told_and_the_port_is_free(
    listening_source: OpenSource, listening_sink: OpenSink, session: ClientSession
) -> None:
    source, sink = await listening_source(path="/in"), await listening_sink(path="/out")
    port = int(sink.url.split(":")[2].partition("/")[0])
    sockets = [await session.ws_connect(url) for url in (source.url, sink.url)]
    stopping = asyncio.gather(source.stop(), sink.close())
    for socket in sockets:
        message = await socket.receive()
        assert (message.type, message.data, message.extra) == (WSMsgType.CLOSE, 1001, "going away")
    await stopping
    with pytest.raises(EndOfStream):
        await source.receive(LIMITS)
    again = await listening_sink(port=port)
    assert (await session.ws_connect(again.url)).closed is False


async def test_a_client_that_does_not_answer_the_end_is_cut_off(
    listening_sink: OpenSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(entrance, "CLOSE_TIMEOUT", 0.05)
    sink = await listening_sink()
    reader, writer = await raw_client(sink.url)
    await sink.close()
    assert await reader.read(2 + 2 + len("going away")) == b"\x88\x0c\x03\xe9going away"
    assert await reader.read() == b""
    writer.transport.abort()


async def test_what_still_waits_when_a_source_is_closed_is_counted(
    listening_source: OpenSource, session: ClientSession
) -> None:
    source = await listening_source()
    socket = await session.ws_connect(source.url)
    await socket.send_str("waits")
    await until(lambda: source.gauges()["messages_waiting"] == 1)
    await source.close()
    assert source.counters()["messages_discarded"] == 1


async def test_a_source_can_be_opened_again(
    listening_source: OpenSource, session: ClientSession
) -> None:
    source = await listening_source()
    await source.close()
    await source.close()
    await source.open(None)
    socket = await session.ws_connect(source.url)
    await socket.send_str("again")
    assert await received(source, 1) == [b"again"]


async def test_while_the_inbox_is_full_clients_have_to_wait(
    listening_source: OpenSource, session: ClientSession
) -> None:
    source = await listening_source(queue_messages=10, queue_bytes=1000)
    sockets = [await session.ws_connect(source.url) for _ in range(2)]
    count = 3000

    async def push(socket: ClientWebSocketResponse) -> None:
        for number in range(count):
            await socket.send_str(f"{number}:" + "x" * 5000)

    pushing = asyncio.gather(*map(push, sockets))
    await until(lambda: source.condition is not None)
    assert source.condition is not None
    assert "clients have to wait" in source.condition
    most = source.gauges()["messages_waiting"]
    for _ in range(20):
        await asyncio.sleep(0)
        assert source.gauges()["messages_waiting"] <= most + 200
    assert not pushing.done()
    late = await session.ws_connect(source.url)
    await late.send_str("late")
    limits = ReceiveLimits(messages=50)
    payloads: list[bytes] = []
    while len(payloads) < 2 * count + 1:
        payloads += (await source.receive(limits)).payloads
    await pushing
    numbers = [payload.partition(b":")[0] for payload in payloads if payload != b"late"]
    assert sorted(numbers) == sorted(b"%d" % number for number in range(count) for _ in sockets)
    assert source.condition is None


# What can't be listened on


async def test_a_port_in_use(listening_sink: OpenSink) -> None:
    taken = await asyncio.start_server(lambda r, w: None, "127.0.0.1", 0)
    port = taken.sockets[0].getsockname()[1]
    with pytest.raises(Misconfigured) as raised:
        await listening_sink(port=port)
    assert raised.value.message == f"port {port} of 127.0.0.1 is in use"
    assert raised.value.hint is not None
    assert f"`ss -ltnp 'sport = {port}'` tells which" in raised.value.hint
    taken.close()
    await listening_sink(port=port)


async def test_a_host_of_another_machine(listening_sink: OpenSink) -> None:
    for host in ("192.0.2.1", "nowhere.invalid"):
        with pytest.raises(Misconfigured) as raised:
            await listening_sink(host=host)
        assert raised.value.message == f"'{host}' is no address of this machine"


async def test_a_port_for_root_only(
    listening_sink: OpenSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def denied(*arguments: Any, **more: Any) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(asyncio.get_running_loop(), "create_server", denied)
    with pytest.raises(Misconfigured) as raised:
        await listening_sink(port=80)
    assert raised.value.message == "port 80 may not be listened on: Permission denied"
    assert raised.value.hint is not None
    assert "CAP_NET_BIND_SERVICE" in raised.value.hint


async def test_files_that_hold_no_certificate(
    listening_sink: OpenSink, authority: Authority
) -> None:
    good = authority.sign("localhost", "IP:127.0.0.1")
    wrong: list[tuple[dict[str, str], str]] = [
        ({"ssl_certificate": "/no/such.pem"}, "'/no/such.pem' can't be used: No such file"),
        ({"ssl_certificate": str(good.key)}, "does not hold a certificate and its key"),
        (
            {"ssl_certificate": str(good.file), "ssl_key": "/no/such.key"},
            "option 'websocket.ssl.key': '/no/such.key' can't be used",
        ),
    ]
    for options, message in wrong:
        with pytest.raises(Misconfigured) as raised:
            await listening_sink(**options)
        assert message in raised.value.message
    listeners = listener._listeners.get(asyncio.get_running_loop(), {})
    assert listeners == {}, "a listener that could not open is forgotten"
