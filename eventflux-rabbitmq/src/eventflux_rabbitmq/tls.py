"""What a failed TLS handshake with a broker means."""

from __future__ import annotations

import ssl
from collections.abc import Sequence

from eventflux.spi import Misconfigured
from eventflux.spi.tls import not_trusted
from eventflux_rabbitmq.address import Address

PORTS = "5671 is usually the port for TLS, 5672 the one without"


def handshake_fault(causes: Sequence[BaseException], address: Address) -> Misconfigured | None:
    """What a failed handshake means, if one of ``causes`` says that there was one."""
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return not_trusted(cause, f"RabbitMQ at {address}", "rabbitmq")
        if isinstance(cause, ssl.SSLError):
            return _failed(cause, address)
    return None


def _failed(error: ssl.SSLError, address: Address) -> Misconfigured:
    reason = error.reason or str(error)
    where = f"RabbitMQ at {address}"
    if reason in ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE"):
        return Misconfigured(f"{where} does not speak TLS on this port", f"check the port: {PORTS}")
    words = reason.lower().replace("_", " ").removeprefix("tlsv1 ").removeprefix("tlsv13 ")
    if "certificate" in words or "unknown ca" in words:
        return Misconfigured(f"{where} refuses the TLS connection: {words}", closed_hint(address))
    return Misconfigured(f"{where}: TLS failed: {words}", PORTS)


def closed_hint(address: Address) -> str:
    """What may be wrong where the broker closes a connection before it says anything.

    Its reason for not taking a certificate is often lost: the client has begun to write then.
    """
    tls = address.tls
    if tls is None:
        return f'check "rabbitmq.port": {PORTS}'
    if tls.certificate is None:
        return (
            'it may ask for a client certificate: set "rabbitmq.ssl.certificate" and '
            '"rabbitmq.ssl.key"'
        )
    return f"it may not take the client certificate in '{tls.certificate}'"


def speaks_tls(first_bytes: bytes) -> bool:
    """Whether what answered a plain greeting is a TLS alert."""
    return first_bytes[:2] == b"\x15\x03"


def needs_tls(address: Address) -> Misconfigured:
    """Why a plain connection to a TLS port fails."""
    return Misconfigured(
        f"RabbitMQ at {address} speaks TLS on this port",
        "set \"rabbitmq.ssl.enabled\" = 'true' (in a URI: amqps://), or check the port: " + PORTS,
    )
