"""``amqp://`` URIs and lists of hosts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote

from eventflux.base.errors import OptionError
from eventflux.spi import Secret

Host = tuple[str, int | None]
"""A host name or address, and its port where one is given."""

_URI_HINT = "write amqp://user:password@host:port/vhost, amqps:// for TLS, %2F for / in a vhost"
_HOST = re.compile(
    r"(?:\[(?P<ip6>[0-9a-fA-F:.%\w]+)\]|(?P<name>[^:\s\[\]/@?#]+))(?::(?P<port>\d+))?"
)
_BARE_IP6 = re.compile(r"[0-9a-fA-F]*:[0-9a-fA-F:.]*:[0-9a-fA-F:.]*")


@dataclass(frozen=True, slots=True)
class Uri:
    """What a URI says; ``None`` for what it leaves open."""

    tls: bool
    hosts: tuple[Host, ...]
    vhost: str | None
    username: str | None
    password: Secret | None


def parse_uri(secret: Secret) -> Uri:
    """Take a URI apart; several hosts, separated by commas, are allowed.

    Raises:
        OptionError: it is no such URI; its text is not shown, for it may hold a password.
    """
    text = secret.reveal().strip()
    scheme, separator, rest = text.partition("://")
    if not separator or scheme.lower() not in ("amqp", "amqps"):
        raise OptionError("option 'rabbitmq.uri' must begin with amqp:// or amqps://", _URI_HINT)
    if "?" in rest or "#" in rest:
        raise OptionError(
            "option 'rabbitmq.uri' must end with the vhost: it holds a ? or #",
            'what would follow are options: "rabbitmq.heartbeat", "rabbitmq.ssl.ca", …; '
            "in a password write %3F and %23",
        )
    authority, slash, path = rest.partition("/")
    if "/" in path:
        raise OptionError("option 'rabbitmq.uri': a / in the vhost is written %2F", _URI_HINT)
    login, at, hosts = authority.rpartition("@")
    user, colon, password = login.partition(":")
    if at and not user:
        raise OptionError("option 'rabbitmq.uri' has no user before the @", _URI_HINT)
    return Uri(
        tls=scheme.lower() == "amqps",
        hosts=parse_hosts(hosts, "the host in option 'rabbitmq.uri'", secret=True),
        vhost=unquote(path) if slash and path else None,
        username=unquote(user) if at else None,
        password=Secret(unquote(password)) if colon else None,
    )


def parse_hosts(text: str, name: str, *, secret: bool = False) -> tuple[Host, ...]:
    """Read ``a, b:5673, [::1]:5674``.

    Args:
        name: what the text is of, for errors.
        secret: the text may hold a part of a password and is not shown.

    Raises:
        OptionError: it is no such list.
    """
    hosts: list[Host] = []
    for part in text.split(","):
        one = part.strip()
        if not one:
            raise OptionError(f"{name} must not be empty")
        if _BARE_IP6.fullmatch(one):
            hosts.append((one, None))
            continue
        match = _HOST.fullmatch(one)
        if match is None:
            shown = "the text" if secret else repr(one)
            raise OptionError(f"{name}: {shown} is no host", "write host, host:port or [::1]:port")
        port = match.group("port")
        if port is not None and not 1 <= int(port) <= 65535:
            raise OptionError(f"{name}: port {port} is not 1 to 65535")
        hosts.append((match.group("ip6") or match.group("name"), int(port) if port else None))
    return tuple(hosts)
