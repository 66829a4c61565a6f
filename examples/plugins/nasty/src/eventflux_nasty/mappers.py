"""Mappers of one INT column as text, which keep the contract unless they are asked to break it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from eventflux.base.rows import Row, values_of
from eventflux.spi import (
    Decoded,
    Encoded,
    MapperContext,
    MapperError,
    Options,
    SinkMapper,
    SinkMapperFactory,
    SourceMapper,
    SourceMapperFactory,
    option,
)


class NumberOptions(Options, prefix="number"):
    fault: str = option("", doc="which rule to break; by default none")


class NumberSource(SourceMapper):
    def __init__(self, context: MapperContext, fault: str) -> None:
        self._row = context.row_type
        self._fault = fault
        self._count = 0

    def decode(self, payloads: Sequence[bytes]) -> Decoded:
        if self._fault == "makes something of nothing" and not payloads:
            return Decoded([], [MapperError(0, "nothing came")])
        rows: list[Any] = []
        errors: list[MapperError] = []
        for index, payload in enumerate(payloads):
            self._count += 1
            if self._fault == "raises":
                rows.append(self._row(int(payload)))
            elif payload.isdigit():
                rows.append(self._made(int(payload)))
            elif self._fault != "says nothing":
                errors.append(MapperError(index, f"expected digits, got {payload!r}"))
        if self._fault == "says nothing":
            return Decoded(rows, (), [at for at, p in enumerate(payloads) if p.isdigit()])
        return Decoded(rows, errors)

    def _made(self, number: int) -> Any:
        if self._fault == "makes rows of its own":
            return type("Other", (Row,), {"__annotations__": {"number": int}})(number)
        return self._row(number + self._count - 1 if self._fault == "counts" else number)


class NumberSourceFactory(SourceMapperFactory):
    name: ClassVar[str] = "number"
    doc: ClassVar[str] = "a number in digits to a row of one column"
    options: ClassVar[type[NumberOptions]] = NumberOptions

    def create(self, options: NumberOptions, context: MapperContext) -> SourceMapper:
        return NumberSource(context, options.fault)


class NumberSink(SinkMapper):
    def __init__(self, fault: str) -> None:
        self._fault = fault
        self._count = 0

    def encode(self, rows: Sequence[Row]) -> Encoded:
        payloads: list[Any] = [b""] if self._fault == "makes something of nothing" else []
        errors: list[MapperError] = []
        for index, row in enumerate(rows):
            self._count += 1
            number = values_of(row)[0]
            if self._fault == "raises" and number < 0:
                raise ValueError(number)
            if number < 0:
                errors.append(MapperError(index, f"column 'number': {number} has a sign"))
            elif self._fault == "writes texts":
                payloads.append(str(number))
            else:
                payloads.append(b"%d" % (number + (self._count if self._fault == "counts" else 0)))
        return Encoded(payloads, errors)


class NumberSinkFactory(SinkMapperFactory):
    name: ClassVar[str] = "number"
    doc: ClassVar[str] = "the number of one column in digits"
    options: ClassVar[type[NumberOptions]] = NumberOptions

    def create(self, options: NumberOptions, context: MapperContext) -> SinkMapper:
        return NumberSink(options.fault)
