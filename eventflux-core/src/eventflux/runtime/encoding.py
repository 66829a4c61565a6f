"""The rows of one sink to payloads, and what leaves beside them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import msgspec

from eventflux.base.interruption import is_interruption
from eventflux.base.rows import Row
from eventflux.runtime.contract import broken_contract, check_encoded
from eventflux.runtime.engine import Engine
from eventflux.runtime.specs import SinkSpec
from eventflux.spi.mapper import Encoded, TimedSinkMapper
from eventflux.spi.sink import SinkBatch


class Leaving(msgspec.Struct):
    """Rows on their way to be encoded."""

    rows: list[Row]
    """Rows of payloads."""
    times: list[int] | None = None
    """Their event times, where the mapper wants them."""
    metadata: list[list[Any]] | None = None
    """Their METADATA columns, where the stream has some."""

    def without(self, indices: Collection[int]) -> Leaving:
        """The others, when they have been encoded."""
        kept = [place for place in range(len(self.rows)) if place not in indices]
        metadata = self.metadata and [[column[place] for place in kept] for column in self.metadata]
        return Leaving([self.rows[place] for place in kept], None, metadata)


class Encoding:
    """Takes the rows of a sink's stream from the engine and encodes them."""

    def __init__(self, spec: SinkSpec, engine: Engine) -> None:
        self._spec = spec
        self._metadata = spec.metadata
        self._timed = spec.mapper if isinstance(spec.mapper, TimedSinkMapper) else None
        self.outlet = engine.outlet(
            [spec.stream], timed=self._timed is not None, split=spec.metadata is not None
        )

    def take(self) -> Leaving:
        """The rows that wait in the outlet."""
        metadata = None if self._metadata is None else self.outlet.take_metadata()
        if self._timed is None:
            return Leaving(self.outlet.take(), None, metadata)
        rows, times = self.outlet.take_with_times()
        return Leaving(rows, times, metadata)

    def encode(self, leaving: Leaving) -> Encoded:
        """Their payloads.

        Raises:
            PluginError: the mapper broke its contract.
        """
        try:
            if self._timed is not None and leaving.times is not None:
                encoded = self._timed.encode_timed(leaving.rows, leaving.times)
            else:
                encoded = self._spec.mapper.encode(leaving.rows)
        except BaseException as error:
            if is_interruption(error):
                raise
            raise broken_contract(self._spec, "encode", error) from error
        check_encoded(self._spec, encoded, len(leaving.rows))
        return encoded

    def whole_rows(self, leaving: Leaving) -> list[Row]:
        """The same as rows of the stream."""
        if self._metadata is None or leaving.metadata is None:
            return leaving.rows
        return self._metadata.whole(leaving.rows, leaving.metadata)

    def put_beside(self, messages: SinkBatch, leaving: Leaving, *, rows: bool) -> None:
        """Give messages the METADATA of their rows, and the ``rows``."""
        if self._metadata is not None and leaving.metadata is not None:
            messages.metadata = self._metadata.named(leaving.metadata)
        if rows:
            messages.rows = self.whole_rows(leaving)
