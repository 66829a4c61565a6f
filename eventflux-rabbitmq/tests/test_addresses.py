"""Hosts, URIs and what they mean together with the other options."""

from __future__ import annotations

import pytest

from eventflux.base.errors import OptionError
from eventflux_rabbitmq.address import Address, Addresses, addresses_of
from eventflux_rabbitmq.arguments import Argument, argument_value
from eventflux_rabbitmq.options import SourceOptions


def options(**values: str) -> SourceOptions:
    named = {f"rabbitmq.{name.replace('_', '.')}": text for name, text in values.items()}
    return SourceOptions.parse({"rabbitmq.queue": "q", **named})


def addresses(**values: str) -> tuple[Address, ...]:
    return addresses_of(options(**values))


def short(address: Address) -> str:
    scheme = "amqp" if address.tls is None else "amqps"
    login = f"{address.username}:{address.password.reveal()}"
    return f"{scheme}://{login}@{address} {address.vhost}"


@pytest.mark.parametrize(
    ("uri", "meant"),
    [
        ("amqp://h", "amqp://guest:guest@h:5672 /"),
        ("AMQP://h/", "amqp://guest:guest@h:5672 /"),
        ("amqps://h", "amqps://guest:guest@h:5671 /"),
        ("amqps://ann:s3cret@h:1/staging", "amqps://ann:s3cret@h:1 staging"),
        ("amqp://ann@h/%2F", "amqp://ann:guest@h:5672 /"),
        ("amqp://a%40n:p%3A%2F%3F%40@h/a%2Fb", "amqp://a@n:p:/?@@h:5672 a/b"),
        ("amqp://ann:p@ss@h", "amqp://ann:p@ss@h:5672 /"),
        ("amqp://ann:@h", "amqp://ann:@h:5672 /"),
        ("amqp://[::1]:5673", "amqp://guest:guest@[::1]:5673 /"),
    ],
)
def test_a_uri_says_it_all(uri: str, meant: str) -> None:
    assert [short(address) for address in addresses(uri=uri)] == [meant]


@pytest.mark.parametrize(
    ("host", "meant"),
    [
        ("a", ["a:5672"]),
        ("a, b:5673 ,10.0.0.1", ["a:5672", "b:5673", "10.0.0.1:5672"]),
        ("::1,[fe80::2]:9", ["[::1]:5672", "[fe80::2]:9"]),
    ],
)
def test_hosts_with_and_without_ports(host: str, meant: list[str]) -> None:
    assert [str(address) for address in addresses(host=host)] == meant
    assert [str(address) for address in addresses(uri=f"amqp://u:p@{host}/v")] == meant


def test_the_port_is_that_of_hosts_without_one() -> None:
    assert [str(a) for a in addresses(host="a,b:1", port="7")] == ["a:7", "b:1"]
    assert [str(a) for a in addresses(host="a", ssl_enabled="true")] == ["a:5671"]


def test_what_the_uri_leaves_open_is_said_by_options() -> None:
    [address] = addresses(uri="amqp://h", vhost="v", username="u", password="p")
    assert short(address) == "amqp://u:p@h:5672 v"


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({}, "'rabbitmq.host' is required"),
        ({"host": ""}, "'rabbitmq.host' must not be empty"),
        ({"host": "a,,b"}, "'rabbitmq.host' must not be empty"),
        ({"host": "http://a"}, "'rabbitmq.host': 'http://a' is no host"),
        ({"host": "a:0"}, "'rabbitmq.host': port 0 is not 1 to 65535"),
        ({"host": "a:70000"}, "'rabbitmq.host': port 70000 is not 1 to 65535"),
        ({"host": "a b"}, "'rabbitmq.host': 'a b' is no host"),
        ({"uri": "h:5672"}, "'rabbitmq.uri' must begin with amqp:// or amqps://"),
        ({"uri": "http://h"}, "'rabbitmq.uri' must begin with amqp:// or amqps://"),
        ({"uri": "amqp://h/v?heartbeat=5"}, "it holds a ? or #"),
        ({"uri": "amqp://h/a/b"}, "a / in the vhost is written %2F"),
        ({"uri": "amqp://:p@h"}, "has no user before the @"),
        ({"uri": "amqp://"}, "the host in option 'rabbitmq.uri' must not be empty"),
        ({"uri": "amqp://h", "host": "h"}, "'rabbitmq.host' and 'rabbitmq.uri' both say the host"),
        ({"uri": "amqp://h", "port": "1"}, "'rabbitmq.port' and 'rabbitmq.uri' both say the port"),
        ({"uri": "amqp://h/v", "vhost": "v"}, "both say the vhost"),
        ({"uri": "amqp://u@h", "username": "u"}, "both say the username"),
        ({"uri": "amqp://u:p@h", "password": "p"}, "both say the password"),
        ({"uri": "amqps://h", "ssl_enabled": "false"}, "is false, but 'rabbitmq.uri' is amqps://"),
        ({"uri": "amqp://h", "ssl_enabled": "true"}, "'rabbitmq.uri' is amqp://"),
        ({"uri": "amqp://h", "ssl_ca": "f"}, "'rabbitmq.ssl.ca' is for TLS, but 'rabbitmq.uri'"),
        ({"host": "h", "ssl_enabled": "false", "ssl_ca": "f"}, "'rabbitmq.ssl.enabled' is false"),
        ({"host": "h", "ssl_key": "k"}, "'rabbitmq.ssl.key' needs 'rabbitmq.ssl.certificate'"),
        ({"host": "h", "ssl_key_password": "k"}, "needs 'rabbitmq.ssl.certificate'"),
    ],
)
def test_what_is_no_address_is_refused(values: dict[str, str], message: str) -> None:
    with pytest.raises(OptionError) as caught:
        options(**values)
    assert message in caught.value.message


@pytest.mark.parametrize(
    "uri",
    [
        "amqp://ann:hunter2/x@h",
        "amqp://ann:hunter2?@h",
        "amqp://ann:hunter2 x@h:y",
        "http://ann:hunter2@h",
        "amqp://ann:hunter2",
        "amqp://hunter2:x@y z/",
    ],
)
def test_no_error_about_a_uri_shows_it(uri: str) -> None:
    with pytest.raises(OptionError) as caught:
        options(uri=uri)
    assert "hunter2" not in f"{caught.value.message} {caught.value.hint} {caught.value!r}"


def test_no_password_shows_in_options_of_a_uri() -> None:
    made = options(uri="amqp://ann:hunter2@h")
    found = Addresses(made)
    assert "hunter2" not in f"{made!r} {found.all!r} {found.peer}"


@pytest.mark.parametrize("name", ["ca", "certificate", "server.name", "verify"])
def test_an_option_of_tls_turns_it_on(name: str) -> None:
    text = "false" if name == "verify" else "x"
    [address] = addresses_of(
        SourceOptions.parse(
            {"rabbitmq.queue": "q", "rabbitmq.host": "h", f"rabbitmq.ssl.{name}": text}
        )
    )
    assert (address.port, address.tls is not None) == (5671, True)


def test_each_try_takes_the_next_host() -> None:
    hosts = Addresses(options(host="a,b,c"))
    assert [hosts.next().host for _ in range(5)] == ["a", "b", "c", "a", "b"]
    assert hosts.peer == "RabbitMQ at a:5672, b:5672, c:5672"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("5", 5),
        ("-1", -1),
        ("1.5", 1.5),
        ("true", True),
        ('"5"', "5"),
        ("lazy", "lazy"),
        ("", ""),
        ("null", "null"),
        ("[1]", "[1]"),
        ("NaN", "NaN"),
        ("007", "007"),
    ],
)
def test_arguments_are_json_scalars_or_texts(text: str, value: Argument) -> None:
    made = argument_value(text, "x")
    assert (made, type(made)) == (value, type(value))


def test_an_argument_beyond_the_protocol_is_refused() -> None:
    with pytest.raises(OptionError, match=r"'rabbitmq\.queue\.arguments\.x-n' is a number beyond"):
        options(host="h", **{"queue_arguments_x-n": "9" * 20})
