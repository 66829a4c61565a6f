"""JSON to rows: the fast way, which is right for nearly every payload.

The typed decoder makes a row of a payload in one step, and is stricter than the rules: what
it accepts the rules accept, with the same row; what it refuses goes, alone, to
:mod:`eventflux_mappers.json_rules`, which decide. So what happens to a payload never
depends on its neighbours.

Payloads are not joined for one ``decode_lines`` call: that takes several values in one line
and values that span lines, so pieces of bad payloads could pass as rows, and proving that
none did costs more than the one call saves.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from eventflux.base.rows import Row
from eventflux.base.types import Schema
from eventflux.spi import Decoded, MapperError, SourceMapper
from eventflux_mappers.json_rules import JsonRules, PayloadError

_REFUSED = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


class JsonSourceMapper(SourceMapper):
    """Makes a row of each object, and of each object in an array.

    A payload gives all of its rows or, where one of them is wrong, an error and none.
    """

    def __init__(self, schema: Schema, row_type: type[Row]) -> None:
        self._decode = msgspec.json.Decoder(row_type).decode
        self._decode_array = msgspec.json.Decoder(list[row_type]).decode  # type: ignore[valid-type]
        self._rules = JsonRules(schema, row_type)

    def decode(self, payloads: Sequence[bytes]) -> Decoded:
        rows: list[Row] = []
        try:
            if len(payloads) == 1:
                return Decoded([self._decode(payloads[0])])
            rows.extend(map(self._decode, payloads))
        except _REFUSED:
            return self._one_by_one(payloads, rows)  # it has the rows before the refused one
        return Decoded(rows)

    def _one_by_one(self, payloads: Sequence[bytes], rows: list[Row]) -> Decoded:
        """Go on behind the payloads that gave ``rows``, one each."""
        errors: list[MapperError] = []
        origins = list(range(len(rows)))
        one_each = True
        for index in range(len(rows), len(payloads)):
            try:
                rows.append(self._decode(payloads[index]))
                origins.append(index)
            except _REFUSED:
                try:
                    found = self._by_rules(payloads[index])
                except PayloadError as error:
                    errors.append(MapperError(index, str(error)))
                    continue
                rows.extend(found)
                origins.extend([index] * len(found))
                one_each = one_each and len(found) == 1
        return Decoded(rows, errors, None if one_each else origins)

    def _by_rules(self, payload: bytes) -> list[Row]:
        if payload.lstrip()[:1] == b"[":
            try:
                return self._decode_array(payload)
            except _REFUSED:
                pass  # the rules say what is wrong, if anything is
        return self._rules.rows(payload)
