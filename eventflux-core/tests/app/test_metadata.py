"""METADATA columns: read from messages, set on them, and never part of a payload."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eventflux import EventFluxManager, memory
from eventflux.base.errors import OptionError, SqlError
from eventflux.base.rows import row_type, values_of
from eventflux.base.types import Column, DataType, Schema
from eventflux.spi import ConnectorContext, Options, Template, option
from eventflux.testing.scripted import (
    Lose,
    Refuse,
    Script,
    ScriptedQueue,
    ScriptedSink,
    ScriptedSinkFactory,
    ScriptedSourceFactory,
    ScriptedTarget,
)

KNOWN = {"key": DataType.STRING, "priority": DataType.INT, "headers.*": DataType.STRING}

THROUGH = """
CREATE STREAM Input (
    size INT METADATA FROM 'headers.size', v LONG, key STRING METADATA, name STRING
) WITH (type = 'source', extension = 'letters', format = 'words'{source});
CREATE STREAM Output (
    v LONG, route STRING METADATA FROM 'key', name STRING, p INT METADATA FROM 'priority'
) WITH (type = 'sink', extension = 'letters', format = 'words'{sink});
INSERT INTO Output (name, v, route, p) SELECT name, v, key, size FROM Input;
"""


class AddressOptions(Options, prefix="letters"):
    address: Template = option("", doc="what the sink puts on each letter")


class AddressingSink(ScriptedSink):
    """Notes the address of each message before it sends them."""

    def __init__(self, address: Template, context: ConnectorContext, addresses: list[str]) -> None:
        super().__init__(ScriptedTarget())
        self.wants_rows = bool(address.columns)
        assert context.row_type is not None
        self._render = address.renderer(context.row_type)
        self._addresses = addresses

    async def send(self, batch: Any) -> Any:
        assert (batch.rows is not None) == self.wants_rows
        rows = batch.rows or [None] * len(batch.payloads)
        self._addresses.extend(self._render(row) for row in rows)
        return await super().send(batch)


class AddressingFactory(ScriptedSinkFactory):
    options: ClassVar[type[Options]] = AddressOptions

    def __init__(self) -> None:
        super().__init__(ScriptedTarget(), metadata=KNOWN)
        self.addresses: list[str] = []

    def create(self, options: Any, context: ConnectorContext) -> ScriptedSink:
        return AddressingSink(options.address, context, self.addresses)


class Letters:
    """``extension = 'letters'``: scripted connectors that know :data:`KNOWN`."""

    def __init__(self, manager: EventFluxManager) -> None:
        self.manager = manager
        self.metadata: dict[str, list[Any]] = {"key": [], "headers.size": [], "headers.x": []}
        self.queue = ScriptedQueue(metadata=self.metadata)
        self.target = ScriptedTarget()
        self.source_factory = ScriptedSourceFactory(self.queue, metadata=KNOWN)
        manager.context.add_source_factory("letters", self.source_factory)

    def use_sink(self, **scripts: Any) -> None:
        self.sink_factory = ScriptedSinkFactory(self.target, metadata=KNOWN, **scripts)
        self.manager.context.add_sink_factory("letters", self.sink_factory)

    def put(self, payload: bytes, **metadata: Any) -> None:
        for name, values in self.metadata.items():
            values.append(metadata.get(name.replace(".", "_")))
        self.queue.put(payload)

    async def run(self, sql: str) -> Any:
        self.queue.end()
        app = self.manager.create_app(sql)
        await app.astart()
        try:
            await app.await_finished()
        finally:
            await app.astop()
        return app


@pytest.fixture
def letters(outside: Any) -> Letters:
    return Letters(outside.manager)


def through(source: str = "", sink: str = "") -> str:
    return THROUGH.format(source=source, sink=sink)


def problems(manager: EventFluxManager, sql: str) -> str:
    with pytest.raises(SqlError) as raised:
        manager.create_app(sql)
    return str(raised.value)


async def test_metadata_is_read_and_set_beside_the_payload(letters: Letters) -> None:
    letters.use_sink()
    letters.put(b"1 a", key="left", headers_size=7)
    letters.put(b"2 b", key="right")
    letters.put(b"3 c")
    await letters.run(through())
    assert letters.target.arrived == [b"1 a", b"2 b", b"3 c"]
    assert letters.target.metadata == {
        "key": ["left", "right", None],
        "priority": [7, None, None],
    }
    assert letters.target.rows == []


async def test_connectors_are_told_which_metadata_is_used(letters: Letters) -> None:
    contexts: list[ConnectorContext] = []

    class Telling(ScriptedSourceFactory):
        def create(self, options: Any, context: ConnectorContext) -> Any:
            contexts.append(context)
            return super().create(options, context)

    letters.manager.context.add_source_factory("telling", Telling(letters.queue, metadata=KNOWN))
    letters.use_sink()
    await letters.run(through().replace("'letters'", "'telling'", 1))
    assert contexts[0].metadata == ("headers.size", "key")
    assert contexts[0].column_names == ("v", "name")


async def test_values_are_converted_to_the_type_of_their_column(letters: Letters) -> None:
    letters.use_sink()
    letters.put(b"1 a", key=5, headers_size="12")
    letters.put(b"2 b", key=True, headers_size=None)
    await letters.run(through())
    assert letters.target.metadata == {"key": ["5", "true"], "priority": [12, None]}


async def test_a_value_that_does_not_fit_drops_its_message_alone(letters: Letters) -> None:
    letters.use_sink()
    letters.put(b"1 a", headers_size="large")
    letters.put(b"2 b", headers_size=2**40)
    letters.put(b"x c", headers_size=3)
    letters.put(b"4 d", headers_size=4)
    app = await letters.run(through())
    assert letters.target.arrived == [b"4 d"]
    assert letters.queue.rejected == [0, 1, 2]
    assert app.stats()["streams"]["Input"]["failed"] == 3


async def test_a_value_that_does_not_fit_fails_the_app_if_asked(letters: Letters) -> None:
    letters.use_sink()
    letters.put(b"1 a", headers_size=1)
    letters.put(b"2 b", headers_size="large")
    with pytest.raises(
        Exception,
        match=r"message 2 .*METADATA 'headers\.size': column 'size' is INT and takes an int of "
        r"32 bits, got 'large' \(str\)",
    ):
        await letters.run(through(source=", 'error.strategy' = 'fail'"))
    assert letters.target.arrived == [b"1 a"]
    assert letters.queue.requeued == [1]


async def test_metadata_that_must_be_there_is_named_when_it_is_not(
    letters: Letters, caplog: pytest.LogCaptureFixture
) -> None:
    letters.use_sink()
    letters.put(b"1 a")
    letters.put(b"2 b", key="k")
    await letters.run(through().replace("key STRING METADATA,", "key STRING NOT NULL METADATA,"))
    assert letters.target.arrived == [b"2 b"]
    assert "METADATA 'key' is missing, and column 'key' is NOT NULL" in caplog.text


async def test_what_is_sent_again_has_its_metadata(letters: Letters) -> None:
    letters.use_sink(sends=Script([Refuse((0, 2), transient=True), Lose(kept=1)]))
    for number in range(4):
        letters.put(b"%d a" % number, key=f"k{number}")
    await letters.run(through())
    pairs = zip(letters.target.arrived, letters.target.metadata["key"], strict=True)
    assert {(payload[:1], key) for payload, key in pairs} == {
        (b"%d" % number, f"k{number}") for number in range(4)
    }


@pytest.mark.parametrize("size", [1, 2, 3, 5])
async def test_batches_and_portions_keep_metadata_by_its_message(
    letters: Letters, size: int
) -> None:
    letters.use_sink()
    for number in range(12):
        letters.put(b"%d a" % number, key=f"k{number}")
    await letters.run(
        through(source=", 'batch.max.messages' = 5", sink=f", 'batch.max.messages' = {size}")
    )
    assert letters.target.metadata["key"] == [f"k{number}" for number in range(12)]


async def test_a_sink_that_wants_rows_gets_them_beside_the_payloads(letters: Letters) -> None:
    letters.use_sink(wants_rows=True)
    letters.put(b"1 a", key="left", headers_size=7)
    await letters.run(through())
    assert letters.target.arrived == [b"1 a"]
    assert [values_of(row) for row in letters.target.rows] == [(1, "left", "a", 7)]


async def test_a_connector_with_the_wrong_number_of_values_is_named(letters: Letters) -> None:
    class Short(ScriptedSourceFactory):
        def create(self, options: Any, context: ConnectorContext) -> Any:
            source = super().create(options, context)
            receive = source.receive

            async def shortened(limits: Any) -> Any:
                batch = await receive(limits)
                batch.metadata = {"key": []}
                return batch

            source.receive = shortened  # type: ignore[method-assign]
            return source

    letters.manager.context.add_source_factory("short", Short(letters.queue, metadata=KNOWN))
    letters.use_sink()
    letters.put(b"1 a")
    with pytest.raises(Exception, match="0 values of METADATA 'key' for 1 messages"):
        await letters.run(through().replace("'letters'", "'short'", 1))


async def test_templates_are_filled_in_for_each_row(letters: Letters) -> None:
    factory = AddressingFactory()
    letters.manager.context.add_sink_factory("letters", factory)
    letters.put(b"1 a", key="left")
    letters.put(b"2 b")
    await letters.run(through(sink=", letters.address = '{{{name}}} {v} {route}!'"))
    assert factory.addresses == ["{a} 1 left!", "{b} 2 !"]


async def test_a_template_without_placeholders_needs_no_rows(letters: Letters) -> None:
    factory = AddressingFactory()
    letters.manager.context.add_sink_factory("letters", factory)
    letters.put(b"1 a")
    await letters.run(through(sink=", letters.address = '100%'"))
    assert factory.addresses == ["100%"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("to {nme}", "option 'letters.address': the stream has no column 'nme'"),
        ("to {nme}", "did you mean 'name'?"),
        ("to {name", "expects a text with {column} placeholders ({{ for a brace), got 'to {name'"),
        ("to name}", "expects a text with {column} placeholders"),
    ],
)
def test_templates_that_can_not_be_filled_in(letters: Letters, text: str, message: str) -> None:
    letters.manager.context.add_sink_factory("letters", AddressingFactory())
    assert message in problems(letters.manager, through(sink=f", letters.address = '{text}'"))


@pytest.mark.parametrize(
    ("column", "message"),
    [
        ("x STRING METADATA FROM 'kee'", "'letters' knows no METADATA 'kee'"),
        ("x STRING METADATA FROM 'kee'", "did you mean 'key'? it is one of key, priority"),
        ("x STRING METADATA", "'letters' knows no METADATA 'x'"),
        ("x STRING METADATA FROM 'headers.'", "it is one of key, priority, headers.*"),
        ("x STRING METADATA FROM 'headers.*'", "knows no METADATA 'headers.*'"),
        ("x BOOL METADATA FROM 'priority'", "METADATA 'priority' is INT, but column 'x' is BOOL"),
        ("x BOOL METADATA FROM 'priority'", "write x INT METADATA"),
    ],
)
def test_metadata_that_a_source_does_not_have(letters: Letters, column: str, message: str) -> None:
    found = problems(
        letters.manager,
        f"CREATE STREAM S (v INT, {column})\n"
        "WITH (type = 'source', extension = 'letters', format = 'words');",
    )
    assert message in found
    assert ":1:" in found


@pytest.mark.parametrize(
    ("column", "message"),
    [
        ("x STRING METADATA FROM 'kee'", "'letters' sets no METADATA 'kee'"),
        ("x LONG METADATA FROM 'priority'", "takes INT, but column 'x' is LONG"),
        ("x INT METADATA FROM 'key'", "METADATA 'key' takes STRING, but column 'x' is INT"),
    ],
)
def test_metadata_that_a_sink_does_not_take(letters: Letters, column: str, message: str) -> None:
    letters.use_sink()
    sql = (
        f"CREATE STREAM S (v INT, {column})\n"
        "WITH (type = 'sink', extension = 'letters', format = 'words');"
    )
    assert message in problems(letters.manager, sql)


def test_a_connector_without_metadata_says_so(outside: Any) -> None:
    sql = "CREATE STREAM S (tick STRING, at LONG METADATA) WITH (type = 'source', extension = {});"
    sql = sql.format("'scripted', format = 'words'")
    assert "a message of 'scripted' has no METADATA" in problems(outside.manager, sql)


def test_rows_from_python_may_leave_metadata_out(letters: Letters) -> None:
    letters.use_sink()
    app = letters.manager.create_app(through(), replace_external=True)
    seen: list[tuple[Any, ...]] = []
    app.on("Output", lambda row: seen.append((row.v, row.route, row.name, row.p)))
    with app:
        orders = app.input("Input")
        orders.send((1, "a"))
        orders.send((7, 2, "k", "b"))
        orders.send({"v": 3, "name": "c", "key": "l"})
    assert seen == [(1, None, "a", None), (2, "k", "b", 7), (3, "l", "c", None)]


@pytest.fixture
def channels() -> Iterator[None]:
    memory.reset()
    yield
    memory.reset()


async def test_messages_of_memory_have_a_key_a_timestamp_and_headers(
    outside: Any, channels: None
) -> None:
    from eventflux.builtin.factories import MemorySinkFactory, MemorySourceFactory

    outside.manager.context.add_source_factory("memory", MemorySourceFactory())
    outside.manager.context.add_sink_factory("memory", MemorySinkFactory())
    sql = """
    CREATE STREAM Input (v LONG, key STRING METADATA, at LONG METADATA FROM 'timestamp')
        WITH (type = 'source', extension = 'memory', format = 'words', memory.channel = 'in');
    CREATE STREAM Output (v LONG, origin STRING METADATA FROM 'headers.origin')
        WITH (type = 'sink', extension = 'memory', format = 'words', memory.channel = 'out');
    INSERT INTO Output (v, origin) SELECT v + at, key FROM Input;
    """
    source, sink = memory.channel("in"), memory.channel("out")
    source.put([memory.Message(b"1", {"key": "a", "timestamp": 10}), b"2"])
    source.put([memory.Message(b"3", {"timestamp": 30})])
    source.end()
    app = outside.manager.create_app(sql)
    await app.astart()
    await app.await_finished()
    await app.astop()
    sent = sink.take()
    assert sent == [b"11", b"None", b"33"]
    assert [message.metadata for message in sent if isinstance(message, memory.Message)] == [
        {"headers.origin": "a"},
        {"headers.origin": None},
        {"headers.origin": None},
    ]


MESSAGES = st.lists(
    st.tuples(
        st.sampled_from([b"1 a", b"2 b", b"x c", b"3"]),
        st.fixed_dictionaries(
            {},
            optional={
                "key": st.sampled_from(["k", 5, None, b"\xff"]),
                "headers_size": st.sampled_from([1, "2", "large", 2**40, None]),
            },
        ),
    ),
    max_size=20,
)


def _arrived(
    manager: EventFluxManager, messages: Sequence[tuple[bytes, dict[str, Any]]], size: int
) -> tuple[Any, ...]:
    """What comes out of :data:`THROUGH`, rejected messages and counts, in batches of a size."""
    letters = Letters(manager)
    letters.use_sink()
    for payload, metadata in messages:
        letters.put(payload, **metadata)
    limits = f", 'batch.max.messages' = {size}"
    app = asyncio.run(letters.run(through(source=limits, sink=limits)))
    sent = [*zip(letters.target.arrived, *letters.target.metadata.values(), strict=True)]
    return sent, letters.queue.rejected, app.stats()["streams"]["Input"]["failed"]


@given(messages=MESSAGES)
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],  # it only gives its class
)
def test_batches_do_not_show_in_metadata(
    outside: Any, messages: list[tuple[bytes, dict[str, Any]]]
) -> None:
    def arrived(size: int) -> tuple[Any, ...]:
        return _arrived(type(outside)().manager, messages, size)

    alone = arrived(1)
    for size in (3, 1000):
        assert arrived(size) == alone
    good = [
        payload
        for payload, metadata in messages
        if payload in (b"1 a", b"2 b")
        and metadata.get("key") != b"\xff"
        and metadata.get("headers_size") in (None, 1, "2")
    ]
    assert [payload for payload, *_ in alone[0]] == good


READ = """
CREATE STREAM Input (v LONG, x {type} METADATA FROM 'headers.x')
WITH (type = 'source', extension = 'letters', format = 'words');
INSERT INTO Read SELECT x FROM Input;
"""


@pytest.mark.parametrize(
    ("column", "given", "value"),
    [
        ("STRING", b"caf\xc3\xa9", "café"),
        ("STRING", Decimal("1E+2"), "100"),
        ("DOUBLE", "2.5", 2.5),
        ("BOOL", "yes", True),
        ("DECIMAL(10, 2)", "1.239", Decimal("1.24")),
        ("DECIMAL(10, 2)", 3, Decimal("3.00")),
        ("TIMESTAMP", "1970-01-01T00:00:01Z", 1000),
        ("TIMESTAMP", 5, 5),
        ("BYTES", "text", b"text"),
        ("OBJECT", {"a": [1]}, {"a": [1]}),
        ("LONG", 1.5, None),
        ("STRING", b"\xff", None),
        ("STRING", {"a": 1}, None),
        ("BOOL", 1, None),
        ("DECIMAL(2, 1)", "x", None),
        ("TIMESTAMP", "yesterday", None),
    ],
)
async def test_values_of_headers_become_those_of_any_type(
    letters: Letters, column: str, given: object, value: object
) -> None:
    letters.put(b"1", headers_x=given)
    letters.queue.end()
    app = letters.manager.create_app(READ.format(type=column))
    seen: list[object] = []
    app.on("Read", lambda row: seen.append(row.x))
    await app.astart()
    await app.await_finished()
    await app.astop()
    assert seen == ([] if value is None else [value])
    assert [type(v) for v in seen] == ([] if value is None else [type(value)])
    assert app.stats()["streams"]["Input"]["failed"] == (value is None)


def test_a_template_names_columns_as_sql_does() -> None:
    columns = (
        Column("order id", DataType.LONG),
        Column("class", DataType.STRING),
        Column("ok", DataType.BOOL),
        Column("rate", DataType.DOUBLE),
        Column("price", DataType.DECIMAL),
        Column("rest", DataType.OBJECT),
    )
    row_class = row_type("Any", Schema(columns))
    render = Template("{order id}/{class}/{ok}/{rate}/{price}/{rest}").renderer(row_class)
    row = row_class(5, "a%s", True, 1.0, Decimal("1E+2"), {"a": [1]})
    assert render(row) == '5/a%s/true/1.0/100/{"a":[1]}'
    assert render(row_class(None, None, None, None, None, None)) == "/////"
    assert Template("{class}%").renderer(row_class)(row) == "a%s%"


def test_a_template_is_an_option_with_a_default() -> None:
    class Routes(Options, prefix="routes"):
        key: Template = option("to.{name}", doc="where to")
        other: Template | None = option(None, doc="where else")

    assert Routes.parse({}).key == Template("to.{name}")
    assert Routes.parse({"routes.other": "{{}}"}).other == Template("{{}}")
    assert Routes.specs()[0].default_text == "to.{name}"
    assert Routes.specs()[0].type_name == "template"
    with pytest.raises(OptionError, match="got '}'"):
        Routes.parse({"routes.key": "}"})
