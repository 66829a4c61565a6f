"""What options are checked with, beyond their types."""

from __future__ import annotations

import re
from typing import Any

from eventflux.base.errors import OptionError

SHORT_TEXT_LIMIT = 255
"""The most UTF-8 bytes of a short text in AMQP 0-9-1."""
NAME_LIMIT = 127
"""The most of the name of an exchange or a vhost."""
_NAME = re.compile(r"[a-zA-Z0-9_.:@#,/+ -]*")
"""Names of queues and exchanges, as the client library takes them."""


def option_name(attribute: str) -> str:
    """The SQL name of an attribute."""
    return "rabbitmq." + attribute.replace("_", ".")


def shown(value: Any) -> str:
    """A value as it is written in SQL."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def check_text(name: str, text: str, *, limit: int = SHORT_TEXT_LIMIT, empty: bool = False) -> None:
    if not text and not empty:
        raise OptionError(f"option '{name}' must not be empty")
    size = len(text.encode())
    if size > limit:
        raise OptionError(f"option '{name}' is {size} bytes long; {limit} are allowed")


def check_name(name: str, text: str) -> None:
    if not _NAME.fullmatch(text):
        raise OptionError(
            f"option '{name}' may hold letters, digits, blanks and - _ . : @ # , / + only, "
            f"got {text!r}"
        )
