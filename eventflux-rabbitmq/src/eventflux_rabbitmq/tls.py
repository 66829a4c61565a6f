"""TLS contexts made of options, and what a failed handshake means."""

from __future__ import annotations

import ssl
from collections.abc import Sequence

from eventflux.spi import Misconfigured
from eventflux_rabbitmq.address import Address, Tls

PORTS = "5671 is usually the port for TLS, 5672 the one without"


def make_context(tls: Tls) -> ssl.SSLContext:
    """Read the files and make a context.

    Raises:
        Misconfigured: a file can't be read or is not what it should be.
    """
    try:
        context = ssl.create_default_context(cafile=tls.ca)
    except (OSError, ssl.SSLError) as error:
        raise _bad_file("rabbitmq.ssl.ca", tls.ca, error, "certificates in PEM form") from error
    if not tls.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if tls.certificate is not None:
        _load_certificate(context, tls, tls.certificate)
    return context


def _load_certificate(context: ssl.SSLContext, tls: Tls, certificate: str) -> None:
    asked = False

    def password() -> str:
        nonlocal asked
        asked = True
        # an empty one, or OpenSSL would ask on the terminal
        return "" if tls.key_password is None else tls.key_password.reveal()

    try:
        context.load_cert_chain(certificate, tls.key, password)
    except ssl.SSLError as error:
        if asked:
            problem = "is wrong" if tls.key_password is not None else "is required"
            raise Misconfigured(
                f"option 'rabbitmq.ssl.key.password' {problem}: the key in "
                f"'{tls.key or certificate}' is encrypted"
            ) from error
        if error.reason == "KEY_VALUES_MISMATCH":
            raise Misconfigured(
                f"the key in '{tls.key or certificate}' does not belong to the certificate in "
                f"'{certificate}'",
                'check "rabbitmq.ssl.certificate" and "rabbitmq.ssl.key"',
            ) from error
        expected = "a certificate and its key in PEM form"
        raise _bad_file("rabbitmq.ssl.certificate", certificate, error, expected) from error
    except OSError as error:
        missing = tls.key if tls.key is not None and _readable(certificate) else certificate
        name = "rabbitmq.ssl.certificate" if missing == certificate else "rabbitmq.ssl.key"
        raise _bad_file(name, missing, error, "") from error


def _readable(path: str) -> bool:
    try:
        with open(path, "rb"):
            return True
    except OSError:
        return False


def _bad_file(option: str, path: str | None, error: OSError, expected: str) -> Misconfigured:
    if isinstance(error, ssl.SSLError):
        why = f"it does not hold {expected}"
    else:
        why = error.strerror or str(error)
    return Misconfigured(f"option '{option}': '{path}' can't be used: {why}")


def handshake_fault(causes: Sequence[BaseException], address: Address) -> Misconfigured | None:
    """What a failed handshake means, if one of ``causes`` says that there was one."""
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return _not_trusted(cause, address)
        if isinstance(cause, ssl.SSLError):
            return _failed(cause, address)
    return None


def _not_trusted(error: ssl.SSLCertVerificationError, address: Address) -> Misconfigured:
    said = error.verify_message or "it can't be verified"
    message = f"the certificate of RabbitMQ at {address} is not trusted: {said}"
    if "mismatch" in said or "not valid for" in said:
        hint = 'set "rabbitmq.ssl.server.name" to the name that the certificate is for'
    elif "expired" in said or "not yet valid" in said:
        hint = "the broker needs a new one, or this machine's clock is wrong"
    else:
        hint = 'name the authority that signed it in "rabbitmq.ssl.ca", a PEM file'
    return Misconfigured(message, hint)


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
