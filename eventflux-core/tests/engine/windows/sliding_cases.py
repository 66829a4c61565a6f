"""Sliding windows beside the models of what they hold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from . import models as m
from .models import History, Sliding
from .queries import kept, plain
from .test_by_clock import not_late


@dataclass(frozen=True)
class Case:
    window: str
    holds: Sliding
    lasts: int | None = None
    """How long a row is held at most, whether another comes or not."""
    passes: Callable[[History], bool] = plain


SLIDING_CASES = [
    Case("WINDOW('length', 3)", m.length(3)),
    Case("WINDOW TIME(100 ms)", m.time(100), 100),
    Case("WINDOW('timeLength', 100, 3)", m.time_length(100, 3), 100),
    Case("WINDOW('externalTime', ts, 100)", m.external_time(100), None, not_late(100)),
    Case("WINDOW('sort', 3, v)", m.sort(3)),
    Case("WINDOW('unique', k)", m.unique()),
    Case("WINDOW('unique', k, 100)", m.unique(100), 100),
    Case("WINDOW('firstUnique', k)", m.first_unique(), None, kept(m.first_unique())),
    Case("WINDOW('firstUnique', k, 100)", m.first_unique(100), 100, kept(m.first_unique(100))),
    Case("WINDOW('expression', 'count() <= 3')", m.expression(lambda rows: len(rows) <= 3)),
]
