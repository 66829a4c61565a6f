"""Sources and sinks written as one function: what they take, give, and how they fail."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from typing import TYPE_CHECKING, Any, Literal

import pytest

from eventflux import (
    EventFluxError,
    EventFluxManager,
    PluginError,
    SqlError,
    StreamFailed,
)
from eventflux.spi import (
    ConnectorContext,
    Disconnected,
    Duration,
    Misconfigured,
    Refusal,
    Secret,
    family,
    option,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator as OnlyForTypes

Numbers = AsyncGenerator[Any, Any]

SQL = """
CREATE STREAM A (n LONG) WITH (type = 'source', extension = '{source}' {of_source});
CREATE STREAM B (n LONG) WITH (type = 'sink', extension = '{sink}' {of_sink});
INSERT INTO B SELECT n FROM A WHERE n >= 0;
"""


@pytest.fixture
def manager() -> EventFluxManager:
    return EventFluxManager(plugins=True)


def program(
    source: str = "numbers", of_source: str = "", sink: str = "kept", of_sink: str = ""
) -> str:
    return SQL.format(source=source, of_source=of_source, sink=sink, of_sink=of_sink)


def keep(manager: EventFluxManager, **details: Any) -> list[Any]:
    """A sink ``kept`` that keeps the numbers of its rows."""
    kept: list[Any] = []

    @manager.sink("kept", **details)
    async def sink(row: Any) -> None:
        kept.append(row.n)

    return kept


def run(manager: EventFluxManager, sql: str, **details: Any) -> Any:
    """Run a program to its end; its counters."""
    with manager.create_app(sql, **details) as app:
        assert app.wait_finished(10)
    return app.stats()


# What a source yields


def test_rows_of_each_kind_and_lists_of_them_come_in_order(manager: EventFluxManager) -> None:
    kept = keep(manager)
    maker = manager.create_app("CREATE STREAM A (n LONG)").row_type("A")

    @manager.source("numbers")
    async def numbers() -> Numbers:
        yield {"n": 1}
        yield (2,)
        yield maker(3)
        yield []
        yield [{"n": 4}, (5,), maker(6)]
        await asyncio.sleep(0)
        yield {}

    run(manager, program())
    assert kept == [1, 2, 3, 4, 5, 6]


def test_a_dict_that_is_filled_again_is_another_row(manager: EventFluxManager) -> None:
    kept = keep(manager)

    @manager.source("numbers")
    async def numbers() -> Numbers:
        row: dict[str, int] = {}
        rows: list[Any] = []
        for n in range(3):
            row["n"] = n
            yield row
            rows[:] = [(10 + n,)]
            yield rows

    run(manager, program())
    assert kept == [0, 10, 1, 11, 2, 12]


def test_the_function_is_given_back_as_it_is(manager: EventFluxManager) -> None:
    async def numbers() -> Numbers:
        yield (1,)

    async def alerts(row: object) -> None:
        """Nothing."""

    assert manager.source("numbers")(numbers) is numbers
    assert manager.sink("alerts")(alerts) is alerts


def test_a_row_that_does_not_fit_is_set_aside_alone(manager: EventFluxManager) -> None:
    kept = keep(manager)

    @manager.source("numbers")
    async def numbers() -> Numbers:
        yield [{"n": 1}, {"n": "two"}, {"m": 3}, {"n": 4}]

    sql = program() + "INSERT INTO Bad SELECT errorMessage AS text FROM A.errors;"
    app = manager.create_app(sql)
    bad: list[str] = []
    app.on("Bad", lambda row: bad.append(row.text))
    with app:
        app.wait_finished()
    assert kept == [1, 4]
    assert "column 'n' is LONG and takes an int of 64 bits, got 'two'" in bad[0]
    assert "has no column 'm'" in bad[1]


def test_payloads_go_through_the_format_of_the_stream(manager: EventFluxManager) -> None:
    @manager.source("lines", formats=["*"])
    async def lines() -> Numbers:
        yield b'{"n": 1}'
        yield [b'{"n": 2}', b'{"n": 3}']

    kept: list[bytes] = []

    @manager.sink("kept", formats=["json"])
    async def sink(payload: bytes) -> None:
        kept.append(payload)

    run(manager, program("lines", ", format = 'json'", of_sink=", format = 'json'"))
    assert kept == [b'{"n":1}', b'{"n":2}', b'{"n":3}']


def test_large_payloads_are_cut_into_batches(manager: EventFluxManager) -> None:
    @manager.source("lines", formats=["*"])
    async def lines() -> Numbers:
        yield [b'{"n": 1}', b'{"n": 22222}', b'{"n": 3}', b'{"n": 4}']

    kept = keep(manager)
    run(manager, program("lines", ", format = 'json', batch.max.bytes = '16'"))
    assert kept == [1, 22222, 3, 4]


def test_a_generator_that_never_waits_is_read_in_batches(manager: EventFluxManager) -> None:
    @manager.source("numbers")
    async def numbers() -> Numbers:
        for n in range(5000):
            yield (n,)

    sizes: list[int] = []

    @manager.sink("kept", batch=True)
    async def sink(rows: list[Any]) -> None:
        sizes.append(len(rows))

    run(manager, program())
    assert sum(sizes) == 5000
    assert len(sizes) < 1000
    assert max(sizes) <= 1024


@pytest.mark.parametrize(
    ("formats", "yielded", "told"),
    [
        ([], 7, r"yielded int, expected a row\n  hint: a row is a dict, a tuple"),
        ([], b"7", "yielded bytes, expected a row"),
        (["*"], "7", "yielded str, expected bytes"),
        (["*"], [b"7", {}], "yielded dict, expected bytes"),
    ],
)
def test_what_is_no_row_fails_by_name(
    manager: EventFluxManager, formats: list[str], yielded: Any, told: str
) -> None:
    @manager.source("numbers", formats=formats)
    async def numbers() -> Numbers:
        yield yielded

    keep(manager)
    with pytest.raises(StreamFailed, match=told) as raised:
        run(manager, program(of_source=", format = 'json'" if formats else ""))
    assert "source 'A': function numbers (" in str(raised.value)


# Options


def test_parameters_are_options(manager: EventFluxManager) -> None:
    seen: dict[str, Any] = {}

    @manager.source("numbers")
    async def numbers(
        up_to: int,
        context: ConnectorContext,
        step: int = option(1, doc="from one to the next", low=1),
        every: Duration = option("1s", doc="how often"),
        mode: Literal["up", "down"] = "up",
        token: Secret | None = None,
        labels: Mapping[str, str] = family(doc="labels"),
    ) -> Numbers:
        seen.update(every=every, mode=mode, token=token, labels=labels, stream=context.stream)
        for n in range(0, up_to, step):
            yield (n,)

    kept = keep(manager)
    options = (
        ", numbers.up.to = '7', numbers.step = '3', numbers.token = 'abc', numbers.labels.x = 'y'"
    )
    run(manager, program(of_source=options))
    assert kept == [0, 3, 6]
    assert seen == {
        "every": 1000,
        "mode": "up",
        "token": Secret("abc"),
        "labels": {"x": "y"},
        "stream": "A",
    }


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ("", "option 'numbers.up.to' is required"),
        ("", "hint: the parameter 'up_to' of numbers"),
        (", numbers.upto = '3'", "did you mean 'numbers.up.to'?"),
        (", numbers.up.to = 'x'", "option 'numbers.up.to' expects an integer, got 'x'"),
        (", numbers.up.to = '3', numbers.step = '0'", "option 'numbers.step' must be at least 1"),
        (", numbers.up.to = '3', format = 'json'", "'numbers' takes no format, it exchanges rows"),
    ],
)
def test_options_are_checked_as_any_others(
    manager: EventFluxManager, options: str, told: str
) -> None:
    @manager.source("numbers")
    async def numbers(up_to: int, step: int = option(1, doc="a step", low=1)) -> Numbers:
        yield (1,)

    keep(manager)
    with pytest.raises(SqlError, match="<sql>:2:") as raised:
        manager.create_app(program(of_source=options))
    assert told in str(raised.value)


def test_options_of_a_sink_stand_behind_its_row(manager: EventFluxManager) -> None:
    kept: list[Any] = []

    @manager.sink("kept")
    async def sink(
        row: Any, context: ConnectorContext, factor: float = 2, prefix: str = ""
    ) -> None:
        kept.append((prefix + context.stream, row.n * factor))

    @manager.source("numbers")
    async def numbers() -> Numbers:
        yield (3,)

    run(manager, program(of_sink=", kept.factor = '1.5', kept.prefix = '>'"))
    assert kept == [(">B", 4.5)]


def test_one_function_may_be_several_connectors(manager: EventFluxManager) -> None:
    async def numbers(first: int = option(1, doc="the first")) -> OnlyForTypes[Any]:
        yield (first,)

    manager.source("one")(numbers)  # type: ignore[type-var]  # an AsyncGenerator to Python
    manager.source("two")(numbers)  # type: ignore[type-var]
    kept = keep(manager)
    run(manager, program("two", ", two.first = '5'"))
    assert kept == [5]
    assert manager.context.source_factory("one").options.specs()[0].name == "one.first"


# What is no such function


def plain() -> None:
    """Nothing."""


def generator() -> Any:
    yield 1


async def coroutine() -> None:
    """Nothing."""


async def generating() -> Numbers:
    yield 1


async def with_rest(*rows: int) -> Numbers:
    yield rows


async def bare(every=1) -> Numbers:  # type: ignore[no-untyped-def]
    yield every


async def listing(hosts: list[str]) -> Numbers:
    yield hosts


async def unreadable(at: OnlyForTypes[int]) -> Numbers:
    yield at


async def misleading(count: int = "many") -> Numbers:  # type: ignore[assignment]
    yield count


@pytest.mark.parametrize(
    ("function", "told"),
    [
        (plain, r"function plain \(.*\) is a plain function; expected an async generator function"),
        (generator, "is a plain generator; expected an async generator function"),
        (coroutine, "is a coroutine function, it has no yield; expected .*\n  hint: `yield` a row"),
        (7, "source 'x': 7 is no function"),
        (with_rest, r"function with_rest \(.*\): parameter '\*rows.*' can't be an option"),
        (bare, "parameter 'every' has no annotation"),
        (listing, r"parameter 'hosts' has type list\[str\], expected str, int"),
        (unreadable, "the annotation of 'at' can't be read: name 'OnlyForTypes' is not defined"),
        (misleading, "parameter 'count' has the default 'many', which is no int"),
    ],
)
def test_what_can_be_no_source_is_refused_where_it_is_declared(
    manager: EventFluxManager, function: Any, told: str
) -> None:
    with pytest.raises(PluginError, match=told):
        manager.source("x")(function)
    assert "x" not in manager.context.source_factories


async def nothing() -> None:
    """Takes nothing."""


@pytest.mark.parametrize(
    ("function", "told"),
    [
        (plain, r"is a plain function; expected a coroutine function\n  hint: write `async def`"),
        (generating, "is a generator, it has a yield; expected .*\n  hint: leave out the `yield`"),
        (nothing, r"function nothing \(.*\) takes nothing\n  hint: its first parameter is the row"),
    ],
)
def test_what_can_be_no_sink_is_refused_where_it_is_declared(
    manager: EventFluxManager, function: Any, told: str
) -> None:
    with pytest.raises(PluginError, match=told):
        manager.sink("x")(function)


@pytest.mark.parametrize("what", ["source", "sink"])
def test_a_decorator_without_a_name_is_refused(manager: EventFluxManager, what: str) -> None:
    told = (
        f"{what} 'generating': the decorator has no name .*\n  hint: write @manager.{what}\\(\"gen"
    )
    with pytest.raises(PluginError, match=told):
        getattr(manager, what)(generating)


def test_names_are_checked_and_taken_once(manager: EventFluxManager) -> None:
    with pytest.raises(PluginError, match="'two words' is no name for a source"):
        manager.source("two words")(generating)
    with pytest.raises(PluginError, match="source 'Timer' is already provided by plugin 'builtin'"):
        manager.source("Timer")(generating)
    with pytest.raises(PluginError, match="formats is 'json', expected a list of names"):
        manager.source("x", formats="json")(generating)


def test_a_cell_of_a_notebook_may_be_run_again(manager: EventFluxManager) -> None:
    for last in (1, 2):

        @manager.source("numbers", replace=True)
        async def numbers(last: int = last) -> Numbers:
            yield (last,)

        @manager.sink("kept", replace=True)
        async def sink(row: Any) -> None:
            """Nothing."""

    kept: list[Any] = keep(manager, replace=True)
    run(manager, program())
    assert kept == [2]


# What goes wrong in a source


def test_what_a_source_raises_names_stream_function_and_line(manager: EventFluxManager) -> None:
    @manager.source("numbers")
    async def numbers() -> Numbers:
        yield (1,)
        raise ValueError("a bug")

    kept = keep(manager)
    with pytest.raises(StreamFailed) as raised:
        run(manager, program())
    line = numbers.__code__.co_firstlineno + 3
    expected = f"source 'A': function numbers raised ValueError: a bug ({__file__}:{line})"
    assert raised.value.message == expected
    assert isinstance(raised.value.__cause__, ValueError)
    assert kept == [1]


@pytest.mark.parametrize("error", [SystemExit(3), asyncio.CancelledError(), GeneratorExit()])
def test_what_is_no_ordinary_exception_fails_in_the_same_way(
    manager: EventFluxManager, error: BaseException
) -> None:
    @manager.source("numbers")
    async def numbers() -> Numbers:
        yield (1,)
        raise error

    keep(manager)
    with pytest.raises(StreamFailed, match=f"function numbers raised {type(error).__name__}"):
        run(manager, program())


def test_a_lost_connection_calls_it_again(
    manager: EventFluxManager, caplog: pytest.LogCaptureFixture
) -> None:
    calls = 0

    @manager.source("numbers")
    async def numbers() -> Numbers:
        nonlocal calls
        calls += 1
        yield (calls,)
        if calls < 3:
            raise Disconnected("the other side hung up")

    kept = keep(manager)
    stats = run(manager, program())
    assert kept == [1, 2, 3]
    assert stats["connectors"]["A"]["reconnects"] == 2
    assert "broke its contract" not in caplog.text


def test_what_refuses_for_good_fails_with_its_hint(manager: EventFluxManager) -> None:
    @manager.source("numbers")
    async def numbers() -> Numbers:
        raise Misconfigured("no such feed", "is it spelled so?")
        yield (1,)

    keep(manager)
    with pytest.raises(StreamFailed, match=r"source 'A': no such feed\n  hint: is it spelled so\?"):
        run(manager, program())


# Stopping, and how far a source gets ahead


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110  # it turns the loop, and waits for no time
            await asyncio.sleep(0)


@pytest.mark.parametrize("where", ["at its yield", "where it waits"])
async def test_a_stop_closes_the_generator_where_it_stands(
    manager: EventFluxManager, where: str
) -> None:
    told: list[str] = []

    @manager.source("numbers")
    async def numbers() -> Numbers:
        try:
            async with asyncio.timeout(60):  # works, for it all runs in one task
                yield (1,)
                if where == "where it waits":
                    await asyncio.Event().wait()
                yield (2,)
                while True:
                    yield (3,)
                    await asyncio.sleep(0)
        finally:
            told.append("closed")

    kept = keep(manager)
    async with manager.create_app(program()):
        await until(lambda: len(kept) > 0)
    assert told == ["closed"]


async def test_a_generator_that_will_not_end_does_not_hold_up_the_stop(
    manager: EventFluxManager, caplog: pytest.LogCaptureFixture
) -> None:
    @manager.source("numbers")
    async def numbers() -> Numbers:
        while True:
            try:
                yield (1,)
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                continue

    kept = keep(manager)
    async with manager.create_app(program()):
        await until(lambda: kept == [1])
    assert kept == [1]


async def test_an_error_while_it_is_closed_is_logged(
    manager: EventFluxManager, caplog: pytest.LogCaptureFixture
) -> None:
    @manager.source("numbers")
    async def numbers() -> Numbers:
        try:
            yield (1,)
            await asyncio.Event().wait()
        finally:
            raise ValueError("a bug in finally")

    kept = keep(manager)
    async with manager.create_app(program()):
        await until(lambda: kept == [1])
    assert "source 'A' (numbers): this program broke its contract: close raised" in caplog.text
    assert "function numbers raised ValueError: a bug in finally" in caplog.text


async def test_it_is_not_resumed_while_there_is_no_room(manager: EventFluxManager) -> None:
    given = 0

    @manager.source("numbers")
    async def numbers() -> Numbers:
        nonlocal given
        while True:
            yield (given,)
            given += 1

    released = asyncio.Event()

    @manager.sink("kept")
    async def sink(row: Any) -> None:
        await released.wait()

    options = ", max.in.flight = '10'"
    limits = {"A.batch.max.messages": "5"}
    app = manager.create_app(program(of_sink=options), overrides=limits)
    async with app:
        await until(lambda: app.stats()["connectors"]["B"]["queued"] >= 10)
        ahead = given
        for _ in range(50):
            await asyncio.sleep(0)
        assert given == ahead <= 40
        released.set()


# Acknowledging


async def test_an_acking_source_goes_on_when_all_is_safe(manager: EventFluxManager) -> None:
    told: list[str] = []

    @manager.source("numbers", acking=True)
    async def numbers() -> Numbers:
        for n in (1, 2):
            yield [(n,), (10 * n,)]
            told.append(f"safe {n}")

    released = asyncio.Event()

    @manager.sink("kept")
    async def sink(row: Any) -> None:
        told.append(f"row {row.n}")
        await released.wait()

    app = manager.create_app(program())
    async with app:
        await until(lambda: told == ["row 1"])
        for _ in range(20):
            await asyncio.sleep(0)
        assert told == ["row 1"]
        released.set()
        await app.await_finished()
    assert told == ["row 1", "row 10", "safe 1", "row 2", "row 20", "safe 2"]
    assert manager.context.source_factory("numbers").kind == "acking"


def test_an_acking_source_is_told_what_was_rejected(manager: EventFluxManager) -> None:
    answers: list[Any] = []

    @manager.source("numbers", acking=True)
    async def numbers() -> Numbers:
        answers.append((yield [(0,), ("bad",), (2,), ("worse",)]))
        answers.append((yield (4,)))

    kept = keep(manager)
    run(manager, program(), overrides={"A.batch.max.messages": "2"})
    assert kept == [0, 2, 4]
    assert answers == [(1, 3), ()]


async def test_what_is_safe_at_a_stop_is_acknowledged(manager: EventFluxManager) -> None:
    told: list[str] = []

    @manager.source("numbers", acking=True)
    async def numbers() -> Numbers:
        while True:
            yield (len(told),)
            await asyncio.sleep(0)  # a broker is told
            told.append("acknowledged")

    entered, released = asyncio.Event(), asyncio.Event()

    @manager.sink("kept")
    async def sink(row: Any) -> None:
        entered.set()
        await released.wait()

    app = manager.create_app(program())
    await app.astart()
    await entered.wait()
    stopping = asyncio.create_task(app.astop())
    await until(lambda: app.state == "stopping")
    assert told == []
    released.set()
    await stopping
    assert told == ["acknowledged"]


async def test_an_acknowledgement_that_fails_at_a_stop_is_logged(
    manager: EventFluxManager, caplog: pytest.LogCaptureFixture
) -> None:
    @manager.source("numbers", acking=True)
    async def numbers() -> Numbers:
        yield (1,)
        raise ValueError("the broker is gone")

    entered, released = asyncio.Event(), asyncio.Event()

    @manager.sink("kept")
    async def sink(row: Any) -> None:
        entered.set()
        await released.wait()

    app = manager.create_app(program())
    await app.astart()
    await entered.wait()
    stopping = asyncio.create_task(app.astop())
    await until(lambda: app.state == "stopping")
    released.set()
    await stopping
    assert "function numbers raised ValueError: the broker is gone" in caplog.text


async def test_what_is_not_safe_at_a_stop_is_not_acknowledged(manager: EventFluxManager) -> None:
    told: list[str] = []

    @manager.source("numbers", acking=True)
    async def numbers() -> Numbers:
        try:
            yield (1,)
            told.append("acknowledged")
        finally:
            told.append("closed")

    @manager.sink("kept")
    async def sink(row: Any) -> None:
        raise ValueError("never")

    app = manager.create_app(program())
    with pytest.raises(EventFluxError, match="never"):
        async with app:
            await app.await_finished()
    assert told == ["closed"]


# What goes wrong in a sink


def failing(manager: EventFluxManager, error: BaseException, **details: Any) -> list[Any]:
    """A source of five numbers, and a sink that raises on the third."""
    kept: list[Any] = []

    @manager.source("numbers")
    async def numbers() -> Numbers:
        yield [(n,) for n in range(5)]

    async def row_sink(row: Any) -> None:
        if row.n == 2:
            raise error
        kept.append(row.n)

    async def batch_sink(rows: list[Any]) -> None:
        raise error

    manager.sink("kept", **details)(batch_sink if details else row_sink)
    return kept


def test_what_a_sink_raises_refuses_its_row_by_name(manager: EventFluxManager) -> None:
    failing(manager, ValueError("no 2"))
    with pytest.raises(StreamFailed, match=r"sink 'B' \(kept\)") as raised:
        run(manager, program())
    assert f"function row_sink raised ValueError: no 2 ({__file__}:" in str(raised.value)


def test_the_error_strategy_decides_what_becomes_of_the_row(manager: EventFluxManager) -> None:
    kept = failing(manager, ValueError("no 2"))
    stats = run(manager, program(of_sink=", error.strategy = 'drop'"))
    assert kept == [0, 1, 3, 4]
    assert stats["connectors"]["B"]["refused"] == 1


def test_what_a_sink_of_batches_raises_refuses_the_batch(manager: EventFluxManager) -> None:
    failing(manager, ValueError("none"), batch=True)
    stats = run(manager, program(of_sink=", error.strategy = 'drop'"))
    assert stats["connectors"]["B"]["refused"] == 5


def test_a_sink_of_batches_refuses_rows_by_their_index(manager: EventFluxManager) -> None:
    @manager.source("numbers")
    async def numbers() -> Numbers:
        yield [(n,) for n in range(5)]

    @manager.sink("kept", batch=True)
    async def sink(rows: list[Any]) -> list[Refusal]:
        return [Refusal(i, "odd", transient=False) for i, row in enumerate(rows) if row.n % 2]

    stats = run(manager, program(of_sink=", error.strategy = 'drop'"))
    assert (stats["connectors"]["B"]["refused"], stats["connectors"]["B"]["confirmed"]) == (2, 3)


def test_a_row_can_be_refused_for_now(manager: EventFluxManager) -> None:
    tries: list[int] = []

    @manager.source("numbers")
    async def numbers() -> Numbers:
        yield [(1,), (2,)]

    @manager.sink("kept")
    async def sink(row: Any) -> Refusal | None:
        tries.append(row.n)
        return Refusal(0, "busy", transient=True) if tries == [1] else None

    run(manager, program(of_sink=", error.retry.initial-delay = '1'"))
    assert tries == [1, 2, 1]


@pytest.mark.parametrize("answer", [7, "no", [Refusal(1, "beyond", transient=False)]])
def test_what_is_no_refusal_is_told(manager: EventFluxManager, answer: Any) -> None:
    @manager.source("numbers")
    async def numbers() -> Numbers:
        yield (1,)

    @manager.sink("kept")
    async def sink(row: Any) -> Any:
        return answer

    with pytest.raises(StreamFailed, match="expected nothing or Refusals with an index below 1"):
        run(manager, program())


def test_a_sink_that_is_disconnected_is_called_again_in_order(manager: EventFluxManager) -> None:
    tries: list[int] = []

    @manager.source("numbers")
    async def numbers() -> Numbers:
        for n in range(6):
            yield (n,)
            await asyncio.sleep(0)

    @manager.sink("kept")
    async def sink(row: Any) -> None:
        tries.append(row.n)
        await asyncio.sleep(0)
        if tries == [0, 1]:
            raise Disconnected("the other side hung up")

    stats = run(manager, program())
    assert stats["connectors"]["B"]["reconnects"] == 1
    again = tries[2:]
    assert again in ([0, 1, 2, 3, 4, 5], [1, 2, 3, 4, 5])
