"""Managers without plugins, with scripted connectors and a small format of their own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

import pytest

from eventflux import EventFluxManager
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
    family,
    option,
)
from eventflux.testing.scripted import (
    ScriptedQueue,
    ScriptedSinkFactory,
    ScriptedSourceFactory,
    ScriptedTarget,
)


class WordsOptions(Options, prefix="words"):
    separator: str = option(" ", doc="what stands between two values")


class WordsSourceOptions(WordsOptions):
    position: Mapping[str, int] = family(of="column", doc="which word a column is")


class WordsDecoder(SourceMapper):
    """A payload is one row of texts and numbers."""

    def __init__(self, options: WordsSourceOptions, context: MapperContext) -> None:
        self._separator = options.separator
        self._context = context
        self._positions = list(options.position.values())

    def decode(self, payloads: Sequence[bytes]) -> Decoded:
        rows: list[Row] = []
        errors: list[MapperError] = []
        columns = self._context.schema.columns
        for index, payload in enumerate(payloads):
            words = payload.decode().split(self._separator)
            try:
                words = [words[position] for position in self._positions] or words
                values = [c.type.python_type(w) for c, w in zip(columns, words, strict=True)]
            except (ValueError, IndexError) as error:
                errors.append(MapperError(index, str(error)))
            else:
                rows.append(self._context.row_type(*values))
        return Decoded(rows, errors)


class WordsEncoder(SinkMapper):
    def __init__(self, separator: str) -> None:
        self._separator = separator

    def encode(self, rows: Sequence[Row]) -> Encoded:
        return Encoded([self._separator.join(map(str, values_of(row))).encode() for row in rows])


class WordsSourceFactory(SourceMapperFactory):
    name: ClassVar[str] = "words"
    doc: ClassVar[str] = "words between separators"
    options: ClassVar[type[Options]] = WordsSourceOptions

    def create(self, options: Any, context: MapperContext) -> SourceMapper:
        return WordsDecoder(options, context)


class WordsSinkFactory(SinkMapperFactory):
    name: ClassVar[str] = "words"
    doc: ClassVar[str] = "words between separators"
    options: ClassVar[type[Options]] = WordsOptions

    def create(self, options: Any, context: MapperContext) -> SinkMapper:
        return WordsEncoder(options.separator)


class Outside:
    """A manager that knows ``extension = 'scripted', format = 'words'``, and both ends."""

    def __init__(self) -> None:
        self.manager = EventFluxManager(plugins=False)
        self.queue = ScriptedQueue()
        self.target = ScriptedTarget()
        context = self.manager.context
        self.source_factory = ScriptedSourceFactory(self.queue)
        self.use_sink()
        context.add_source_factory("scripted", self.source_factory)
        context.add_source_mapper_factory("words", WordsSourceFactory())
        context.add_sink_mapper_factory("words", WordsSinkFactory())

    def use_sink(self, **scripts: Any) -> None:
        """Make sinks follow these scripts."""
        self.manager.context.discard("the test")
        self.sink_factory = ScriptedSinkFactory(self.target, **scripts)
        self.manager.context.add_sink_factory("scripted", self.sink_factory, provider="the test")


@pytest.fixture
def outside() -> Outside:
    return Outside()


ORDERS = """
CREATE STREAM Orders (customer STRING, amount DOUBLE NOT NULL)
    WITH (type = 'source', extension = 'scripted', format = 'words');
CREATE STREAM Large (customer STRING, amount DOUBLE)
    WITH (type = 'sink', extension = 'scripted', format = 'words');
INSERT INTO Large SELECT customer, amount FROM Orders WHERE amount > 10;
"""

INSIDE = """
CREATE STREAM S (name STRING, value LONG, ratio DOUBLE, ok BOOL NOT NULL);
INSERT INTO T SELECT name, 100 / value AS share FROM S;
"""


@pytest.fixture
def orders() -> str:
    return ORDERS


@pytest.fixture
def inside() -> str:
    return INSIDE


@pytest.fixture
def app(outside: Outside, inside: str) -> Iterator[Any]:
    """A running app on a thread of its own."""
    app = outside.manager.create_app(inside)
    app.start()
    yield app
    app.stop()
