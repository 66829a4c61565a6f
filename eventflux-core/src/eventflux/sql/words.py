"""Words that several modules share, and sets of them written as text."""

from __future__ import annotations

PLANNED = "planned for a later version"
"""The hint for what this version lacks and nothing replaces."""


def words(text: str) -> frozenset[str]:
    """The words of ``text``."""
    return frozenset(text.split())
