"""Payloads of one source to rows, without those that are too large or come too often."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

import msgspec

from eventflux.base.interruption import is_interruption
from eventflux.base.rows import Row
from eventflux.runtime.contract import broken_contract, check_decoded, undecodable
from eventflux.runtime.metadata import Metadata, some_of
from eventflux.runtime.specs import SourceSpec
from eventflux.spi.mapper import Decoded, MapperError
from eventflux.spi.source import SourceBatch


class Arrived(msgspec.Struct):
    """The rows of a batch, and the messages that gave none, or not all of theirs."""

    rows: list[Row]
    metadata: list[Sequence[Any]] | None
    """The METADATA columns of the rows, where their stream has some."""
    errors: Sequence[MapperError]
    _origins: Sequence[int] | None = None

    @property
    def origins(self) -> Sequence[int]:
        """For each row the index of its message."""
        if self._origins is None:
            self._origins = _origins_of(len(self.rows), self.errors)
        return self._origins

    def part(self, start: int, end: int | None = None) -> Arrived:
        """Some of the rows; without the errors."""
        metadata = self.metadata and [column[start:end] for column in self.metadata]
        return Arrived(self.rows[start:end], metadata, (), self.origins[start:end])


class Decoding:
    """Decodes the payloads of one source."""

    def __init__(self, spec: SourceSpec) -> None:
        self._spec = spec
        self._metadata = spec.metadata
        own = int(spec.options.max_message_bytes)
        self._limit = min(own, spec.mapper.max_payload_bytes or own)
        self._limit_name = "max.message.bytes" if self._limit == own else "what its format takes"

    def decode(self, batch: SourceBatch, size: int, left_out: Collection[int] = ()) -> Arrived:
        """Decode a batch of ``size`` bytes in all but for the messages ``left_out``.

        Raises:
            PluginError: the mapper broke its contract, or the METADATA is not that of the messages.
        """
        payloads = batch.payloads
        large = size > self._limit and max(map(len, payloads)) > self._limit
        if large or left_out:
            return self._decode_some(batch, left_out)
        try:
            decoded = self._spec.mapper.decode(payloads)
        except BaseException as error:
            if is_interruption(error):
                raise
            raise undecodable(self._spec, payloads, error) from error
        check_decoded(self._spec, decoded, len(payloads))
        if self._metadata is None:
            return Arrived(decoded.rows, None, decoded.errors, decoded.origins)
        return self._with_metadata(decoded, batch.metadata, len(payloads))

    def _with_metadata(self, decoded: Decoded, metadata: Metadata | None, count: int) -> Arrived:
        """The rows with their METADATA columns, without those of messages whose METADATA does
        not fit."""
        assert self._metadata is not None, "only streams with METADATA columns have any"
        wrong: dict[int, MapperError] = {}
        try:
            columns = self._metadata.columns(metadata, count, wrong)
        except Exception as error:
            raise broken_contract(self._spec, "receive", error) from error
        rows, errors, origins = decoded.rows, decoded.errors, decoded.origins
        if origins is None and not wrong and not errors:
            return Arrived(rows, columns, errors)
        if origins is None:
            origins = _origins_of(len(rows), errors)
        if wrong:
            wrong |= {problem.index: problem for problem in errors}
            errors = sorted(wrong.values(), key=lambda problem: problem.index)
            kept = [place for place, origin in enumerate(origins) if origin not in wrong]
            rows = [rows[place] for place in kept]
            origins = [origins[place] for place in kept]
        columns = [[column[origin] for origin in origins] for column in columns]
        return Arrived(rows, columns, errors, origins)

    def _decode_some(self, batch: SourceBatch, left_out: Collection[int]) -> Arrived:
        kept: list[int] = []
        too_large: list[MapperError] = []
        for index, payload in enumerate(batch.payloads):
            if index in left_out:
                continue
            if self._spec.row_payloads or len(payload) <= self._limit:
                kept.append(index)
            else:
                message = f"its {len(payload)} bytes are more than {self._limit_name}: "
                too_large.append(MapperError(index, f"{message}{self._limit}"))
        arrived = self.decode(some_messages(batch, kept), 0)
        errors = [replace(error, index=kept[error.index]) for error in arrived.errors]
        errors = sorted([*errors, *too_large], key=lambda error: error.index)
        origins = [kept[origin] for origin in arrived.origins]
        return Arrived(arrived.rows, arrived.metadata, errors, origins)


def some_messages(batch: SourceBatch, indices: Sequence[int]) -> SourceBatch:
    """These messages alone, to be decoded."""
    metadata = None if batch.metadata is None else some_of(batch.metadata, indices)
    return SourceBatch([batch.payloads[index] for index in indices], metadata=metadata)


def _origins_of(count: int, errors: Sequence[MapperError]) -> Sequence[int]:
    """The messages of ``count`` rows, one each but for those in ``errors``."""
    if not errors:
        return range(count)
    bad = {error.index for error in errors}
    return [index for index in range(count + len(bad)) if index not in bad]
