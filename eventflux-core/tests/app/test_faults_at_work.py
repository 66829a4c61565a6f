"""Plugins that break their contract while an app runs: who brings them is named, with the version,
and nothing else suffers."""

from __future__ import annotations

import asyncio
import logging
import re
import threading
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import pytest

from eventflux import (
    EventFluxError,
    EventFluxManager,
    OptionError,
    PluginError,
    SqlError,
    StreamFailed,
    memory,
)
from eventflux.app.program import read_program
from eventflux.runtime import contract, lifecycle, loops
from eventflux.spi import (
    ConnectorContext,
    Decoded,
    Encoded,
    EndOfStream,
    MapperContext,
    MapperError,
    Options,
    Positions,
    ReceiveLimits,
    Refusal,
    Sink,
    SinkBatch,
    SinkFactory,
    SinkMapper,
    SinkMapperFactory,
    Source,
    SourceBatch,
    SourceFactory,
    SourceMapper,
    SourceMapperFactory,
    option,
    rule,
)
from eventflux.spi.plugin_report import PluginReport

BY = "plugin 'odd' (odd-things 4.2)"

SQL = """
CREATE STREAM A (n LONG) WITH (type = 'source', extension = 'odd', format = 'odd');
CREATE STREAM B (n LONG) WITH (type = 'sink', extension = 'odd', format = 'odd');
INSERT INTO B SELECT n FROM A;
"""

Does = dict[str, Callable[..., Any]]
"""What methods do in place of what they ought to, by name."""


class NoOptions(Options):
    """Nothing can be set."""


class OddSource(Source):
    """Gives the payloads ``1`` and ``2`` once, but for what it does instead."""

    def __init__(self, does: Does) -> None:
        self.does = does
        self.given = False

    @property
    def condition(self) -> str | None:
        return self.does["condition"]() if "condition" in self.does else None

    async def open(self, positions: Positions | None) -> None:
        if "open" in self.does:
            await self.does["open"]()

    async def receive(self, limits: ReceiveLimits) -> SourceBatch:
        if "receive" in self.does:
            return await self.does["receive"]()  # type: ignore[no-any-return]
        if self.given:
            raise EndOfStream
        self.given = True
        return SourceBatch([b"1", b"2"], token=0)

    def settle(self, token: Any, rejected: Sequence[int] = (), *, requeue: bool = False) -> None:
        if "settle" in self.does:
            self.does["settle"]()

    async def stop(self) -> None:
        if "stop" in self.does:
            await self.does["stop"]()

    async def close(self) -> None:
        if "close" in self.does:
            await self.does["close"]()


class OddSink(Sink):
    def __init__(self, does: Does) -> None:
        self.does = does

    async def open(self) -> None:
        """Nothing to connect to."""

    async def send(self, batch: SinkBatch) -> Sequence[Refusal]:
        if "send" in self.does:
            return await self.does["send"]()  # type: ignore[no-any-return]
        return ()

    async def close(self) -> None:
        """Nothing is open."""


class OddSourceFactory(SourceFactory):
    name = "odd"
    doc = "breaks its contract"
    kind = "acking"
    options: ClassVar[type[Options]] = NoOptions
    formats: ClassVar[Sequence[str]] = ("odd",)

    def __init__(self, does: Does) -> None:
        self.does = does

    def notes(self, options: Any) -> Sequence[str]:
        return self.does["notes"]() if "notes" in self.does else ()

    def create(self, options: Any, context: ConnectorContext) -> Source:
        return OddSource(self.does)


class OddSinkFactory(SinkFactory):
    name = "odd"
    doc = "breaks its contract"
    options = NoOptions
    formats = ("odd",)

    def __init__(self, does: Does) -> None:
        self.does = does

    def create(self, options: Any, context: ConnectorContext) -> Sink:
        return OddSink(self.does)


class OddSourceMapper(SourceMapperFactory, SourceMapper):
    name = "odd"
    doc = "numbers as text"
    options = NoOptions

    def __init__(self, does: Does) -> None:
        self.does = does

    def create(self, options: Any, context: MapperContext) -> SourceMapper:
        self.row_type = context.row_type
        return self

    def decode(self, payloads: Sequence[bytes]) -> Decoded:
        if "decode" in self.does:
            return self.does["decode"](self.row_type)  # type: ignore[no-any-return]
        return Decoded([self.row_type(int(payload)) for payload in payloads])


class OddSinkMapper(SinkMapperFactory, SinkMapper):
    name = "odd"
    doc = "numbers as text"
    options = NoOptions

    def __init__(self, does: Does) -> None:
        self.does = does

    def create(self, options: Any, context: MapperContext) -> SinkMapper:
        return self

    def encode(self, rows: Sequence[Any]) -> Encoded:
        if "encode" in self.does:
            return self.does["encode"]()  # type: ignore[no-any-return]
        return Encoded([str(row.n).encode() for row in rows])


def manager_with(**does: Callable[..., Any]) -> EventFluxManager:
    manager = EventFluxManager()
    context = manager.context
    context.add_source_factory("odd", OddSourceFactory(does), provider=BY)
    context.add_sink_factory("odd", OddSinkFactory(does), provider=BY)
    context.add_source_mapper_factory("odd", OddSourceMapper(does), provider=BY)
    context.add_sink_mapper_factory("odd", OddSinkMapper(does), provider=BY)
    return manager


def failure(**does: Callable[..., Any]) -> EventFluxError:
    """What an app fails of whose connector does that."""
    app = manager_with(**does).create_app(SQL)
    with pytest.raises(EventFluxError) as raised, app:
        app.wait_finished(10)
    assert app.state == "failed"
    return raised.value


def raising(error: BaseException) -> Callable[..., Any]:
    async def call() -> Any:
        raise error

    return call


def raising_at_once(error: BaseException) -> Callable[..., Any]:
    def call(*_: Any) -> Any:
        raise error

    return call


def giving(value: Any) -> Callable[..., Any]:
    async def call() -> Any:
        return value

    return call


ODD_ERRORS = [
    KeyError("a bug"),
    SystemExit(3),
    KeyboardInterrupt(),
    GeneratorExit(),
    asyncio.CancelledError(),
    asyncio.InvalidStateError(),
]


@pytest.mark.parametrize("error", ODD_ERRORS, ids=lambda e: type(e).__name__)
@pytest.mark.parametrize("call", ["open", "receive", "send"])
def test_whatever_a_connector_raises_is_named(call: str, error: BaseException) -> None:
    told = failure(**{call: raising(error)})
    side = "sink 'B'" if call == "send" else "source 'A'"
    expected = f"{side} (odd): {BY} broke its contract: {call} raised {type(error).__name__}"
    assert told.message.startswith(expected)


@pytest.mark.parametrize("error", ODD_ERRORS[:4], ids=lambda e: type(e).__name__)
@pytest.mark.parametrize("call", ["settle", "decode", "encode"])
def test_whatever_a_plain_method_raises_is_named(call: str, error: BaseException) -> None:
    told = failure(**{call: raising_at_once(error)})
    assert f"{BY} broke its contract: {call} raised {type(error).__name__}" in told.message
    assert isinstance(told, PluginError)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (None, "returned None, expected a SourceBatch"),
        ([b"1"], "returned list, expected a SourceBatch"),
        (SourceBatch({b"1"}), "gave payloads: set, no sequence"),  # type: ignore[arg-type]
        (SourceBatch(["1"]), "gave a payload that is str, expected bytes"),
        (SourceBatch([b"1", 2.5]), "raised TypeError: object of type 'float' has no len()"),
        (SourceBatch([b"1", (1,)]), "gave a payload that is tuple, expected bytes"),
        (SourceBatch([b"1"], message_ids=[]), "gave 1 payloads and 0 message_ids"),
        (SourceBatch([b"1"], deliveries=[1, 1]), "gave 1 payloads and 2 deliveries"),
        (
            SourceBatch([b"1"], partitions=["a", "a"], positions={"a": 2}),
            "gave 1 payloads and 2 partitions",
        ),
        (
            SourceBatch([b"1"], partitions=["b"], positions={"a": 2}),
            "gave a message of partition 'b', of which positions tell nothing",
        ),
        (
            SourceBatch([b"1"], partitions=["b"]),
            "gave a message of partition 'b', of which positions tell nothing",
        ),
    ],
)
def test_a_batch_that_is_none_is_named(given: Any, told: str) -> None:
    assert f"{BY} broke its contract: receive {told}" in failure(receive=giving(given)).message


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (None, "returned None, expected a sequence of Refusals"),
        (2, "returned int, expected a sequence of Refusals"),
        (["no"], "returned a sequence of str, expected Refusals"),
        ([Refusal(2, "why", transient=False)], "refused message 2 of a batch of 2"),
        ([Refusal(-1, "why", transient=True)], "refused message -1 of a batch of 2"),
    ],
)
def test_refusals_that_are_none_are_named(given: Any, told: str) -> None:
    assert f"{BY} broke its contract: send {told}" in failure(send=giving(given)).message


class NotOfTheStream:
    n = 7


Loose: Any = Decoded
"""Takes what a type checker would refuse."""


@pytest.mark.parametrize(
    ("decoded", "told"),
    [
        (lambda row: None, "returned None, expected Decoded"),
        (lambda row: Loose((row(1), row(2))), "returned Decoded, expected Decoded with a list"),
        (lambda row: Loose([row(1)]), "gave 1 rows and 0 errors for 2 payloads, and no origins"),
        (lambda row: Loose([row(1)], (), [0, 1]), "gave 1 rows and 2 origins"),
        (lambda row: Loose([row(1)], (), [2]), "gave origins from 2 to 2 for 2 payloads"),
        (lambda row: Loose([row(1)], [MapperError(2, "x")]), "gave an error of message 2 of 2"),
        (lambda row: Loose([row(1)], ["x"]), "returned errors with str, expected a MapperError"),
        (lambda row: Loose([NotOfTheStream()] * 2), "gave a row that is a NotOfTheStream"),
    ],
)
def test_rows_that_are_none_are_named(decoded: Callable[[Any], Any], told: str) -> None:
    assert f"{BY} broke its contract: decode {told}" in failure(decode=decoded).message


@pytest.mark.parametrize(
    ("encoded", "told"),
    [
        (None, "returned None, expected Encoded"),
        (Encoded([b"1"]), "gave 1 payloads and 0 errors for 2 rows"),
        (Encoded(["1", "2"]), "gave a payload that is str, expected bytes"),  # type: ignore[list-item]
        (Encoded([b"1"], [MapperError(7, "x")]), "gave an error of message 7 of 2"),
    ],
)
def test_payloads_that_are_none_are_named(encoded: Any, told: str) -> None:
    message = failure(encode=lambda: encoded).message
    assert f"{BY} broke its contract: encode {told}" in message


def test_what_raised_is_the_cause() -> None:
    error = ZeroDivisionError("a bug")
    assert failure(receive=raising(error)).__cause__ is error


# The others go on

TWO = """
CREATE STREAM A (n LONG) WITH (type = 'source', extension = 'odd', format = 'odd', {on_fail});
CREATE STREAM B (n LONG) WITH (type = 'sink', extension = 'odd', format = 'odd', {on_fail});
INSERT INTO B SELECT n FROM A;
CREATE STREAM C (n LONG) WITH (
  type = 'source', extension = 'memory', format = 'json', memory.channel = 'healthy');
CREATE STREAM D (n LONG) WITH (type = 'sink', extension = 'memory', format = 'json',
  memory.channel = 'results');
INSERT INTO D SELECT n + 1 AS n FROM C;
"""


@pytest.mark.parametrize("call", ["receive", "settle", "send", "decode", "encode"])
def test_under_on_fail_stream_the_other_streams_go_on(call: str) -> None:
    plain = call in ("settle", "decode", "encode")
    does = {call: (raising_at_once if plain else raising)(ValueError("a bug"))}
    memory.reset()
    app = manager_with(**does).create_app(TWO.format(on_fail="on.fail = 'stream'"))
    with app:
        memory.channel("healthy").put([b'{"n": 1}'])
        memory.channel("healthy").end()
        assert app.wait_finished(10)
        assert memory.channel("results").take() == [b'{"n":2}']
    (told,) = app.stream_failures.values()
    assert f"{BY} broke its contract: {call} raised ValueError: a bug" in told.message
    assert app.failure is None


def test_another_app_of_the_same_manager_goes_on() -> None:
    manager = manager_with(receive=raising(SystemExit(1)))
    healthy = manager.create_app("CREATE STREAM S (n LONG); INSERT INTO T SELECT n FROM S;")
    rows: list[int] = []
    healthy.on("T", lambda row: rows.append(row.n))
    with healthy:
        with pytest.raises(PluginError), manager.create_app(SQL) as app:
            app.wait_finished(10)
        healthy.input("S").send((1,))
    assert rows == [1]


# Hangs


class Deaf:
    """Ends when it is released, and does not heed being cancelled."""

    def __init__(self) -> None:
        self.released = asyncio.Event()

    async def __call__(self) -> Any:
        while not self.released.is_set():
            try:
                await self.released.wait()
            except asyncio.CancelledError:
                continue


async def hanging() -> Any:
    await asyncio.Event().wait()


def test_an_open_that_hangs_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contract, "_LAST_WORDS", 0.01)
    monkeypatch.setattr(loops, "_LAST_WORDS", 0.01)
    app = manager_with(open=Deaf()).create_app("SET app.start.timeout = '50ms';" + SQL)
    told = re.escape(f"source 'A' (odd): the other side of {BY} did not answer within")
    with pytest.raises(EventFluxError, match=told):
        app.start()


@pytest.mark.parametrize("heeds", [True, False])
async def test_a_stop_is_bounded_whatever_hangs(
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    heeds: bool,
) -> None:
    deaf = Deaf()
    hang = hanging if heeds else deaf
    monkeypatch.setattr(contract, "_LAST_WORDS", 0.01)
    monkeypatch.setattr(lifecycle, "_LEAST_CLOSE", 0.01)
    entered = asyncio.Event()

    async def send() -> Any:
        entered.set()
        await hang()

    manager = manager_with(send=send, stop=hang, close=hang)
    app = manager.create_app("SET app.stop.timeout = '100ms';" + SQL)
    await app.astart()
    await entered.wait()
    async with asyncio.timeout(5):
        await app.astop()
    assert app.state == "stopped"
    assert not app.drained
    assert f"sink 'B' (odd) ({BY}): 0 messages wait, 2 are sent and not conf" in caplog.text
    assert f"source 'A' (odd): {BY} broke its contract: close took longer than" in caplog.text
    told = f"{BY} broke its contract: send goes on though it was cancelled"
    assert heeds == (told not in caplog.text)
    deaf.released.set()


# What describes a stream


def test_notes_that_can_not_be_told_are_told_so() -> None:
    manager = manager_with(notes=raising_at_once(LookupError("a bug")))
    program = read_program(SQL, manager.context)
    (note,) = program.wiring.streams["A"].notes
    assert note == f"{BY} broke its contract: notes raised LookupError: a bug"


def test_a_rule_that_raises_is_told_at_its_stream() -> None:
    class Ruled(Options, prefix="odd"):
        size: int = option(1, doc="a size")

        @rule
        def fits(self) -> None:
            raise AttributeError("a bug")

    manager = EventFluxManager()
    factory = type("Factory", (OddSourceFactory,), {"options": Ruled})({})
    manager.context.add_source_factory("odd", factory, provider=BY)
    with pytest.raises(SqlError) as raised:
        manager.create_app("CREATE STREAM A (n LONG) WITH (type = 'source', extension = 'odd', "
                           "format = 'json');")  # fmt: skip
    assert f"{BY} broke its contract: a rule of Ruled raised AttributeError" in str(raised.value)


def test_options_that_are_right_are_checked_beside_one_that_is_not() -> None:
    class Sized(Options, prefix="odd"):
        size: int = option(1, doc="a size", low=1)
        color: str = option("red", doc="a color")
        shape: str = option("round", doc="a shape")

    class Looking(OddSourceFactory):
        options = Sized
        formats = ("json",)

        def check_options(self, options: Any, context: ConnectorContext) -> None:
            if options.color == "blue":
                raise OptionError("option 'odd.color' is not blue")
            if options.size and options.shape == "flat":
                raise OptionError("never told: the size is not known")

    manager = EventFluxManager()
    manager.context.add_source_factory("odd", Looking({}), provider=BY)
    start = "CREATE STREAM A (n LONG) WITH (type = 'source', extension = 'odd', format = 'json', "
    with pytest.raises(SqlError) as raised:
        manager.create_app(start + "odd.size = '0', odd.color = 'blue', odd.shape = 'flat');")
    assert [d.message for d in raised.value.diagnostics] == [
        "stream 'A': option 'odd.size' must be at least 1, got '0'",
        "stream 'A': option 'odd.color' is not blue",
    ]
    with pytest.raises(SqlError) as raised:
        manager.create_app(start + "odd.size = '0', odd.shape = 'flat');")
    assert len(raised.value.diagnostics) == 1


async def test_a_condition_that_can_not_be_told_is_told_so() -> None:
    manager = manager_with(condition=raising_at_once(OSError("a bug")), receive=hanging)
    app = manager.create_app(SQL)
    async with app:
        health = app.health()["A"]
    assert health.startswith("running; ")
    assert f"{BY} broke its contract: condition raised OSError: a bug" in health


# Functions

FUNCTIONS = """
def failing(n: int) -> int:
    raise ValueError("a bug")

def leaving(n: int) -> int:
    raise SystemExit(3)

def slow(n: int) -> int:
    wait()
    return n
"""


def with_functions(**names: Any) -> EventFluxManager:
    """A manager with the functions of a plugin."""
    manager = EventFluxManager()
    manager.context.plugins.append(
        PluginReport("odd", "odd-things", "4.2", "odd_things.plugin", {})
    )
    space = {"__name__": "odd_things.functions", **names}
    exec(FUNCTIONS, space)
    for name in ("failing", "leaving", "slow"):
        manager.context.add_function(name, space[name], provider=BY)
    return manager


CALLING = "CREATE STREAM S (n LONG) {options}; INSERT INTO T SELECT {call}(n) AS n FROM S;"


def test_a_function_that_fails_a_row_is_named_with_its_plugin() -> None:
    sql = (
        CALLING.format(options="", call="failing")
        + "INSERT INTO E SELECT errorMessage FROM S.errors;"
    )
    app = with_functions().create_app(sql)
    told: list[str] = []
    app.on("E", lambda row: told.append(row.errorMessage))
    with app:
        app.input("S").send((1,))
    assert told[0].endswith(f"a bug ({BY})")


def test_a_function_that_wants_to_end_the_process_fails_the_app() -> None:
    app = with_functions().create_app(CALLING.format(options="", call="leaving"))
    with pytest.raises(StreamFailed, match="a step failed with SystemExit: 3") as raised, app:
        app.input("S").send((1,))
    assert BY in raised.value.message


def test_a_function_that_holds_the_loop_is_named_with_its_plugin() -> None:
    named = threading.Event()
    texts: list[str] = []

    class Noticing(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if "held the event loop" in record.getMessage():
                texts.append(record.getMessage())
                named.set()

    handler = Noticing()
    logging.getLogger("eventflux.runtime").addHandler(handler)
    try:
        app = with_functions(wait=lambda: named.wait(10)).create_app(
            CALLING.format(options="", call="slow")
        )
        with app:
            app.input("S").send((1,))
    finally:
        logging.getLogger("eventflux.runtime").removeHandler(handler)
    assert f"stream 'S', query 'query_1' (line 1), {BY} has held the event loop" in texts[0]
