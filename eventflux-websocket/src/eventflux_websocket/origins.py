"""Which web pages may connect: their browser tells of what site they are."""

from __future__ import annotations

import re

from eventflux.base.errors import OptionError

_ORIGIN = re.compile(r"null|[a-z][a-z0-9+.-]*://(?:\*\.)?[^\s/*?#,@]+", re.IGNORECASE)


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(",")]


def check_origins(text: str) -> None:
    """Refuse what can't be origins.

    Raises:
        OptionError: names the first that can't.
    """
    for part in _parts(text):
        if not _ORIGIN.fullmatch(part):
            raise OptionError(
                f"option 'websocket.origins': {part!r} is no origin",
                "scheme://host or scheme://host:port, without a path; https://*.example.org is "
                "all below example.org; separate several by commas",
            )


def origin_pattern(text: str) -> re.Pattern[str]:
    """Matches the origins that ``websocket.origins`` lists, a ``*`` standing for any names."""
    each = (re.escape(part).replace(r"\*", r"[^/:]+") for part in _parts(text))
    return re.compile("|".join(each), re.IGNORECASE)
