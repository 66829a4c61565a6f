"""TLS: what works, and what is told of what does not, against a real node."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from eventflux.spi import Disconnected, Misconfigured, ReceiveLimits, Secret, SinkBatch
from eventflux.spi.tls import Tls
from eventflux_rabbitmq.address import Address
from eventflux_rabbitmq.testing import Authority, Certificate, PrivateBroker
from eventflux_rabbitmq.testing.node import free_ports
from eventflux_rabbitmq.tls import handshake_fault

broker_test = pytest.mark.broker
Open = Callable[..., Awaitable[Any]]

CLIENT_KEY_PASSWORD = "opEn-Sesame"


@pytest.fixture(scope="session")
def authority(broker: PrivateBroker) -> Authority:
    """Who has signed the node's certificate."""
    assert broker.authority is not None
    return broker.authority


@pytest.fixture(scope="session")
def client(authority: Authority) -> Certificate:
    """A certificate that the node takes, with an encrypted key."""
    return authority.sign("client", password=CLIENT_KEY_PASSWORD)


@pytest.fixture(scope="session")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """An authority that the node doesn't know."""
    return Authority(tmp_path_factory.mktemp("stranger"), "stranger")


@pytest.fixture(scope="session")
def strict_port(broker: PrivateBroker, authority: Authority) -> int:
    """Another port of the node, where clients must show a certificate."""
    [port] = free_ports(1)
    folder = authority.file.parent
    options = (
        f'[{{cacertfile,"{authority.file}"}},{{certfile,"{folder}/localhost.pem"}},'
        f'{{keyfile,"{folder}/localhost.key"}},{{verify,verify_peer}},'
        "{fail_if_no_peer_cert,true}]"
    )
    where = f'{{"127.0.0.1",{port},auto}}'
    broker.evaluate(f"rabbit_networking:start_ssl_listener({where}, {options}, 1)")
    return port


async def carry(open_source: Open, open_sink: Open, queue: str, **options: Any) -> None:
    """Send and receive one message with these options."""
    sink = await open_sink("", queue, **options)
    assert await sink.send(SinkBatch([b"x" * 300_000])) == []
    source = await open_source(queue, **options)
    batch = await source.receive(ReceiveLimits())
    assert batch.payloads == [b"x" * 300_000]
    source.settle(batch.token)


@broker_test
async def test_messages_go_over_tls(
    open_source: Open, open_sink: Open, queue: str, broker: PrivateBroker, authority: Authority
) -> None:
    await carry(
        open_source,
        open_sink,
        queue,
        port=broker.tls_port,
        ssl_ca=str(authority.file),
    )


@broker_test
async def test_an_amqps_uri_is_all_it_takes(
    open_source: Open, open_sink: Open, queue: str, broker: PrivateBroker
) -> None:
    uri = Secret(f"amqps://guest:guest@localhost:{broker.tls_port}/%2F")
    await carry(open_source, open_sink, queue, host=None, port=None, uri=uri, ssl_verify=False)


@broker_test
async def test_a_client_certificate_with_an_encrypted_key(
    open_source: Open,
    open_sink: Open,
    queue: str,
    strict_port: int,
    authority: Authority,
    client: Certificate,
) -> None:
    await carry(
        open_source,
        open_sink,
        queue,
        port=strict_port,
        ssl_ca=str(authority.file),
        ssl_certificate=str(client.file),
        ssl_key=str(client.key),
        ssl_key_password=Secret(CLIENT_KEY_PASSWORD),
    )


@broker_test
async def test_a_missing_client_certificate_is_asked_for(
    open_sink: Open, strict_port: int, authority: Authority
) -> None:
    with pytest.raises((Misconfigured, Disconnected)) as caught:
        await open_sink("", "q", port=strict_port, ssl_ca=str(authority.file))
    assert f"RabbitMQ at 127.0.0.1:{strict_port}" in str(caught.value)
    assert 'set "rabbitmq.ssl.certificate"' in str(getattr(caught.value, "hint", ""))


@broker_test
async def test_a_client_certificate_of_a_stranger_is_named(
    open_sink: Open, strict_port: int, authority: Authority, stranger: Authority
) -> None:
    own = stranger.sign("intruder")
    options: dict[str, Any] = {"ssl_certificate": str(own.file), "ssl_key": str(own.key)}
    with pytest.raises((Misconfigured, Disconnected)) as caught:
        await open_sink("", "q", port=strict_port, ssl_ca=str(authority.file), **options)
    assert f"client certificate in '{own.file}'" in str(getattr(caught.value, "hint", ""))


@broker_test
async def test_an_unknown_authority_is_refused_at_once(
    open_source: Open, broker: PrivateBroker, stranger: Authority
) -> None:
    for options in ({"ssl_enabled": True}, {"ssl_ca": str(stranger.file)}):
        with pytest.raises(Misconfigured) as caught:
            await open_source("q", port=broker.tls_port, **options)
        assert f"certificate of RabbitMQ at 127.0.0.1:{broker.tls_port} is not trusted" in (
            caught.value.message
        )
        assert '"rabbitmq.ssl.ca"' in (caught.value.hint or "")


@broker_test
async def test_a_certificate_for_another_name(
    open_source: Open,
    open_sink: Open,
    queue: str,
    broker: PrivateBroker,
    authority: Authority,
) -> None:
    options: dict[str, Any] = {"port": broker.tls_port, "ssl_ca": str(authority.file)}
    with pytest.raises(Misconfigured) as caught:
        await open_source("q", ssl_server_name="broker.example", **options)
    assert "not valid for 'broker.example'" in caught.value.message
    assert '"rabbitmq.ssl.server.name"' in (caught.value.hint or "")
    await carry(open_source, open_sink, queue, ssl_server_name="localhost", **options)


@broker_test
async def test_tls_to_a_plain_port(open_sink: Open, broker: PrivateBroker) -> None:
    with pytest.raises(Misconfigured) as caught:
        await open_sink("", "q", ssl_enabled=True)
    assert caught.value.message == (
        f"RabbitMQ at 127.0.0.1:{broker.port} does not speak TLS on this port"
    )
    assert "5671 is usually the port for TLS" in (caught.value.hint or "")


@broker_test
async def test_no_tls_to_a_tls_port(open_sink: Open, broker: PrivateBroker, fast: str) -> None:
    port = broker.tls_port
    expected = Misconfigured if fast == "auto" else Disconnected
    with pytest.raises(expected) as caught:
        await open_sink("", "q", port=port)
    said = {
        "auto": f"RabbitMQ at 127.0.0.1:{port} speaks TLS on this port",
        "off": f"RabbitMQ at 127.0.0.1:{port} closed the connection at once",
    }
    assert str(caught.value) == said[fast]
    assert "5671 is usually the port for TLS" in (getattr(caught.value, "hint", None) or "")


@broker_test
@pytest.mark.parametrize("fast", ["auto"])
@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"ssl_ca": "nowhere.pem"}, "'rabbitmq.ssl.ca': 'nowhere.pem' can't be used: No such file"),
        ({"ssl_ca": "text"}, "'rabbitmq.ssl.ca': '{text}' can't be used: it does not hold"),
        ({"ssl_certificate": "text"}, "'rabbitmq.ssl.certificate': '{text}' can't be used"),
        (
            {"ssl_certificate": "nowhere.pem"},
            "'rabbitmq.ssl.certificate': 'nowhere.pem' can't be used: No such file",
        ),
        (
            {"ssl_certificate": "client", "ssl_key": "nowhere.key"},
            "'rabbitmq.ssl.key': 'nowhere.key' can't be used: No such file",
        ),
        (
            {"ssl_certificate": "client", "ssl_key": "client.key"},
            "'rabbitmq.ssl.key.password' is required: the key in '{client.key}' is encrypted",
        ),
        (
            {
                "ssl_certificate": "client",
                "ssl_key": "client.key",
                "ssl_key_password": Secret("wrOng"),
            },
            "'rabbitmq.ssl.key.password' is wrong",
        ),
        (
            {"ssl_certificate": "client", "ssl_key": "other.key"},
            "the key in '{other.key}' does not belong to the certificate in '{client}'",
        ),
    ],
)
async def test_files_that_can_not_be_used_are_named(
    open_sink: Open,
    client: Certificate,
    stranger: Authority,
    tmp_path: Path,
    options: dict[str, Any],
    message: str,
) -> None:
    text = tmp_path / "text.pem"
    text.write_text("no certificate")
    files = {
        "text": str(text),
        "client": str(client.file),
        "client.key": str(client.key),
        "other.key": str(stranger.file.with_suffix(".key")),
    }
    given = {
        name: files.get(value, value) if isinstance(value, str) else value
        for name, value in options.items()
    }
    for name, path in files.items():
        message = message.replace(f"{{{name}}}", path)
    with pytest.raises(Misconfigured) as caught:
        await open_sink("", "q", ssl_enabled=True, **given)
    assert message in caught.value.message
    assert "wrOng" not in f"{caught.value!r} {caught.value.__cause__!r}"


def test_an_expired_certificate_is_told_as_such() -> None:
    error = ssl.SSLCertVerificationError()
    error.verify_message = "certificate has expired"
    tls = Tls()
    fault = handshake_fault([error], Address("h", 5671, "/", "u", Secret("p"), 10, tls))
    assert fault is not None
    assert fault.message == "the certificate of RabbitMQ at h:5671 is not trusted: " + (
        "certificate has expired"
    )
    assert "clock" in (fault.hint or "")


def test_what_is_no_trouble_with_tls_is_not_told_as_such() -> None:
    address = Address("h", 5671, "/", "u", Secret("p"), 10)
    assert handshake_fault([socket.gaierror(), ConnectionRefusedError()], address) is None
