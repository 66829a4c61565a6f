"""The options that clients and servers share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from eventflux.base.errors import OptionError
from eventflux.spi import Bytes, Duration, Options, Secret, option, rule
from eventflux_websocket.headers import check_subprotocols

Mode = Literal["client", "server"]
Compression = Literal["none", "deflate"]
MessageType = Literal["text", "binary"]


class ConnectionOptions(Options, prefix="websocket"):
    """What holds for each connection, whoever opened it."""

    mode: Mode = option(
        "client", doc="client connects to 'websocket.url'; server listens on 'websocket.port'"
    )
    subprotocol: str | None = option(
        None,
        doc="the subprotocol to speak; of several, 'a, b', the server takes the first that both "
        "know, and refuses a client that offers none of its own",
    )
    message_max_bytes: Bytes = option(
        "16 MiB",
        doc="a larger message closes its connection (1009) before it is read into memory",
        low=125,
    )
    compression: Compression = option(
        "none",
        doc="deflate offers permessage-deflate: less to transmit, several times the work",
    )
    ping_interval: Duration = option(
        "20s", doc="after so long without a sign of the other side a ping asks for one; 0 is never"
    )
    ping_timeout: Duration = option(
        "20s",
        doc="a connection on which nothing comes for so long after a ping is given up; 0 is never",
    )
    ssl_certificate: str | None = option(
        None, doc="a PEM file with the own certificate, which a server for wss:// must have"
    )
    ssl_key: str | None = option(
        None, doc="a PEM file with its key: by default it is in the file of the certificate"
    )
    ssl_key_password: Secret | None = option(None, doc="the password of an encrypted key")

    @rule
    def _keys_have_a_certificate(self) -> Iterator[OptionError]:
        if self.ssl_certificate is None:
            for name, value in (("key", self.ssl_key), ("key.password", self.ssl_key_password)):
                if value is not None:
                    yield OptionError(
                        f"option 'websocket.ssl.{name}' needs 'websocket.ssl.certificate'",
                        "the certificate that the key is for",
                    )

    @rule
    def _subprotocols_fit(self) -> None:
        if self.subprotocol is not None:
            check_subprotocols(self.subprotocol)
