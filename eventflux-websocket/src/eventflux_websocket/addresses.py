"""URLs of endpoints and proxies, which may hold secrets: they show without them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self
from urllib.parse import SplitResult, quote, unquote, urlsplit

from eventflux.base.errors import OptionError
from eventflux.spi import Secret

_URL_HINT = "write ws://host:port/path, or wss:// with TLS"
_PROXY_HINT = "write http://host:port, a login as user:password@ before the host"
_DELIMITERS = ":/?#[]@!$&'()*+,;=%"


@dataclass(frozen=True, slots=True)
class Login:
    """A user and a password."""

    user: str
    password: Secret


@dataclass(frozen=True, slots=True)
class Host:
    """A host and a port."""

    name: str
    port: int

    def __str__(self) -> str:
        return f"[{self.name}]:{self.port}" if ":" in self.name else f"{self.name}:{self.port}"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a client connects to. As a text it is without login and query, which may be secret."""

    tls: bool
    host: Host
    path: str
    query: Secret
    login: Login | None

    def __str__(self) -> str:
        return f"{'wss' if self.tls else 'ws'}://{self.host}{self.path}"


@dataclass(frozen=True, slots=True)
class Proxy:
    """An HTTP proxy. As a text it is without the login."""

    host: Host
    login: Login | None

    def __str__(self) -> str:
        return f"http://{self.host}"


def parse_url(url: Secret) -> Endpoint:
    """Take ``websocket.url`` apart.

    Raises:
        OptionError: it is no such URL; its text is not shown, for it may hold a token.
    """
    parts = _Parts.of(url, "websocket.url", ("ws", "wss"), _URL_HINT)
    if parts.split.fragment:
        raise parts.wrong("must not hold a #", "a fragment is not sent; in a query write %23")
    tls = parts.split.scheme == "wss"
    return Endpoint(
        tls,
        parts.host(443 if tls else 80),
        quote(parts.split.path, safe=_DELIMITERS) or "/",
        Secret(quote(parts.split.query, safe=_DELIMITERS)),
        parts.login(),
    )


def parse_proxy(url: Secret) -> Proxy:
    """Take ``websocket.proxy`` apart.

    Raises:
        OptionError: it is no such URL; its text is not shown.
    """
    parts = _Parts.of(url, "websocket.proxy", ("http",), _PROXY_HINT)
    if parts.split.path not in ("", "/") or parts.split.query or parts.split.fragment:
        raise parts.wrong("must end with the port", _PROXY_HINT)
    return Proxy(parts.host(80), parts.login())


@dataclass(frozen=True, slots=True)
class _Parts:
    """A URL split, and what its errors say of it."""

    option: str
    hint: str
    split: SplitResult

    @classmethod
    def of(cls, url: Secret, option: str, schemes: tuple[str, ...], hint: str) -> Self:
        text = url.reveal()
        try:
            split = urlsplit(text)
        except ValueError:
            split = None
        if any(character.isspace() or not character.isprintable() for character in text):
            raise OptionError(f"option '{option}' must not hold blanks", "in a URL write %20")
        if split is None or split.scheme not in schemes:
            begins = " or ".join(f"{scheme}://" for scheme in schemes)
            raise OptionError(f"option '{option}' must begin with {begins}", hint)
        return cls(option, hint, split)

    def wrong(self, problem: str, hint: str) -> OptionError:
        return OptionError(f"option '{self.option}' {problem}", hint)

    def host(self, default_port: int) -> Host:
        try:
            port = self.split.port
            name = (self.split.hostname or "").encode("idna").decode()
        except ValueError:
            raise self.wrong("has a host or a port that is none", self.hint) from None
        if not name or port == 0:
            raise self.wrong("has no host" if not name else "has port 0", self.hint)
        return Host(name, port or default_port)

    def login(self) -> Login | None:
        user, password = self.split.username, self.split.password
        if user is None:
            return None
        return Login(unquote(user), Secret(unquote(password or "")))
