"""«Did you mean …?»"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name closest to ``name`` whatever its case, or ``None``."""
    by_folded = {candidate.casefold(): candidate for candidate in known}
    matches = difflib.get_close_matches(name.casefold(), by_folded, n=1, cutoff=0.6)
    return by_folded[matches[0]] if matches else None


def meant(name: str, known: Iterable[str]) -> str | None:
    """The known name that ends with ``name`` after a dot, or the nearest one, or ``None``."""
    candidates = sorted(set(known))
    longer = [candidate for candidate in candidates if candidate.endswith(f".{name}")]
    return min(longer, key=len) if longer else nearest(name, candidates)


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A hint that names what is :func:`meant`, or else lists them all."""
    candidates = sorted(set(known))
    match = meant(name, candidates)
    if match is not None:
        return f"did you mean {match!r}?"
    if not candidates:
        return "none are known here"
    return "known: " + ", ".join(candidates)
