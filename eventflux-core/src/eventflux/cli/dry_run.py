"""``run --dry-run``: the same program over files or made-up rows, and nothing outside."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import typer

from eventflux.app.outputs import result_streams
from eventflux.base.errors import StreamFailed
from eventflux.base.rows import Row
from eventflux.base.side_streams import owner_of
from eventflux.base.suggest import did_you_mean
from eventflux.cli.exits import Exit, exit_for
from eventflux.cli.inputs import read_rows
from eventflux.cli.logs import log_summary
from eventflux.cli.output import JsonWriter, RowWriter, TableWriter
from eventflux.cli.program import load
from eventflux.cli.seeded import seeded_rows
from eventflux.cli.signals import StopSignals
from eventflux.runtime.loops import new_event_loop

if TYPE_CHECKING:
    from eventflux.app import AppRuntime
    from eventflux.planner.plan import Plan, Stream

FeedRow: TypeAlias = tuple[str, dict[str, Any]]
"""The name of a stream and a row for it."""

_CHUNK = 256


def dry_run(
    file: Path,
    set_options: list[str] | None,
    config: Path | None,
    files: Mapping[str, str],
    output: Literal["table", "json"],
) -> Exit:
    """Run the program of ``file`` over ``files`` (paths by stream), or made-up rows.

    Raises:
        EventFluxError: the program is wrong, or a row of a file.
        typer.BadParameter: a stream or a file of the input is not there.
        BrokenPipeError: who read the rows has gone.
    """
    app = load(file, set_options, config, replace_external=True)
    inputs = _check_inputs(app.plan, files)
    schemas = {stream.name: stream.schema for stream in result_streams(app.plan)}
    kind = JsonWriter if output == "json" else TableWriter
    writer: RowWriter = kind(schemas, sys.stdout)
    broken: list[BrokenPipeError] = []
    for name in schemas:
        app.on(name, partial(_write, writer, name, broken), batch=True)
    rows = itertools.takewhile(lambda _: not broken, _rows(app.plan, inputs))
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        runner.run(_feed(app, rows))
    if broken:
        raise broken[0]
    writer.close()
    sys.stdout.flush()
    log_summary(app.stats())
    return Exit.DONE if app.failure is None else exit_for(app.failure)


def _write(
    writer: RowWriter, name: str, broken: list[BrokenPipeError], rows: Sequence[Row]
) -> None:
    """Write result rows, until their reader has gone: then the run is over."""
    if not broken:
        try:
            writer.write(name, rows)
        except BrokenPipeError as error:
            broken.append(error)


async def _feed(app: AppRuntime, rows: Iterator[FeedRow]) -> None:
    """Send the rows, then close all windows, as at the end of a finite input."""
    signals = StopSignals()
    await app.astart()
    try:
        for stream, chunk in _chunks(rows):
            if signals.asked.is_set():
                break
            await app.input(stream).asend_many(chunk)
    except StreamFailed:
        pass  # kept in app.failure, and logged
    finally:
        await app.astop(flush=True)


def _fed(plan: Plan) -> list[Stream]:
    """The streams that get their rows from outside, or from a program."""
    return [
        stream
        for stream in plan.streams.values()
        if stream.role == "source"
        or (
            stream.role == "internal"
            and not plan.writers(stream.name)
            and owner_of(stream.name) is None
            and stream.trigger is None
        )
    ]


def _check_inputs(plan: Plan, files: Mapping[str, str]) -> dict[str, Path]:
    known = {stream.name for stream in _fed(plan)}
    for name, file in files.items():
        if name not in known:
            raise typer.BadParameter(
                f"{name!r} is no stream that takes input; {did_you_mean(name, known)}",
                param_hint="--input",
            )
        if not Path(file).is_file():
            raise typer.BadParameter(f"there is no file {file!r}", param_hint="--input")
    return {name: Path(file) for name, file in files.items()}


def _warn(text: str) -> None:
    print(f"warning: {text}", file=sys.stderr)


def _rows(plan: Plan, files: Mapping[str, Path]) -> Iterator[FeedRow]:
    """All input rows: those of the files, or made-up ones where there is no file at all."""
    feeds: list[Iterable[FeedRow]] = []
    streams = {stream.name: stream for stream in _fed(plan)}
    if files:
        for name in streams.keys() - files.keys():
            _warn(f"stream {name!r} gets no rows: there is no --input for it")
        for name, path in files.items():
            feeds.append(_named(name, read_rows(path, streams[name].schema, _warn)))
    else:
        for stream in streams.values():
            rows = seeded_rows(stream.name, stream.schema, stream.event_time)
            feeds.append(_named(stream.name, rows))
            _warn(f"stream {stream.name!r} gets {len(rows)} made-up rows: there is no --input")
    if all(streams[name].event_time is not None for name in files or streams):
        return heapq.merge(*feeds, key=partial(_event_time, streams))
    return itertools.chain.from_iterable(feeds)


def _named(name: str, rows: Iterable[dict[str, Any]]) -> Iterator[FeedRow]:
    return ((name, row) for row in rows)


def _event_time(streams: Mapping[str, Stream], feed_row: FeedRow) -> int:
    """What several inputs are merged by: the event time, where the row has one."""
    name, row = feed_row
    time = row.get(streams[name].event_time or "")
    return time if isinstance(time, int) else 0


def _chunks(rows: Iterator[FeedRow]) -> Iterator[tuple[str, Sequence[dict[str, Any]]]]:
    """Neighbouring rows of one stream together, up to some hundred."""
    for stream, group in itertools.groupby(rows, key=lambda feed_row: feed_row[0]):
        while chunk := [row for _, row in itertools.islice(group, _CHUNK)]:
            yield stream, chunk
