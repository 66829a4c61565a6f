"""The console source and sink, over pipes and files in place of the real ones."""

from __future__ import annotations

import asyncio
import contextlib
import io
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from eventflux.builtin.factories import ConsoleSinkFactory, ConsoleSourceFactory
from eventflux.spi import (
    ConnectorContext,
    EndOfStream,
    Misconfigured,
    ReceiveLimits,
    Sink,
    SinkBatch,
    Source,
)


def source(stream: str = "Lines") -> Source:
    factory = ConsoleSourceFactory()
    return factory.create(factory.options.parse({}), ConnectorContext(stream, "app"))


def sink() -> Sink:
    factory = ConsoleSinkFactory()
    return factory.create(factory.options.parse({}), ConnectorContext("Out", "app"))


async def read_all(reader: Source, limits: ReceiveLimits | None = None) -> list[list[bytes]]:
    batches: list[list[bytes]] = []
    while True:
        try:
            batch = await asyncio.wait_for(reader.receive(limits or ReceiveLimits()), 10)
        except EndOfStream:
            return batches
        batches.append(list(batch.payloads))


@pytest.fixture
def stdin(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """The writing end of a pipe that stands for standard input."""
    read_end, write_end = os.pipe()
    with os.fdopen(read_end) as file:
        monkeypatch.setattr(sys, "stdin", file)
        yield write_end
    with contextlib.suppress(OSError):  # the test may have closed it
        os.close(write_end)


async def test_each_line_is_a_payload_until_the_input_ends(stdin: int) -> None:
    reader = source()
    await reader.open(None)
    os.write(stdin, b'{"a":1}\r\n\n{"a":2}\nno line end')
    os.close(stdin)
    assert await read_all(reader) == [[b'{"a":1}', b'{"a":2}'], [b"no line end"]]
    await reader.close()


async def test_a_line_that_comes_in_pieces_is_one_payload(stdin: int) -> None:
    reader = source()
    await reader.open(None)
    receiving = asyncio.create_task(reader.receive(ReceiveLimits()))
    for piece in (b"on", b"e line", b"\nand"):
        os.write(stdin, piece)
        await asyncio.sleep(0.001)
    assert (await asyncio.wait_for(receiving, 10)).payloads == [b"one line"]
    os.close(stdin)
    assert await read_all(reader) == [[b"and"]]
    await reader.close()


async def test_waiting_for_a_line_does_not_hold_the_loop(stdin: int) -> None:
    reader = source()
    await reader.open(None)
    with pytest.raises(asyncio.TimeoutError):
        await asyncio.wait_for(reader.receive(ReceiveLimits()), 0.01)
    os.write(stdin, b"late\n")
    assert (await asyncio.wait_for(reader.receive(ReceiveLimits()), 10)).payloads == [b"late"]
    await reader.close()


async def test_limits_cut_what_was_read(stdin: int) -> None:
    reader = source()
    await reader.open(None)
    os.write(stdin, b"aaaa\nbbbb\ncccc\n" + b"d" * 50 + b"\n")
    os.close(stdin)
    assert await read_all(reader, ReceiveLimits(messages=2, bytes=10)) == [
        [b"aaaa", b"bbbb"],
        [b"cccc"],
        [b"d" * 50],
    ]
    await reader.close()


@pytest.mark.parametrize("content", [b"", b"a\nb\n", b"x" * 300_000 + b"\ny"])
async def test_a_file_is_read_to_its_end(
    content: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "input"
    path.write_bytes(content)
    with path.open() as file:
        monkeypatch.setattr(sys, "stdin", file)
        reader = source()
        await reader.open(None)
        found = [line for batch in await read_all(reader) for line in batch]
        await reader.close()
    assert found == [line for line in content.split(b"\n") if line]


async def test_two_streams_do_not_share_standard_input(stdin: int) -> None:
    first, second = source("First"), source("Second")
    await first.open(None)
    with pytest.raises(Misconfigured, match="already read by stream 'First'"):
        await second.open(None)
    await second.close()
    await first.close()
    await second.open(None)
    await second.close()


async def test_no_standard_input_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(Misconfigured, match="standard input is not open"):
        await source().open(None)


# Sink


@contextlib.contextmanager
def standard_output() -> Iterator[int]:
    """The reading end of a pipe that stands for standard output.

    Not a fixture: pytest's own capture would come between setup and test.
    """
    read_end, write_end = os.pipe()
    with os.fdopen(write_end, "w") as file, pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stdout", file)
        yield read_end
    with contextlib.suppress(OSError):  # a test may have closed it
        os.close(read_end)


async def test_each_payload_is_a_line() -> None:
    with standard_output() as stdout:
        writer = sink()
        await writer.open()
        assert not await writer.send(SinkBatch([b'{"a":1}', b'{"a":2}']))
        assert os.read(stdout, 100) == b'{"a":1}\n{"a":2}\n'
        await writer.close()


async def test_what_was_printed_before_comes_first() -> None:
    with standard_output() as stdout:
        print("header")
        writer = sink()
        await writer.open()
        await writer.send(SinkBatch([b"row"]))
        assert os.read(stdout, 100) == b"header\nrow\n"


async def test_a_slow_reader_holds_the_sends_and_not_the_loop() -> None:
    with standard_output() as stdout:
        writers = [sink(), sink()]
        for writer in writers:
            await writer.open()
        batches = [[b"%d" % n + letter * 20_000 for n in range(10)] for letter in (b"a", b"b")]
        sends = [
            asyncio.create_task(writer.send(SinkBatch(batch)))
            for writer, batch in zip(writers, batches, strict=True)
        ]
        await asyncio.sleep(0.01)
        assert not any(send.done() for send in sends)  # a pipe holds 64 KiB
        received = b""
        expected = b"".join(line + b"\n" for batch in batches for line in batch)
        while len(received) < len(expected):
            received += await asyncio.to_thread(os.read, stdout, 65536)
        assert received == expected  # whole lines, one batch after the other
        assert [list(refused) for refused in await asyncio.gather(*sends)] == [[], []]


async def test_a_reader_that_went_away_refuses_what_it_did_not_get() -> None:
    with standard_output() as stdout:
        writer = sink()
        await writer.open()
        os.close(stdout)
        refused = await writer.send(SinkBatch([b"1", b"2"]))
        assert [(r.index, r.transient) for r in refused] == [(0, False), (1, False)]
        assert "standard output can't be written" in refused[0].reason


async def test_lines_that_were_written_are_not_refused() -> None:
    with standard_output() as stdout:
        writer = sink()
        await writer.open()
        sending = asyncio.create_task(writer.send(SinkBatch([b"short", b"x" * 200_000, b"last"])))
        await asyncio.sleep(0.01)
        os.close(stdout)
        refused = await asyncio.wait_for(sending, 10)
        assert [r.index for r in refused] == [1, 2]


async def test_a_file_takes_everything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "output"
    with path.open("w") as file:
        monkeypatch.setattr(sys, "stdout", file)
        writer = sink()
        await writer.open()
        await writer.send(SinkBatch([b"x" * 100_000, b"y"]))
    assert path.read_bytes() == b"x" * 100_000 + b"\ny\n"


async def test_an_output_without_descriptor_gets_text(monkeypatch: pytest.MonkeyPatch) -> None:
    notebook = io.StringIO()
    monkeypatch.setattr(sys, "stdout", notebook)
    writer = sink()
    await writer.open()
    await writer.send(SinkBatch(["é".encode(), b"\xff"]))
    assert notebook.getvalue() == "é\n\\xff\n"


async def test_no_standard_output_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    closed: Any = io.StringIO()
    closed.close()
    monkeypatch.setattr(sys, "stdout", closed)
    with pytest.raises(Misconfigured, match="standard output is not open"):
        await sink().open()
