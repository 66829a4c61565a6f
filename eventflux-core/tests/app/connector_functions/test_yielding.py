"""What a source yields."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from eventflux import (
    EventFluxManager,
    StreamFailed,
)

from .programs import Numbers, keep, program, run


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
