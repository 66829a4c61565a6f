"""The suites for mappers and functions, on small ones that keep the rules."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest

from eventflux import EventFluxManager
from eventflux.base.types import DataType
from eventflux.spi import Decoded, MapperContext, MapperError, ScalarFunction, SourceMapper
from eventflux.spi.own_functions import function_of
from eventflux.testing import (
    AppRunner,
    FunctionConformance,
    SinkMapperConformance,
    SourceMapperConformance,
)
from eventflux.testing.conformance.plain_format import (
    PlainSinkMapperFactory,
    PlainSourceMapperFactory,
)


class TestPlainSource(SourceMapperConformance):
    factory = PlainSourceMapperFactory(malformed=b"bad")
    columns = "payload BYTES"

    def decodes(self) -> Sequence[tuple[bytes, Sequence[tuple[Any, ...]]]]:
        return [(b"x", [(b"x",)]), (b"", [(b"",)])]

    def malformed(self) -> Sequence[bytes]:
        return [b"bad"]


class TestPlainSink(SinkMapperConformance):
    factory = PlainSinkMapperFactory()
    columns = "payload BYTES"

    def encodes(self) -> Sequence[tuple[tuple[Any, ...], bytes]]:
        return [((b"x",), b"x"), ((b"",), b"")]


class SpoilingTheBatch(PlainSourceMapperFactory):
    """Of a batch that holds ``worse`` all is malformed."""

    def create(self, options: Any, context: MapperContext) -> SourceMapper:
        plain = super().create(options, context)

        class Spoiling(SourceMapper):
            def decode(self, payloads: Sequence[bytes]) -> Decoded:
                if b"worse" not in payloads:
                    return plain.decode(payloads)
                return Decoded([], [MapperError(at, "no") for at in range(len(payloads))])

        return Spoiling()


def test_all_that_is_malformed_is_tried_beside_what_is_not() -> None:
    class Suite(TestPlainSource):
        factory = SpoilingTheBatch(malformed=b"bad")

        def malformed(self) -> Sequence[bytes]:
            return [b"bad", b"bad", b"worse"]

    with pytest.raises(pytest.fail.Exception, match="in a batch of"):
        Suite().test_batches_do_not_matter()


def half(number: int) -> int:
    if number % 2:
        raise ValueError(f"{number} is odd")
    return number // 2


def words(text: str) -> Iterator[str]:
    """The words of a text."""
    for word in text.split():
        if word == "!":
            raise ValueError("no word")
        yield word


HALF = ScalarFunction("half", half, [DataType.LONG], DataType.LONG, doc="half of an even number")


class TestHalf(FunctionConformance):
    function = HALF

    def calls(self) -> Sequence[tuple[tuple[Any, ...], Any]]:
        return [((4,), 2), ((None,), None), ((-2,), -1)]

    def failing(self) -> Sequence[tuple[Any, ...]]:
        return [(1,)]


class TestWords(FunctionConformance):
    function = function_of(words)

    def calls(self) -> Sequence[tuple[tuple[Any, ...], Any]]:
        return [(("a b",), ["a", "b"]), (("",), []), ((None,), [])]

    def failing(self) -> Sequence[tuple[Any, ...]]:
        return [("a !",)]


def test_the_fixture_that_runs_sql(
    eventflux_manager: EventFluxManager, eventflux_runner: Callable[..., AppRunner]
) -> None:
    eventflux_manager.context.add_function(HALF)
    sql = "CREATE STREAM S (v LONG); INSERT INTO Halves SELECT half(v) AS h FROM S;"
    runner = eventflux_runner(sql, ["Halves"])
    runner.send_many("S", [(4,), (8,)])
    assert runner.rows("Halves") == [(2,), (4,)]


def test_the_fixture_of_channels(eventflux_channels: Any) -> None:
    eventflux_channels.channel("c").put([b"x"])
    assert eventflux_channels.channel("c").take() == [b"x"]
