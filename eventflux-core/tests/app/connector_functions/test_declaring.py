"""Parameters are options, and what can be no connector is refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

import pytest

from eventflux import (
    EventFluxManager,
    PluginError,
    SqlError,
)
from eventflux.spi import (
    ConnectorContext,
    Duration,
    Secret,
    family,
    option,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator as OnlyForTypes

from .programs import Numbers, keep, program, run

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
