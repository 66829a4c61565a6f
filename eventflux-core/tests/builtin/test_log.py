"""The log sink."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from eventflux.base.errors import OptionError
from eventflux.builtin.factories import LogSinkFactory
from eventflux.spi import ConnectorContext, SinkBatch

CONTEXT = ConnectorContext("Alerts", "app", ("name", "größe", "ratio"))


async def lines(
    caplog: pytest.LogCaptureFixture, payloads: list[Any], **options: str
) -> list[tuple[str, int, str]]:
    factory = LogSinkFactory()
    parsed = factory.options.parse({f"log.{name}": text for name, text in options.items()})
    sink = factory.create(parsed, CONTEXT)
    await sink.open()
    assert not await sink.send(SinkBatch(payloads))
    await sink.close()
    return caplog.record_tuples


async def test_each_row_is_a_line_by_column(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    assert await lines(caplog, [("a\nb", None, 1.5), ("c", True, float("nan"))]) == [
        (
            "eventflux.stream.Alerts",
            logging.INFO,
            '[LOG] {"name":"a\\nb","größe":null,"ratio":1.5}',
        ),
        ("eventflux.stream.Alerts", logging.INFO, '[LOG] {"name":"c","größe":true,"ratio":null}'),
    ]


async def test_each_payload_is_a_line_as_its_format_wrote_it(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    found = await lines(caplog, [b'{"a":1}', "é\r\nzwei".encode(), b"\xff %s"])
    assert [text for _, _, text in found] == [
        '[LOG] {"a":1}',
        "[LOG] é\\r\\nzwei",
        "[LOG] \\xff %s",
    ]


@pytest.mark.parametrize(
    ("level", "number"),
    [("debug", 10), ("info", 20), ("warn", 30), ("error", 40)],
)
async def test_prefix_and_level(caplog: pytest.LogCaptureFixture, level: str, number: int) -> None:
    caplog.set_level(logging.DEBUG)
    (found,) = await lines(caplog, [b"x"], prefix="[ALERT]", level=level)
    assert found == ("eventflux.stream.Alerts", number, "[ALERT] x")


async def test_a_level_that_nobody_listens_to_logs_nothing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.WARNING)
    assert await lines(caplog, [b"x"]) == []


def test_an_unknown_level_is_refused() -> None:
    with pytest.raises(OptionError, match=r"log\.level"):
        LogSinkFactory.options.parse({"log.level": "loud"})


def test_a_format_is_possible_and_not_needed() -> None:
    assert LogSinkFactory.formats == ("*",)
    assert LogSinkFactory.format_optional
