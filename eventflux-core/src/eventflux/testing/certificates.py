"""Certificates for tests of TLS, made with the ``openssl`` program."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

_NEW_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1")


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate and its key, PEM files."""

    file: Path
    key: Path


class Authority:
    """An authority of one's own, and what it signs.

    >>> authority = Authority(folder, "tests")  # doctest: +SKIP
    >>> server = authority.sign("localhost", "IP:127.0.0.1")  # doctest: +SKIP
    """

    def __init__(self, folder: Path, name: str) -> None:
        """Make the authority's own certificate in ``folder``.

        Raises:
            RuntimeError: the program ``openssl`` is missing or fails.
        """
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._own = Certificate(folder / f"{name}.pem", folder / f"{name}.key")
        _openssl(
            *("req", "-x509", "-nodes", *_NEW_KEY, "-days", "2", "-subj", f"/CN={name}"),
            *("-keyout", self._own.key, "-out", self._own.file),
        )

    @property
    def file(self) -> Path:
        """The PEM file that those who trust this authority name."""
        return self._own.file

    def sign(self, name: str, *others: str, password: str | None = None) -> Certificate:
        """Make a certificate for ``name``, good for servers and clients.

        Args:
            name: the host or the client.
            others: more names of a server: ``IP:127.0.0.1``, ``DNS:broker``.
            password: encrypts the key.
        """
        made = Certificate(self._folder / f"{name}.pem", self._folder / f"{name}.key")
        encryption = ("-nodes",) if password is None else ("-passout", f"pass:{password}")
        _openssl(
            *("req", "-x509", *encryption, *_NEW_KEY, "-days", "2", "-subj", f"/CN={name}"),
            *("-addext", "subjectAltName=" + ",".join((f"DNS:{name}", *others))),
            *("-addext", "basicConstraints=CA:FALSE"),
            *("-CA", self._own.file, "-CAkey", self._own.key),
            *("-keyout", made.key, "-out", made.file),
        )
        return made


def _openssl(*arguments: str | Path) -> None:
    if shutil.which("openssl") is None:
        raise RuntimeError("the program 'openssl' is not installed: apt-get install openssl")
    done = subprocess.run(
        ["openssl", *map(str, arguments)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"openssl {arguments[0]} failed: {done.stderr}")
