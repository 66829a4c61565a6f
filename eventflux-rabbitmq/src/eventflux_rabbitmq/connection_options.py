"""The options of where the broker is, and who logs in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from eventflux.base.errors import OptionError
from eventflux.spi import Duration, Options, Secret, option, rule
from eventflux_rabbitmq.option_checks import NAME_LIMIT, check_text
from eventflux_rabbitmq.uri import Uri, parse_hosts, parse_uri

Fast = Literal["auto", "off"]


class ConnectionOptions(Options, prefix="rabbitmq"):
    """What source and sink have in common: where the broker is, and who logs in."""

    host: str | None = option(
        None, doc="the broker's host name or address; of several, 'a,b:5673', the next at each try"
    )
    port: int | None = option(
        None, doc="the broker's AMQP port: by default 5672, with TLS 5671", low=1, high=65535
    )
    vhost: str | None = option(None, doc="the virtual host: by default '/'")
    username: str | None = option(None, doc="the user to log in as: by default guest")
    password: Secret | None = option(None, doc="the user's password: by default guest")
    uri: Secret | None = option(
        None, doc="all of it at once: amqp://user:password@host:port/vhost, amqps:// with TLS"
    )
    ssl_enabled: bool | None = option(
        None, doc="use TLS: by default where the URI is amqps:// or another ssl option is set"
    )
    ssl_ca: str | None = option(
        None, doc="a PEM file of the authorities to trust: by default the system's"
    )
    ssl_certificate: str | None = option(
        None, doc="a PEM file with the client's certificate, where the broker asks for one"
    )
    ssl_key: str | None = option(
        None, doc="a PEM file with its key: by default it is in the file of the certificate"
    )
    ssl_key_password: Secret | None = option(None, doc="the password of an encrypted key")
    ssl_verify: bool = option(
        True, doc="'false' takes any certificate: whoever is on the line can read and change all"
    )
    ssl_server_name: str | None = option(
        None, doc="the name that the broker's certificate is for: by default the host"
    )
    heartbeat: Duration = option(
        "10s",
        doc="interval of heartbeats, rounded up to whole seconds; "
        "a silent broker is given up after about three of them",
        low=1000,
        high=3_600_000,
    )
    fast: Fast = option(
        "auto",
        doc="'off' moves messages with documented client calls only: several times slower",
    )

    @rule
    def _vhost_fits(self) -> None:
        if self.vhost is not None:
            check_text("rabbitmq.vhost", self.vhost, limit=NAME_LIMIT)

    @rule
    def _address_is_given(self) -> None:
        if self.uri is not None:
            parse_uri(self.uri)
        elif self.host is not None:
            parse_hosts(self.host, "option 'rabbitmq.host'")
        else:
            raise OptionError(
                "option 'rabbitmq.host' is required", 'or "rabbitmq.uri", which says it all'
            )

    @rule
    def _nothing_is_said_twice(self) -> Iterator[OptionError]:
        parsed = self._parsed_uri
        if parsed is None:
            return
        said_twice = {
            "host": self.host,
            "port": self.port,
            "vhost": self.vhost if parsed.vhost is not None else None,
            "username": self.username if parsed.username is not None else None,
            "password": self.password if parsed.password is not None else None,
        }
        for name, value in said_twice.items():
            if value is not None:
                yield OptionError(
                    f"option 'rabbitmq.{name}' and 'rabbitmq.uri' both say the {name}",
                    "leave one of them out",
                )

    @rule
    def _uri_and_tls_agree(self) -> None:
        parsed = self._parsed_uri
        if parsed is None:
            return
        if parsed.tls and self.ssl_enabled is False:
            raise OptionError(
                "option 'rabbitmq.ssl.enabled' is false, but 'rabbitmq.uri' is amqps://",
                "amqp:// is without TLS",
            )
        if not parsed.tls and (self.ssl_enabled or self._ssl_given):
            [name, *_] = [*self._ssl_given, "rabbitmq.ssl.enabled"]
            raise OptionError(
                f"option '{name}' is for TLS, but 'rabbitmq.uri' is amqp://", "write amqps://"
            )

    @rule
    def _tls_is_on_where_it_is_set_up(self) -> None:
        if self.ssl_enabled is False:
            for name in self._ssl_given:
                raise OptionError(
                    f"option '{name}' is for TLS, but 'rabbitmq.ssl.enabled' is false",
                    "leave one of them out",
                )

    @rule
    def _keys_have_a_certificate(self) -> Iterator[OptionError]:
        if self.ssl_key is not None and self.ssl_certificate is None:
            yield OptionError(
                "option 'rabbitmq.ssl.key' needs 'rabbitmq.ssl.certificate'",
                "the certificate that the key is for",
            )
        if self.ssl_key_password is not None and self.ssl_certificate is None:
            yield OptionError(
                "option 'rabbitmq.ssl.key.password' needs 'rabbitmq.ssl.certificate'",
                "the certificate, with its key in 'rabbitmq.ssl.key' or in the same file",
            )

    @property
    def _parsed_uri(self) -> Uri | None:
        """What a URI that is right says."""
        try:
            return None if self.uri is None else parse_uri(self.uri)
        except OptionError:
            return None

    @property
    def _ssl_given(self) -> list[str]:
        """The names of the options set that make sense with TLS only."""
        return [name for name in self.given("ssl_") if name != "rabbitmq.ssl.enabled"]

    @property
    def tls(self) -> bool:
        """Whether to use TLS."""
        if self.uri is not None:
            return parse_uri(self.uri).tls
        return self.ssl_enabled or (self.ssl_enabled is None and bool(self._ssl_given))
