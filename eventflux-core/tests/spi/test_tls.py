"""Contexts of TLS options: what is told of files that can't be used."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest

from eventflux.spi import Misconfigured, Secret
from eventflux.spi.tls import Tls, client_context, not_trusted
from eventflux.testing.certificates import Authority, Certificate


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("certificates"), "authority")


@pytest.fixture(scope="module")
def locked(authority: Authority) -> Certificate:
    """With a key that is encrypted."""
    return authority.sign("locked", password="opEn-Sesame")


def told(tls: Tls) -> str:
    with pytest.raises(Misconfigured) as refused:
        client_context(tls, "acme")
    return f"{refused.value.message} | {refused.value.hint}"


def test_what_is_verified(authority: Authority) -> None:
    strict = client_context(Tls(ca=str(authority.file)), "acme")
    assert (strict.check_hostname, strict.verify_mode) == (True, ssl.CERT_REQUIRED)
    lax = client_context(Tls(verify=False), "acme")
    assert (lax.check_hostname, lax.verify_mode) == (False, ssl.CERT_NONE)


def test_an_encrypted_key_opens_with_its_password(locked: Certificate) -> None:
    password = Secret("opEn-Sesame")
    tls = Tls(certificate=str(locked.file), key=str(locked.key), key_password=password)
    client_context(tls, "acme")


def test_files_that_cannot_be_used_are_named(
    authority: Authority, locked: Certificate, tmp_path: Path
) -> None:
    other = authority.sign("other")
    junk = tmp_path / "junk.pem"
    junk.write_text("no certificate")
    certificate, key = str(locked.file), str(locked.key)
    missing = str(tmp_path / "none.pem")
    assert "option 'acme.ssl.ca': " in told(Tls(ca=missing))
    assert "it does not hold certificates in PEM form" in told(Tls(ca=str(junk)))
    assert "option 'acme.ssl.certificate': " in told(Tls(certificate=str(junk)))
    assert "option 'acme.ssl.certificate': " in told(Tls(certificate=missing))
    assert "option 'acme.ssl.key': " in told(Tls(certificate=certificate, key=missing))
    mismatch = told(Tls(certificate=str(other.file), key=str(authority.sign("third").key)))
    assert "does not belong to the certificate" in mismatch
    assert '"acme.ssl.key"' in mismatch
    assert "'acme.ssl.key.password' is required" in told(Tls(certificate=certificate, key=key))
    wrong = told(Tls(certificate=certificate, key=key, key_password=Secret("hunter2")))
    assert "'acme.ssl.key.password' is wrong" in wrong
    assert "hunter2" not in wrong


@pytest.mark.parametrize(
    ("said", "hint"),
    [
        ("self-signed certificate", '"acme.ssl.ca"'),
        ("Hostname mismatch, certificate is not valid for 'h'.", '"acme.ssl.server.name"'),
        ("certificate has expired", "this machine's clock"),
    ],
)
def test_a_certificate_that_is_not_trusted(said: str, hint: str) -> None:
    error = ssl.SSLCertVerificationError()
    error.verify_message = said
    fault = not_trusted(error, "Acme at h:1", "acme")
    assert fault.message == f"the certificate of Acme at h:1 is not trusted: {said}"
    assert hint in (fault.hint or "")
