"""Payloads of one source to rows; what can't be decoded follows the error strategy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from eventflux.base.errors import StreamFailed
from eventflux.base.rows import Row
from eventflux.runtime.connection import broken_contract
from eventflux.runtime.error_policy import ErrorPolicy
from eventflux.runtime.specs import SourceSpec
from eventflux.spi.mapper import Decoded, MapperError
from eventflux.spi.source import SourceBatch


@dataclass(slots=True)
class Intake:
    """What a batch of payloads gives: the rows to process, the payloads that gave none and
    are rejected, and the failure that ends the app after these rows, if any. ``requeue``
    says that the rejected ones are not bad but not processed."""

    decoded: Decoded
    rejected: Sequence[int] = ()
    requeue: bool = False
    failure: StreamFailed | None = None

    @property
    def rows(self) -> list[Row]:
        return self.decoded.rows

    def origins(self) -> Sequence[int]:
        """For each row the index of its payload."""
        return _origins(self.decoded)

    def origin_of(self, row: Row | None) -> int:
        """The payload of a row; the first one where that isn't known."""
        if row is not None:
            for place, candidate in enumerate(self.rows):
                if candidate is row:
                    return self.origins()[place]
        return 0


class Decoding:
    """Decodes the payloads of one source and counts: ``rows`` made, ``failed`` payloads."""

    def __init__(self, spec: SourceSpec, policy: ErrorPolicy) -> None:
        self._spec = spec
        self._policy = policy
        own = int(spec.options.max_message_bytes)
        self._limit = min(own, spec.mapper.max_payload_bytes or own)
        self._limit_name = "max.message.bytes" if self._limit == own else "what its format takes"
        self.rows = self.failed = 0

    def decode(self, batch: SourceBatch, size: int, before: int) -> Intake:
        """Decode a batch of ``size`` bytes in all; ``before`` messages came before it, which
        messages are numbered by.

        Raises:
            PluginError: the mapper raised.
        """
        payloads, metadata = batch.payloads, batch.metadata
        if size <= self._limit or max(map(len, payloads)) <= self._limit:
            decoded = self._mapped(payloads, metadata)
        else:
            decoded = self._mapped_but_too_large(payloads, metadata)
        if not decoded.errors:
            self.rows += len(decoded.rows)
            return Intake(decoded)
        if self._policy.for_rows == "fail" and not all(e.ignored for e in decoded.errors):
            return self._up_to_first_error(decoded, len(payloads), before)
        return self._without_errors(decoded, before)

    def _mapped(
        self, payloads: Sequence[Any], metadata: Sequence[Mapping[str, Any]] | None
    ) -> Decoded:
        try:
            decoded = self._spec.mapper.decode(payloads)
        except Exception as error:
            raise broken_contract(self._spec, "decode", error) from error
        if self._spec.metadata is None:
            return decoded
        try:
            origins = _origins(decoded)
            return self._spec.metadata.complete(decoded, origins, metadata, len(payloads))
        except Exception as error:
            raise broken_contract(self._spec, "receive", error) from error

    def _mapped_but_too_large(
        self, payloads: Sequence[bytes], metadata: Sequence[Mapping[str, Any]] | None
    ) -> Decoded:
        kept = [i for i, payload in enumerate(payloads) if len(payload) <= self._limit]
        decoded = self._mapped(
            [payloads[i] for i in kept], metadata and [metadata[i] for i in kept]
        )
        errors = [MapperError(kept[e.index], e.message) for e in decoded.errors]
        errors += [
            MapperError(
                i, f"its {len(payload)} bytes are more than {self._limit_name}: {self._limit}"
            )
            for i, payload in enumerate(payloads)
            if len(payload) > self._limit
        ]
        errors.sort(key=lambda error: error.index)
        return Decoded(decoded.rows, errors, [kept[origin] for origin in _origins(decoded)])

    def _without_errors(self, decoded: Decoded, before: int) -> Intake:
        """Drop what failed. A payload of which some rows could be read is not rejected."""
        ignored = {error.index for error in decoded.errors if error.ignored}
        for error in decoded.errors:
            if error.ignored:
                continue
            self._policy.log_dropped(
                f"message {before + error.index + 1} can't be decoded and is dropped: "
                f"{error.message}"
            )
        origins = _origins(decoded)
        bad = {error.index for error in decoded.errors}
        self.failed += len(bad)
        self.rows += len(decoded.rows)
        return Intake(Decoded(decoded.rows, (), origins), sorted(bad - set(origins) - ignored))

    def _up_to_first_error(self, decoded: Decoded, count: int, before: int) -> Intake:
        """Keep what came before the first error; it and the rest go back, and the app fails."""
        first = min((e for e in decoded.errors if not e.ignored), key=lambda error: error.index)
        origins = _origins(decoded)
        kept = [place for place, origin in enumerate(origins) if origin < first.index]
        self.failed += 1 + len({e.index for e in decoded.errors if e.index < first.index})
        self.rows += len(kept)
        return Intake(
            Decoded([decoded.rows[place] for place in kept], (), [origins[p] for p in kept]),
            rejected=range(first.index, count),
            requeue=True,
            failure=StreamFailed(
                f"{self._spec.label}: message {before + first.index + 1} can't be decoded: "
                f"{first.message}",
                "error.strategy = 'drop' would count it, log it and go on",
            ),
        )


def _origins(decoded: Decoded) -> Sequence[int]:
    if decoded.origins is not None:
        return decoded.origins
    if not decoded.errors:
        return range(len(decoded.rows))
    bad = {error.index for error in decoded.errors}
    total = len(decoded.rows) + len(bad)
    return [index for index in range(total) if index not in bad]
