"""Arguments of queues, exchanges and bindings, written as text."""

from __future__ import annotations

import json
from collections.abc import Mapping

from eventflux.base.errors import OptionError

Argument = bool | int | float | str


def argument_value(text: str, name: str) -> Argument:
    """What an argument's text means: a JSON scalar where it is one, else the text itself.

    >>> [argument_value(text, "x") for text in ("5", "true", '"5"', "lazy")]
    [5, True, '5', 'lazy']

    Raises:
        OptionError: a number that the protocol has no place for.
    """
    try:
        value = json.loads(text, parse_constant=lambda constant: constant)
    except ValueError:
        return text
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        raise OptionError(f"option '{name}' is a number beyond 64 bits, got {text}")
    return value if isinstance(value, Argument) else text


def argument_values(texts: Mapping[str, str]) -> dict[str, Argument]:
    """The values of several, by name; the texts have been checked."""
    return {name: argument_value(text, name) for name, text in texts.items()}
