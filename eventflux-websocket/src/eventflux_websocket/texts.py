"""A text message must be UTF-8: those that are not are refused, each alone."""

from __future__ import annotations

from collections.abc import Sequence

from eventflux.spi import Refusal
from eventflux_websocket.framing import not_utf8

NO_TEXT = "a text message must be UTF-8, and this one is not"
NO_TEXT_HINT = "set \"websocket.message.type\" = 'binary'"


def only_texts(payloads: Sequence[bytes]) -> tuple[Sequence[bytes], list[Refusal]]:
    """The messages that are texts, and the others refused."""
    bad = not_utf8(payloads)
    if not bad:
        return payloads, []
    wrong = set(bad)
    texts = [payload for at, payload in enumerate(payloads) if at not in wrong]
    return texts, [Refusal(at, NO_TEXT, transient=False, hint=NO_TEXT_HINT) for at in bad]
