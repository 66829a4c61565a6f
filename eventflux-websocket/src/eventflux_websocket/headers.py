"""Headers and subprotocols that the opening request may have."""

from __future__ import annotations

import re
from collections.abc import Iterator

from eventflux.base.errors import OptionError
from eventflux.spi import Secret

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")
_OF_THE_HANDSHAKE = {
    "connection": "",
    "upgrade": "",
    "content-length": "",
    "transfer-encoding": "",
    "sec-websocket-accept": "",
    "sec-websocket-key": "",
    "sec-websocket-version": "",
    "sec-websocket-extensions": 'for compression set "websocket.compression"',
    "sec-websocket-protocol": 'set "websocket.subprotocol"',
}
"""Headers that the handshake sets itself, and what to set in their place."""


def check_header(name: str, value: Secret) -> Iterator[OptionError]:
    """What is wrong with ``websocket.headers.<name>``; the value is not shown."""
    option = f"websocket.headers.{name}"
    if not _TOKEN.fullmatch(name):
        yield OptionError(
            f"option '{option}': '{name}' can't be the name of a header",
            "letters, digits and - are usual",
        )
    elif name.lower() in _OF_THE_HANDSHAKE:
        yield OptionError(
            f"option '{option}': the handshake sets that header itself",
            _OF_THE_HANDSHAKE[name.lower()] or "leave it out",
        )
    if not _VALUE.fullmatch(value.reveal()):
        yield OptionError(
            f"option '{option}' has a value that no header can have",
            "printable characters of Latin-1, without newlines",
        )


def subprotocols_of(text: str) -> tuple[str, ...]:
    """The names in ``websocket.subprotocol``, the preferred first."""
    return tuple(part.strip() for part in text.split(","))


def check_subprotocols(text: str) -> None:
    """Refuse what can't be names of subprotocols.

    Raises:
        OptionError: names the first that can't.
    """
    names = subprotocols_of(text)
    for name in names:
        if not _TOKEN.fullmatch(name):
            raise OptionError(
                f"option 'websocket.subprotocol': {name!r} can't be the name of a subprotocol",
                "letters, digits, - and . are usual; separate several by commas",
            )
    if len(set(names)) < len(names):
        raise OptionError("option 'websocket.subprotocol' names one twice")
