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
from typing import Any

import msgspec

from eventflux.base.rows import Row
from eventflux.spi import Decoded, MapperContext, MapperError, SourceMapper
from eventflux_mappers.json_rules import JsonRules, PayloadError
from eventflux_mappers.json_wire import Undecided, decoders
from eventflux_mappers.limits import MAX_BYTES
from eventflux_mappers.options import JsonSourceOptions

_REFUSED = (msgspec.DecodeError, ValueError, LookupError, RecursionError)


def json_source(options: JsonSourceOptions, context: MapperContext) -> SourceMapper:
    """The mapper for these options; ``OptionError`` for mappings that can't be."""
    mapper = JsonSourceMapper(options, context)
    return JsonLinesMapper(mapper) if options.lines else mapper


class JsonSourceMapper(SourceMapper):
    """Makes a row of each object, and of each object in an array.

    A payload gives all of its rows or, where one of them is wrong, an error and none.
    """

    max_payload_bytes = MAX_BYTES

    def __init__(self, options: JsonSourceOptions, context: MapperContext) -> None:
        self._rules = JsonRules(context.schema, context.row_type, options)
        fast = decoders(context.schema, context.row_type, options)
        self._decode, self._decode_array = fast or (_undecided, _undecided)
        self._ignored = options.ignore_parse_errors

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
                    errors.append(MapperError(index, str(error), self._ignored))
                    continue
                rows.extend(found)
                origins.extend([index] * len(found))
                one_each = one_each and len(found) == 1
        return Decoded(rows, errors, None if one_each else origins)

    def _by_rules(self, payload: bytes) -> list[Row]:
        if payload.lstrip()[:1] == b"[":
            try:
                found: list[Row] = self._decode_array(payload)
                return found
            except _REFUSED:
                pass  # the rules say what is wrong, if anything is
        return self._rules.rows(payload)


def _undecided(payload: bytes) -> Any:
    raise Undecided


class JsonLinesMapper(SourceMapper):
    """Gives each line of a payload that is not blank to another mapper, as a payload."""

    max_payload_bytes = MAX_BYTES

    def __init__(self, mapper: SourceMapper) -> None:
        self._mapper = mapper

    def decode(self, payloads: Sequence[bytes]) -> Decoded:
        lines: list[bytes] = []
        places: list[tuple[int, int]] = []
        for index, payload in enumerate(payloads):
            for number, line in enumerate(payload.split(b"\n"), 1):
                if line and not line.isspace():
                    lines.append(line)
                    places.append((index, number))
        decoded = self._mapper.decode(lines)
        errors: list[MapperError] = []
        for error in decoded.errors:
            index, number = places[error.index]
            errors.append(MapperError(index, f"line {number}: {error.message}", error.ignored))
        origins = decoded.origins
        if origins is None:
            failed = {error.index for error in decoded.errors}
            origins = [at for at in range(len(lines)) if at not in failed]
        return Decoded(decoded.rows, errors, [places[at][0] for at in origins])
