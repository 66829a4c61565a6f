"""CSV whose payloads are the lines of one text: the first of them is the header."""

from __future__ import annotations

from collections.abc import Sequence

from eventflux.spi import Decoded, MapperError, SourceMapper
from eventflux_mappers.csv_source import CsvSourceMapper, HeaderError
from eventflux_mappers.limits import MAX_BYTES


class LinesBelowHeader(SourceMapper):
    """Gives ``mapper`` the first line that is not empty as its header, the others as payloads.

    Below a header that can't be read no line can, and each says why.
    """

    max_payload_bytes = MAX_BYTES

    def __init__(self, mapper: CsvSourceMapper) -> None:
        self._mapper = mapper
        self._begun = False
        self._header_error: str | None = None

    def decode(self, payloads: Sequence[bytes]) -> Decoded:
        first = 0 if self._begun else self._begin(payloads)
        if self._header_error is not None:
            errors = [MapperError(at, self._header_error) for at in range(first, len(payloads))]
            return Decoded([], errors)
        if not first:
            return self._mapper.decode(payloads)
        decoded = self._mapper.decode(payloads[first:])
        origins = decoded.origins
        if origins is None:
            bad = {error.index for error in decoded.errors}
            origins = [at for at in range(len(payloads) - first) if at not in bad]
        errors = [
            MapperError(error.index + first, error.message, error.ignored)
            for error in decoded.errors
        ]
        return Decoded(decoded.rows, errors, [at + first for at in origins])

    def _begin(self, payloads: Sequence[bytes]) -> int:
        """Take the header; gives how many payloads are used up."""
        for at, payload in enumerate(payloads):
            if not payload.strip(b"\r\n"):
                continue
            self._begun = True
            try:
                self._mapper.read_below(payload)
            except HeaderError as error:
                self._header_error = f"the header: {error}"
                return at
            return at + 1
        return len(payloads)
