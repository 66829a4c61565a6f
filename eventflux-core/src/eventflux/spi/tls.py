"""TLS contexts from a connector's options, and what is told of files and certificates.

Not part of ``eventflux.spi`` itself: a connector imports this module where it connects.
"""

from __future__ import annotations

import ssl
from dataclasses import dataclass

from eventflux.spi.faults import Misconfigured
from eventflux.spi.option_values import Secret


@dataclass(frozen=True, slots=True)
class Tls:
    """How to speak TLS; the files, all PEM, are read when a connection is made."""

    ca: str | None = None
    """The authorities to trust, by default the system's."""
    certificate: str | None = None
    key: str | None = None
    """By default in the file of the certificate."""
    key_password: Secret | None = None
    verify: bool = True
    server_name: str | None = None
    """The name that the server's certificate is for, by default the host."""


def client_context(tls: Tls, prefix: str) -> ssl.SSLContext:
    """Read the files and make a client's context.

    Args:
        prefix: the connector's, of the options ``<prefix>.ssl.ca``, ``.ssl.certificate``,
            ``.ssl.key`` and ``.ssl.key.password`` that errors name.

    Raises:
        Misconfigured: a file can't be read or is not what it should be.
    """
    try:
        context = ssl.create_default_context(cafile=tls.ca)
    except (OSError, ssl.SSLError) as error:
        raise _bad_file(f"{prefix}.ssl.ca", tls.ca, error, "certificates in PEM form") from error
    if not tls.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    load_certificate(context, tls, prefix)
    return context


def load_certificate(context: ssl.SSLContext, tls: Tls, prefix: str) -> None:
    """Load the own certificate and its key, where there is one.

    Raises:
        Misconfigured: as :func:`client_context`.
    """
    certificate = tls.certificate
    if certificate is None:
        return
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
                f"option '{prefix}.ssl.key.password' {problem}: the key in "
                f"'{tls.key or certificate}' is encrypted"
            ) from error
        if error.reason == "KEY_VALUES_MISMATCH":
            raise Misconfigured(
                f"the key in '{tls.key or certificate}' does not belong to the certificate in "
                f"'{certificate}'",
                f'check "{prefix}.ssl.certificate" and "{prefix}.ssl.key"',
            ) from error
        expected = "a certificate and its key in PEM form"
        raise _bad_file(f"{prefix}.ssl.certificate", certificate, error, expected) from error
    except OSError as error:
        missing = tls.key if tls.key is not None and _readable(certificate) else certificate
        option = "certificate" if missing == certificate else "key"
        raise _bad_file(f"{prefix}.ssl.{option}", missing, error, "") from error


def not_trusted(error: ssl.SSLCertVerificationError, where: str, prefix: str) -> Misconfigured:
    """Why the other side's certificate is not taken, and what mends it.

    Args:
        where: who that is: ``RabbitMQ at localhost:5671``.
    """
    said = error.verify_message or "it can't be verified"
    message = f"the certificate of {where} is not trusted: {said}"
    if "mismatch" in said or "not valid for" in said:
        hint = f'set "{prefix}.ssl.server.name" to the name that the certificate is for'
    elif "expired" in said or "not yet valid" in said:
        hint = "it needs a new one, or this machine's clock is wrong"
    else:
        hint = f'name the authority that signed it in "{prefix}.ssl.ca", a PEM file'
    return Misconfigured(message, hint)


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
