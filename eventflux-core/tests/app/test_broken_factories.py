"""Factories that break their contract: who brings them is named, and nothing else suffers."""

from __future__ import annotations

import types
from typing import Any, Literal

import pytest

from eventflux import EventFluxError, EventFluxManager, SqlError
from eventflux.spi import (
    ConnectorContext,
    MapperContext,
    Options,
    Sink,
    SinkFactory,
    SourceMapper,
    SourceMapperFactory,
    option,
)

SQL = """
CREATE STREAM Input (v LONG)
    WITH (type = 'source', extension = 'memory', format = 'odd', "memory.channel" = 'x');
CREATE STREAM Output (v LONG) WITH (type = 'sink', extension = '{sink}');
INSERT INTO Output SELECT v FROM Input;
"""


class NoOptions(Options):
    """Nothing can be set."""


class OddMapper(SourceMapperFactory):
    name = "odd"
    doc = "makes what it is told to make"
    options = NoOptions

    def __init__(self, makes: Any) -> None:
        self._makes = makes

    def create(self, options: Any, context: MapperContext) -> SourceMapper:
        return self._makes()  # type: ignore[no-any-return]


class OddSink(SinkFactory):
    name = "odd"
    doc = "raises in one of its methods"
    options = NoOptions

    def __init__(self, method: str) -> None:
        self._method = method

    def check_schema(self, context: ConnectorContext, schema: Any) -> None:
        if self._method == "check_schema":
            raise AttributeError("a bug")

    def check_options(self, options: Any, context: ConnectorContext) -> None:
        if self._method == "check_options":
            raise AttributeError("a bug")

    def create(self, options: Any, context: ConnectorContext) -> Sink:
        if self._method == "create":
            raise AttributeError("a bug")
        return None  # type: ignore[return-value]


class Quiet(SourceMapper):
    def decode(self, payloads: Any) -> Any:
        raise NotImplementedError


def manager_with(makes: Any = Quiet, sink: str = "create") -> EventFluxManager:
    manager = EventFluxManager()
    by = "plugin 'odd' (odd-things 4.2)"
    manager.context.add_source_mapper_factory("odd", OddMapper(makes), provider=by)
    manager.context.add_sink_factory("odd", OddSink(sink), provider=by)
    return manager


@pytest.mark.parametrize(
    ("makes", "told"),
    [
        (lambda: [].pop(), "create raised IndexError: pop from empty list"),
        (lambda: None, "create returned NoneType, expected SourceMapper"),
        (lambda: Quiet, "create returned ABCMeta, expected SourceMapper"),
    ],
)
def test_a_mapper_that_can_not_be_made_is_told_at_its_stream(makes: Any, told: str) -> None:
    with pytest.raises(SqlError) as raised:
        manager_with(makes).create_app(SQL.format(sink="log"))
    text = str(raised.value)
    assert "<sql>:2:1: error: stream 'Input': plugin 'odd' (odd-things 4.2) broke" in text
    assert told in text


@pytest.mark.parametrize("method", ["check_schema", "check_options"])
def test_a_connector_that_can_not_look_at_its_stream_is_told_there(method: str) -> None:
    with pytest.raises(SqlError) as raised:
        manager_with(sink=method).create_app(SQL.format(sink="odd"))
    assert "<sql>:4:1: error: stream 'Output': plugin 'odd'" in str(raised.value)
    assert f"{method} raised AttributeError: a bug" in str(raised.value)


@pytest.mark.parametrize(
    ("method", "told"),
    [
        ("create", "create raised AttributeError: a bug"),
        ("other", "create returned NoneType, expected Sink"),
    ],
)
def test_a_connector_that_can_not_be_made_fails_the_start(method: str, told: str) -> None:
    app = manager_with(sink=method).create_app(SQL.format(sink="odd"))
    with pytest.raises(EventFluxError, match=r"sink 'Output' \(odd\): plugin 'odd'") as raised:
        app.start()
    assert told in str(raised.value)


@pytest.mark.parametrize(
    ("hint", "default", "told"),
    [
        (list[str], None, r"option 'x' has type list\[str\], expected str, int"),
        (object, None, "option 'x' has type"),
        (int, "many", "option 'x' has the default 'many'"),
        (int, None, "option 'x' has the default None"),
        (Literal["a", "b"], "c", "option 'x' has the default 'c'"),
        (bool, 0, "option 'x' has the default 0"),
    ],
)
def test_an_option_that_no_text_can_give_is_refused_where_it_is_declared(
    hint: Any, default: Any, told: str
) -> None:
    body = {"__annotations__": {"x": hint}, "x": option(default, doc="odd")}
    with pytest.raises(TypeError, match=told):
        types.new_class("Odd", (Options,), {"prefix": "odd"}, lambda space: space.update(body))
