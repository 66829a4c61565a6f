"""What the other side says, made fit to stand in an error or a log."""

from __future__ import annotations

_LIMIT = 200


def plain(text: str) -> str:
    """In one line, without what a terminal would obey, and not for ever."""
    shown = "".join(character if character.isprintable() else "\ufffd" for character in text)
    return shown if len(shown) <= _LIMIT else f"{shown[:_LIMIT]}…"
