"""Loads well, and breaks its contract when it is used: each name says in which call."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from eventflux.base.rows import Row
from eventflux.base.types import DataType
from eventflux.spi import (
    ConnectorContext,
    Decoded,
    Encoded,
    MapperContext,
    Options,
    Refusal,
    ScalarFunction,
    Sink,
    SinkBatch,
    SinkFactory,
    SinkMapper,
    SinkMapperFactory,
    SourceMapper,
    SourceMapperFactory,
    hookimpl,
)

eventflux_spi = (1, 0)


class NoOptions(Options):
    """Nothing can be set."""


class Quiet(Sink):
    """Takes everything and keeps nothing."""

    async def open(self) -> None:
        """Nothing to connect to."""

    async def send(self, batch: SinkBatch) -> Sequence[Refusal]:
        return ()

    async def close(self) -> None:
        """Nothing is open."""


class RaisesInOpen(Quiet):
    async def open(self) -> None:
        raise KeyError("a bug in open")


class RaisesInSend(Quiet):
    async def send(self, batch: SinkBatch) -> Sequence[Refusal]:
        raise ZeroDivisionError("a bug in send")


class ExitsInSend(Quiet):
    async def send(self, batch: SinkBatch) -> Sequence[Refusal]:
        raise SystemExit("a bug that would end the process")


class ReturnsNothing(Quiet):
    async def send(self, batch: SinkBatch) -> Sequence[Refusal]:
        nothing: Any = None
        return nothing  # type: ignore[no-any-return]


class _SinkFactory(SinkFactory):
    doc: ClassVar[str] = "breaks its contract"
    options: ClassVar[type[Options]] = NoOptions
    formats: ClassVar[Sequence[str]] = ("*",)
    format_optional: ClassVar[bool] = True


class CreateSinkFactory(_SinkFactory):
    name: ClassVar[str] = "broken-create"

    def create(self, options: NoOptions, context: ConnectorContext) -> Sink:
        raise ValueError("a bug in create")


class OpenSinkFactory(_SinkFactory):
    name: ClassVar[str] = "broken-open"

    def create(self, options: NoOptions, context: ConnectorContext) -> Sink:
        return RaisesInOpen()


class SendSinkFactory(_SinkFactory):
    name: ClassVar[str] = "broken-send"

    def create(self, options: NoOptions, context: ConnectorContext) -> Sink:
        return RaisesInSend()


class ExitSinkFactory(_SinkFactory):
    name: ClassVar[str] = "broken-exit"

    def create(self, options: NoOptions, context: ConnectorContext) -> Sink:
        return ExitsInSend()


class AnswerSinkFactory(_SinkFactory):
    name: ClassVar[str] = "broken-answer"

    def create(self, options: NoOptions, context: ConnectorContext) -> Sink:
        return ReturnsNothing()


class RaisesInDecode(SourceMapper):
    def decode(self, payloads: Sequence[bytes]) -> Decoded:
        raise IndexError("a bug in decode")


class RaisesInEncode(SinkMapper):
    def encode(self, rows: Sequence[Row]) -> Encoded:
        raise LookupError("a bug in encode")


class DecodeFactory(SourceMapperFactory):
    name: ClassVar[str] = "broken-decode"
    doc: ClassVar[str] = "breaks its contract"
    options: ClassVar[type[Options]] = NoOptions

    def create(self, options: NoOptions, context: MapperContext) -> SourceMapper:
        return RaisesInDecode()


class CreateMapperFactory(SourceMapperFactory):
    name: ClassVar[str] = "broken-mapper"
    doc: ClassVar[str] = "breaks its contract"
    options: ClassVar[type[Options]] = NoOptions

    def create(self, options: NoOptions, context: MapperContext) -> SourceMapper:
        no_mapper: Any = None
        return no_mapper  # type: ignore[no-any-return]


class EncodeFactory(SinkMapperFactory):
    name: ClassVar[str] = "broken-encode"
    doc: ClassVar[str] = "breaks its contract"
    options: ClassVar[type[Options]] = NoOptions

    def create(self, options: NoOptions, context: MapperContext) -> SinkMapper:
        return RaisesInEncode()


@hookimpl
def register_sink_factories() -> Sequence[SinkFactory]:
    return [
        AnswerSinkFactory(),
        CreateSinkFactory(),
        ExitSinkFactory(),
        OpenSinkFactory(),
        SendSinkFactory(),
    ]


def broken_call(text: str) -> str:
    raise ArithmeticError("a bug in a function")


@hookimpl
def register_functions() -> Sequence[ScalarFunction]:
    return [ScalarFunction("broken_call", broken_call, [DataType.STRING], DataType.STRING)]


@hookimpl
def register_source_mapper_factories() -> Sequence[SourceMapperFactory]:
    return [DecodeFactory(), CreateMapperFactory()]


@hookimpl
def register_sink_mapper_factories() -> Sequence[SinkMapperFactory]:
    return [EncodeFactory()]
