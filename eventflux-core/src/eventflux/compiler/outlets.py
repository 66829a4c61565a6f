"""Outlets: where the rows of streams are collected until somebody takes them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


class RowOutlet:
    """Collects the rows of some streams in a list that is another one after each take, and
    their event times beside them where it is ``timed``. ``split`` are METADATA columns of its one
    stream: their values are collected in ``metadata``, a list each, and rows without them."""

    __slots__ = ("metadata", "rows", "split", "streams", "timed", "times")

    def __init__(
        self, streams: frozenset[str], timed: bool = False, split: Sequence[str] = ()
    ) -> None:
        self.streams = streams
        self.timed = timed
        self.split = split
        self.rows: list[Any] = []
        self.times: list[int] = []
        self.metadata: list[list[Any]] = [[] for _ in split]

    def take(self) -> list[Any]:
        """The rows collected since the last call."""
        taken, self.rows = self.rows, []
        return taken

    def take_with_times(self) -> tuple[list[Any], list[int]]:
        """As :meth:`take`, with the event time of each row."""
        times, self.times = self.times, []
        return self.take(), times

    def take_metadata(self) -> list[list[Any]]:
        """The METADATA columns of the rows that are taken next."""
        metadata, self.metadata = self.metadata, [[] for _ in self.split]
        return metadata
