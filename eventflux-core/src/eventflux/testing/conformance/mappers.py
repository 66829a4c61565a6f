"""The suites for mappers."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import zip_longest
from typing import Any, ClassVar

from eventflux.base.rows import Row, row_type, values_of
from eventflux.spi import (
    Decoded,
    Encoded,
    MapperContext,
    SinkMapper,
    SinkMapperFactory,
    SourceMapper,
    SourceMapperFactory,
)
from eventflux.testing.conformance.contract import (
    STREAM,
    Breach,
    essential,
    rule,
    schema_of,
    shortened,
)
from eventflux.testing.conformance.options import OptionsConformance

_SEED = 20_000
_MANY = 300


@cache
def _context_of(columns: str) -> MapperContext:
    schema = schema_of(columns)
    return MapperContext(STREAM, schema, row_type(STREAM, schema))


class MapperConformance(OptionsConformance):
    """What the suites of both kinds of mappers have in common."""

    columns: ClassVar[str]
    """The columns of the stream as SQL writes them: ``id LONG NOT NULL, name STRING``."""

    def options(self) -> Mapping[str, str]:
        """None, unless the suite has some."""
        return {}

    def context(self) -> MapperContext:
        """The stream of the tests."""
        return _context_of(self.columns)

    def made(self) -> Any:
        """A new mapper."""
        return self.factory.create(self.typed(), self.context())


class SourceMapperConformance(MapperConformance):
    """Subclass it as ``Test…`` and say what goes in and comes out::

    class TestPipes(SourceMapperConformance):
        factory = PipesSourceMapperFactory()
        columns = "id LONG NOT NULL, name STRING"

        def decodes(self):
            return [(b"1|Ann", [(1, "Ann")]), (b"2|", [(2, None)])]

        def malformed(self):
            return [b"x|Ann", b"1|Ann|?"]
    """

    factory: ClassVar[SourceMapperFactory]

    def decodes(self) -> Sequence[tuple[bytes, Sequence[tuple[Any, ...]]]]:
        """Payloads, each with the values of the rows that it gives."""
        essential(self, "decodes")

    def malformed(self) -> Sequence[bytes]:
        """Payloads that give an error; leave it out where there are none."""
        return []

    def decode(self, mapper: SourceMapper, payloads: Sequence[bytes]) -> Decoded:
        """What the mapper makes of them."""
        try:
            decoded = mapper.decode(payloads)
        except Exception as error:
            raise Breach(
                f"decode({shortened(list(payloads))}) raised {type(error).__name__}: {error}",
                "a bad payload is an entry in errors, never an exception",
            ) from error
        if not isinstance(decoded, Decoded):
            raise Breach(f"decode() returned {shortened(decoded)}", "return a Decoded")
        return decoded

    def by_payload(self, decoded: Decoded, count: int) -> list[tuple[list[Any], list[str]]]:
        """For each payload the values of its rows and its errors."""
        found: list[tuple[list[Any], list[str]]] = [([], []) for _ in range(count)]
        for error in decoded.errors:
            if not 0 <= error.index < count:
                raise Breach(f"an error has the index {error.index} of {count}", "count from 0")
            found[error.index][1].append(error.message)
        origins = decoded.origins
        if origins is None:
            origins = [at for at in range(count) if not found[at][1]]
        if len(origins) != len(decoded.rows):
            raise Breach(
                f"{len(decoded.rows)} rows have {len(origins)} origins",
                "give origins unless there is just one row for each payload without an error",
            )
        for origin, row in zip(origins, decoded.rows, strict=True):
            if not 0 <= origin < count:
                raise Breach(f"a row comes from payload {origin} of {count}", "count from 0")
            found[origin][0].append(values_of(row))
        return found

    def _all(self) -> list[bytes]:
        return _mixed([payload for payload, _ in self.decodes()], self.malformed())

    @rule("a payload gives its rows: of the stream's row type, with values of the columns' types")
    async def test_decodes(self) -> None:
        mapper, make = self.made(), self.context().row_type
        for payload, expected in self.decodes():
            decoded = self.decode(mapper, [payload])
            [(rows, errors)] = self.by_payload(decoded, 1)
            if errors or _typed(rows) != _typed(expected):
                raise Breach(
                    f"{shortened(payload)} gave {shortened(rows)} and the errors {errors}",
                    f"expected {shortened(list(expected))}",
                )
            if any(type(row) is not make for row in decoded.rows):
                raise Breach(
                    "a row is not of context.row_type", "build rows with row_type(*values)"
                )

    @rule("a malformed payload is an error that says what was expected, and gives no row")
    async def test_names_what_is_malformed(self) -> None:
        mapper = self.made()
        for payload in self.malformed():
            [(rows, errors)] = self.by_payload(self.decode(mapper, [payload]), 1)
            if rows or not errors or not all(message.strip() for message in errors):
                raise Breach(
                    f"{shortened(payload)} gave {shortened(rows)} and the errors {errors}",
                    "give a MapperError with a message",
                )

    @rule("what a payload gives does not depend on the others of its batch")
    async def test_batches_do_not_matter(self) -> None:
        payloads = self._all()
        alone = [
            found
            for payload in payloads
            for found in self.by_payload(self.decode(self.made(), [payload]), 1)
        ]
        for size in (2, 3, len(payloads)):
            mapper, together = self.made(), []
            for first in range(0, len(payloads), size):
                part = payloads[first : first + size]
                together += self.by_payload(self.decode(mapper, part), len(part))
            for payload, one, other in zip(payloads, alone, together, strict=True):
                if _typed(one[0]) != _typed(other[0]) or bool(one[1]) != bool(other[1]):
                    raise Breach(
                        f"{shortened(payload)} gave {shortened(one)} alone, {shortened(other)} "
                        f"in a batch of {size}",
                        "keep no state between payloads; errors are for their payload alone",
                    )

    @rule("an empty batch gives nothing")
    async def test_decodes_nothing(self) -> None:
        decoded = self.decode(self.made(), [])
        if decoded.rows or decoded.errors:
            raise Breach(f"it gave {shortened(decoded)}", "return Decoded([])")

    @rule("no payload makes decode() raise, whatever its bytes")
    async def test_survives_any_bytes(self) -> None:
        mapper, chance = self.made(), random.Random(_SEED)
        good = [payload for payload, _ in self.decodes()]
        for number in range(_MANY):
            payload = chance.choice(good) if number % 2 and good else b""
            at = chance.randrange(len(payload) + 1)
            end = chance.randint(at, len(payload))
            spoilt = payload[:at] + chance.randbytes(chance.randrange(12)) + payload[end:]
            self.by_payload(self.decode(mapper, [spoilt]), 1)


class SinkMapperConformance(MapperConformance):
    """Subclass it as ``Test…`` and say what goes in and comes out::

    class TestPipes(SinkMapperConformance):
        factory = PipesSinkMapperFactory()
        columns = "id LONG NOT NULL, name STRING"

        def encodes(self):
            return [((1, "Ann"), b"1|Ann"), ((2, None), b"2|")]
    """

    factory: ClassVar[SinkMapperFactory]

    def encodes(self) -> Sequence[tuple[tuple[Any, ...], bytes]]:
        """The values of rows, each with its payload."""
        essential(self, "encodes")

    def unfit(self) -> Sequence[tuple[Any, ...]]:
        """The values of rows that give an error; leave it out where there are none."""
        return []

    def encode(self, mapper: SinkMapper, rows: Sequence[tuple[Any, ...]]) -> Encoded:
        """What the mapper makes of them."""
        make = self.context().row_type
        given: list[Row] = [make(*values) for values in rows]
        try:
            encoded = mapper.encode(given)
        except Exception as error:
            raise Breach(
                f"encode({shortened(list(rows))}) raised {type(error).__name__}: {error}",
                "a row that can't be encoded is an entry in errors, never an exception",
            ) from error
        if not isinstance(encoded, Encoded):
            raise Breach(f"encode() returned {shortened(encoded)}", "return an Encoded")
        return encoded

    def by_row(self, encoded: Encoded, count: int) -> list[bytes | None]:
        """For each row its payload, ``None`` for an error."""
        bad = {error.index: error.message for error in encoded.errors}
        if any(not 0 <= index < count for index in bad):
            raise Breach(f"errors have the indices {sorted(bad)} of {count} rows", "count from 0")
        if len(encoded.payloads) != count - len(bad):
            raise Breach(
                f"{count} rows gave {len(encoded.payloads)} payloads and {len(bad)} errors",
                "give one payload for each row that is not in errors",
            )
        for payload in encoded.payloads:
            if type(payload) is not bytes:
                raise Breach(f"a payload is {shortened(payload)}", "give bytes")
        waiting = iter(encoded.payloads)
        return [None if index in bad else next(waiting) for index in range(count)]

    def _all(self) -> list[tuple[Any, ...]]:
        return _mixed([row for row, _ in self.encodes()], self.unfit())

    @rule("a row gives its payload, as bytes")
    async def test_encodes(self) -> None:
        mapper = self.made()
        for row, expected in self.encodes():
            [payload] = self.by_row(self.encode(mapper, [row]), 1)
            if payload != expected:
                raise Breach(
                    f"{shortened(row)} gave {shortened(payload)}", f"expected {shortened(expected)}"
                )

    @rule("a row that can't be encoded is an error that says why")
    async def test_names_what_is_unfit(self) -> None:
        mapper = self.made()
        for row in self.unfit():
            encoded = self.encode(mapper, [row])
            if self.by_row(encoded, 1) != [None] or not encoded.errors[0].message.strip():
                raise Breach(
                    f"{shortened(row)} gave {shortened(encoded)}",
                    "give a MapperError with a message",
                )

    @rule("what a row gives does not depend on the others of its batch")
    async def test_batches_do_not_matter(self) -> None:
        rows = self._all()
        alone = [
            payload
            for row in rows
            for payload in self.by_row(self.encode(self.made(), [row]), 1)
        ]  # fmt: skip
        mapper, together = self.made(), []
        for first in range(0, len(rows), 3):
            part = rows[first : first + 3]
            together += self.by_row(self.encode(mapper, part), len(part))
        whole = self.by_row(self.encode(self.made(), rows), len(rows))
        for row, one, other, third in zip(rows, alone, together, whole, strict=True):
            if not one == other == third:
                raise Breach(
                    f"{shortened(row)} gave {shortened(one)} alone, {shortened(other)} and "
                    f"{shortened(third)} with others",
                    "keep no state between rows",
                )

    @rule("an empty batch gives nothing")
    async def test_encodes_nothing(self) -> None:
        encoded = self.encode(self.made(), [])
        if encoded.payloads or encoded.errors:
            raise Breach(f"it gave {shortened(encoded)}", "return Encoded([])")


def _mixed(good: list[Any], bad: Sequence[Any]) -> list[Any]:
    """Each bad one behind a good one as long as there are some, then all good ones again."""
    pairs = zip_longest(good[: len(bad)], bad, fillvalue=None)
    return [one for pair in pairs for one in pair if one is not None] + good


def _typed(rows: Sequence[tuple[Any, ...]]) -> list[str]:
    """Rows for a comparison in which 1, 1.0 and TRUE differ and NaN is NaN."""
    return [repr(tuple(values)) for values in rows]
