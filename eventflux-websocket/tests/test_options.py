"""What the factories declare and refuse."""

from __future__ import annotations

import subprocess
import sys

import pytest

from eventflux.base.errors import OptionError
from eventflux.spi import Reconnection
from eventflux_websocket.factories import WebSocketSinkFactory, WebSocketSourceFactory
from eventflux_websocket.options import SinkOptions, SourceOptions

URL = {"websocket.url": "ws://localhost:8080/feed"}


def test_a_client_needs_a_url_only() -> None:
    for options in (SourceOptions.parse(URL), SinkOptions.parse(URL)):
        assert (options.mode, options.compression) == ("client", "none")
        assert options.message_max_bytes == 16 * 2**20
    assert SinkOptions.parse(URL).message_type == "text"
    with pytest.raises(OptionError, match=r"option 'websocket\.url' is required"):
        SourceOptions.parse({})


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"websocket.url": "http://localhost"}, "must begin with ws:// or wss://"),
        ({"websocket.url": "localhost:80"}, "must begin with ws:// or wss://"),
        ({"websocket.url": "ws://"}, "has no host"),
        ({"websocket.url": "ws://h:99999/"}, "has a host or a port that is none"),
        ({"websocket.url": "ws://h:0/"}, "has port 0"),
        ({"websocket.url": "ws://[::1/"}, "must begin with ws:// or wss://"),
        ({"websocket.url": "ws://h/a b"}, "must not hold blanks"),
        ({"websocket.url": "ws://h/#there"}, "must not hold a #"),
        ({"websocket.proxy": "socks5://h:1"}, "'websocket.proxy' must begin with http://"),
        ({"websocket.proxy": "http://h:1/path"}, "must end with the port"),
        ({"websocket.headers.A b": "x"}, "'A b' can't be the name of a header"),
        ({"websocket.headers.Upgrade": "x"}, "the handshake sets that header itself"),
        ({"websocket.headers.X": "a\r\nY: b"}, "a value that no header can have"),
        ({"websocket.subprotocol": "a b"}, "'a b' can't be the name of a subprotocol"),
        ({"websocket.subprotocol": "a, a"}, "names one twice"),
        ({"websocket.reconnect.delay.ms": "60000"}, r"'websocket\.reconnect\.max\.delay\.ms' must"),
        ({"websocket.reconnect.delay.ms": "0"}, "must be at least 1"),
        ({"websocket.reconnect.max.attempts": "-2"}, "must be at least -1"),
        (
            {"websocket.reconnect": "false", "websocket.reconnect.max.attempts": "3"},
            "is for 'websocket.reconnect' = 'true'",
        ),
        ({"websocket.heartbeat.interval": "5s"}, r"needs 'websocket\.heartbeat\.message'"),
        ({"websocket.mode": "both"}, "expects one of client, server"),
        ({"websocket.message.type": "text"}, r"unknown option 'websocket\.message\.type'"),
    ],
)
def test_wrong_options_are_refused(values: dict[str, str], message: str) -> None:
    with pytest.raises(OptionError, match=message):
        SourceOptions.parse({**URL, **values})


def test_a_client_s_options_are_refused_on_a_server() -> None:
    problems = SourceOptions.problems(
        {**URL, "websocket.mode": "server", "websocket.headers.X": "1"}
    )
    told = {problem.message for problem in problems}
    for name in ("websocket.url", "websocket.headers.X"):
        assert f"option '{name}' is for 'websocket.mode' = 'client', and this is a server" in told


def test_secrets_do_not_show() -> None:
    values = {
        "websocket.url": "wss://user:hunter2@host/feed?token=hunter2",
        "websocket.headers.Authorization": "Bearer hunter2",
        "websocket.on.connect": "hunter2",
        "websocket.on.connect.1": "hunter2",
        "websocket.heartbeat.message": "hunter2",
        "websocket.proxy": "http://user:hunter2@host:1",
    }
    assert "hunter2" not in repr(SourceOptions.parse(values))
    wrong = {**values, "websocket.url": "hunter2://host", "websocket.proxy": "hunter2"}
    problems = SourceOptions.problems(wrong)
    assert len(problems) == 2
    assert "hunter2" not in " ".join(f"{problem.message} {problem.hint}" for problem in problems)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, Reconnection(1.0, 30.0, -1, "websocket.reconnect.max.attempts")),
        (
            {
                "websocket.reconnect.delay.ms": "250",
                "websocket.reconnect.max.delay.ms": "2s",
                "websocket.reconnect.max.attempts": "5",
            },
            Reconnection(0.25, 2.0, 5, "websocket.reconnect.max.attempts"),
        ),
        ({"websocket.reconnect": "false"}, Reconnection(1.0, 30.0, 0, "websocket.reconnect")),
    ],
)
def test_the_runtime_is_told_how_to_connect_again(
    values: dict[str, str], expected: Reconnection
) -> None:
    source, sink = WebSocketSourceFactory(), WebSocketSinkFactory()
    assert source.reconnection(SourceOptions.parse({**URL, **values})) == expected
    assert sink.reconnection(SinkOptions.parse({**URL, **values})) == expected


def test_what_is_not_promised_is_said() -> None:
    source, sink = WebSocketSourceFactory(), WebSocketSinkFactory()
    assert source.kind == "live"
    assert not sink.confirms
    assert "at most once" in " ".join(source.notes(SourceOptions.parse(URL)))
    assert "no confirmation" in " ".join(sink.notes(SinkOptions.parse(URL)))


def test_the_plugin_module_loads_no_client_library() -> None:
    code = (
        "import sys, eventflux_websocket.plugin as plugin;"
        "plugin.register_source_factories(), plugin.register_sink_factories();"
        "print(sorted({'websockets', 'asyncio', 'ssl'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
