"""Payloads of one source to rows, without those that are too large or come too often."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from eventflux.runtime.connection import broken_contract
from eventflux.runtime.metadata import some_of
from eventflux.runtime.specs import SourceSpec
from eventflux.spi.mapper import Decoded, MapperError
from eventflux.spi.source import SourceBatch


class Decoding:
    """Decodes the payloads of one source."""

    def __init__(self, spec: SourceSpec) -> None:
        self._spec = spec
        own = int(spec.options.max_message_bytes)
        self._limit = min(own, spec.mapper.max_payload_bytes or own)
        self._limit_name = "max.message.bytes" if self._limit == own else "what its format takes"

    def decode(self, batch: SourceBatch, size: int, left_out: Collection[int] = ()) -> Decoded:
        """Decode a batch of ``size`` bytes in all but for the messages ``left_out``.

        Raises:
            PluginError: the mapper raised.
        """
        payloads, metadata = batch.payloads, batch.metadata
        large = size > self._limit and max(map(len, payloads)) > self._limit
        if not large and not left_out:
            return self._mapped(payloads, metadata)
        return self._mapped_in_part(payloads, metadata, left_out)

    def _mapped(
        self, payloads: Sequence[Any], metadata: Mapping[str, Sequence[Any]] | None
    ) -> Decoded:
        try:
            decoded = self._spec.mapper.decode(payloads)
        except Exception as error:
            raise broken_contract(self._spec, "decode", error) from error
        if self._spec.metadata is None:
            return decoded
        try:
            origins = origins_of(decoded)
            return self._spec.metadata.complete(decoded, origins, metadata, len(payloads))
        except Exception as error:
            raise broken_contract(self._spec, "receive", error) from error

    def _mapped_in_part(
        self,
        payloads: Sequence[Any],
        metadata: Mapping[str, Sequence[Any]] | None,
        left_out: Collection[int],
    ) -> Decoded:
        kept: list[int] = []
        too_large: list[MapperError] = []
        for index, payload in enumerate(payloads):
            if index in left_out:
                continue
            if self._spec.row_payloads or len(payload) <= self._limit:
                kept.append(index)
            else:
                message = f"its {len(payload)} bytes are more than {self._limit_name}: "
                too_large.append(MapperError(index, f"{message}{self._limit}"))
        decoded = self._mapped(
            [payloads[i] for i in kept], None if metadata is None else some_of(metadata, kept)
        )
        errors = [replace(error, index=kept[error.index]) for error in decoded.errors]
        errors = sorted([*errors, *too_large], key=lambda error: error.index)
        return Decoded(decoded.rows, errors, [kept[origin] for origin in origins_of(decoded)])


def origins_of(decoded: Decoded) -> Sequence[int]:
    """For each row the index of its payload."""
    if decoded.origins is not None:
        return decoded.origins
    if not decoded.errors:
        return range(len(decoded.rows))
    bad = {error.index for error in decoded.errors}
    total = len(decoded.rows) + len(bad)
    return [index for index in range(total) if index not in bad]
