"""The batch shape: logical batches, list in and list out, one reader after the other.

It serves ``send_batch`` and everything downstream of a window's flush (semantics 0.3).
Each stream has a function ``batch_<stream>(rows, times, places)``: the rows of one logical
batch with the event time and the place of each. Each window has ``flush_<query>(start,
end)``, which makes the batch of its contents and hands it on.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from eventflux.compiler.aggregates import results, write_merge
from eventflux.compiler.batch_windows import Entering, write_entry
from eventflux.compiler.bodies import (
    counts_name,
    failing_alone,
    failing_fired,
    passing,
    window_name,
    with_time,
    write_title,
)
from eventflux.compiler.clauses import BatchRows
from eventflux.compiler.collecting import collect_batch
from eventflux.compiler.environment import Environment, ManyWindows, Writer
from eventflux.compiler.expired import ExpiredRows
from eventflux.compiler.flushes import Flush
from eventflux.compiler.folding import groups_name, key_text, key_variables
from eventflux.compiler.forever import write_forget
from eventflux.compiler.pieces import Scope, Variable
from eventflux.compiler.pipeline import Pipeline
from eventflux.compiler.places import Arrival, mark_of
from eventflux.compiler.running import write_running
from eventflux.compiler.sliding import Then, write_leave, write_slide
from eventflux.compiler.snapshots import write_end, write_snapshot
from eventflux.compiler.source import Source, cold
from eventflux.compiler.ticks import write_note
from eventflux.compiler.waiting import write_wait
from eventflux.operators.external_batches import ExternalBatches
from eventflux.operators.length_batch import ChangingBatch
from eventflux.operators.sessions import Sessions
from eventflux.planner.expressions import EVENT_TIME


class BatchFunctions:
    """The source of the batch functions of some streams and the flushes of some windows."""

    def __init__(self, env: Environment, streams: Iterable[str], windows: bool) -> None:
        """Write the functions for ``streams`` and all that is downstream of them, and with
        ``windows`` the flush of every window of the app."""
        self.env = env
        self.writer = Writer(env)
        self.source = Source(self.writer.names)
        self.functions: dict[str, str] = {}
        """The name of each stream's batch function."""
        self.flushes: dict[int, str] = {}
        """The name of the flush function of each window, by the index of its query."""
        self.merges: dict[int, str] = {}
        """That of the function that merges groups, of those windows that need it."""
        self.leaves: dict[int, str] = {}
        """That of the function that takes out what time has made leave, likewise."""
        self.ends: dict[int, str] = {}
        """That of the function that ends a window whose snapshots are given, likewise."""
        self.departures: dict[int, str] = {}
        """That of the function that gives the rows that time makes leave, likewise."""
        fired = [p for p in env.graph.pipelines if p.fired_from] if windows else []
        flushed = [p for p in fired if p.held_back]
        given = [p.query.target for p in env.graph.pipelines if p.gives_batches] if windows else []
        for stream in (*streams, *given):
            self._function_for(stream)
        for pipeline in flushed:
            if pipeline.tells_window:
                self._write_snapshot(pipeline)
            else:
                self._write_flush(pipeline)
            self._write_beside(pipeline)
        for pipeline in fired:
            if pipeline.gives_departures:
                self._write_departures(pipeline)

    def _function_for(self, stream: str) -> str:
        """The name of a stream's batch function, written with those downstream if needed."""
        if stream not in self.functions:
            self.functions[stream] = self.writer.names.fresh(f"batch_{stream}")
            for pipeline in self.env.graph.readers(stream):
                if not pipeline.held_back:
                    self._function_for(pipeline.query.target)
            self._write_stream(stream)
        return self.functions[stream]

    def _write_stream(self, stream: str) -> None:
        names, source = self.writer.names, self.source
        rows, times, places = names.fresh("rows"), names.fresh("times"), names.fresh("places")
        with source.block(f"def {self.functions[stream]}({rows}, {times}, {places}):"):
            collect_batch(source, self.writer, stream, rows, times)
            for pipeline in self.env.graph.readers(stream):
                write_title(source, pipeline)
                body = Source(names)
                _Reader(self, body, pipeline).write(rows, times, places)
                source.include(body)

    def names(self) -> tuple[str, ...]:
        """Those of all functions that are called from outside."""
        return tuple(
            name
            for named in (
                self.functions, self.flushes, self.merges, self.leaves, self.ends, self.departures,
            )
            for name in named.values()
        )  # fmt: skip

    def _write_flush(self, pipeline: Pipeline) -> None:
        names, source = self.writer.names, self.source
        name = self.flushes[pipeline.index] = names.fresh(f"flush_{pipeline.query.name}")
        bounds: tuple[str, str] | None = None
        place = names.fresh("place")
        parameters = place
        if pipeline.flushed_by_time:
            bounds = names.fresh("start"), names.fresh("end")
            parameters = ", ".join(bounds)
        out, times = names.fresh("out"), names.fresh("times")
        write_title(source, pipeline)
        pane: tuple[str, str] | None = None
        operator = self.env.live.operators[pipeline.index]
        panes = ManyWindows | ChangingBatch
        if isinstance(operator, panes) or pipeline.ticks or pipeline.waits:
            pane = names.fresh("pane"), names.fresh("first")
            parameters = ", ".join((parameters, *pane))
        with source.block(f"def {name}({parameters}):"):
            body = Source(names)
            flush = Flush(self.writer, body, pipeline, bounds, place, out, times, pane)
            write_forget(body, self.writer, pipeline, place if bounds is None else bounds[1])
            if pipeline.waits:
                flush.write_waited(place)
            elif pipeline.gives_groups:
                flush.write_groups()
            else:
                if pipeline.gives_current:
                    flush.write_rows()
                if pipeline.gives_batches_expired:
                    flush.write_left()
            with body.block(f"if {out}:"):
                places = times if bounds is not None else f"[{place}] * len({out})"
                if pipeline.waits:
                    places = f"[{place} - 1] * len({out})"
                elif bounds is not None and (
                    isinstance(operator, ExternalBatches) or pipeline.gives_early
                ):
                    window = window_name(self.writer, pipeline)
                    places = f"[{window}.place] * len({out})"
                body.line(f"{counts_name(self.writer, pipeline)}.fired += len({out})")
                body.line(f"{self.functions[pipeline.query.target]}({out}, {times}, {places})")
            source.include(body)

    def _write_snapshot(self, pipeline: Pipeline) -> None:
        """What gives all that a window holds, and what is done at its end."""
        query, names = pipeline.query, self.writer.names
        name = self.flushes[pipeline.index] = names.fresh(f"snapshot_{query.name}")
        write_title(self.source, pipeline)
        target = self.functions[query.target]
        write_snapshot(self.source, self.writer, pipeline, name, target)
        if pipeline.in_batches:
            end = self.ends[pipeline.index] = names.fresh(f"end_{query.name}")
            write_end(self.source, self.writer, pipeline, end)

    def _write_beside(self, pipeline: Pipeline) -> None:
        """What else a window calls."""
        names, source = self.writer.names, self.source
        operator = self.env.live.operators[pipeline.index]
        if isinstance(operator, Sessions) and pipeline.layout is not None:
            merge = self.merges[pipeline.index] = names.fresh(f"merge_{pipeline.query.name}")
            into, other = names.fresh("into"), names.fresh("other")
            with source.block(f"def {merge}({into}, {other}):"):
                source.line("pass")
                write_merge(source, pipeline.layout, into, other)

        if pipeline.ticks and pipeline.leaves_by_clock:
            leave = self.leaves[pipeline.index] = names.fresh(f"leave_{pipeline.query.name}")
            now = names.fresh("now")
            with source.block(f"def {leave}({now}):"):
                write_leave(source, self.writer, pipeline, now)

    def _write_departures(self, pipeline: Pipeline) -> None:
        """The function that has rows leave at a moment: each is a batch of one, there and then."""
        names, source = self.writer.names, self.source
        name = self.departures[pipeline.index] = names.fresh(f"depart_{pipeline.query.name}")
        now = names.fresh("now")

        lists = [names.fresh(n) for n in ("out", "times", "places")]
        out = BatchRows(self.writer, pipeline, lists[0], lists[1:])
        counts = counts_name(self.writer, pipeline)

        def give(scope: Scope) -> None:
            out.start(body)
            with failing_fired(body, self.writer, pipeline):
                out.append(body, scope, (now, now), f"{counts}.fired_filtered += 1")
            out.arrange(body, counts, "fired_dropped", taken=False)
            with body.block(f"if {lists[0]}:"):
                body.line(f"{counts}.fired += 1")
                target = self.functions[pipeline.query.target]
                body.line(f"{target}({', '.join(lists)})")

        write_title(source, pipeline)
        with source.block(f"def {name}({now}):"):
            body = Source(names)
            write_leave(body, self.writer, pipeline, now, give)
            source.include(body)


class _Reader:
    """What one query makes of a logical batch of its input."""

    def __init__(self, functions: BatchFunctions, source: Source, pipeline: Pipeline) -> None:
        self.functions = functions
        self.writer = functions.writer
        self.source = source
        self.pipeline = pipeline

    def write(self, rows: str, times: str, places: str) -> None:
        names, source, pipeline = self.writer.names, self.source, self.pipeline
        row, time, place = names.fresh("row"), names.fresh("time"), names.fresh("place")
        out, out_times, out_places = (names.fresh(n) for n in ("out", "out_times", "out_places"))
        self.out = BatchRows(self.writer, pipeline, out, (out_times, out_places))
        self.touched, self.taken = names.fresh("touched"), names.fresh("taken")
        self.expired: ExpiredRows | None = None
        if pipeline.gives_expired:
            lists = out, out_times, out_places
            self.expired = ExpiredRows(self.writer, pipeline, self.out, *lists)
        running = pipeline.aggregate is not None and not pipeline.held_back
        counted = pipeline.turns_rows_away or running
        if counted:
            source.line(f"{self.taken} = 0")
        if not pipeline.held_back:
            self.out.start(source)
            if pipeline.aggregate is not None:
                source.line(f"{self.touched} = {{}}")
            if self.expired is not None:
                self.expired.start(source)
        mark, undo = names.fresh("mark"), ""
        with source.block(f"for {row}, {time}, {place} in zip({rows}, {times}, {places}):"):
            if pipeline.unnest is not None:
                source.line(f"{mark} = len({out})")
                undo = f"{self.out.cut_back(mark)}; "
            columns = self.writer.loads(source, pipeline.query.source, row)
            fail = self.writer.bind("fail", self.writer.env.fail)
            read = with_time(Scope(columns), time)
            with (
                failing_alone(
                    source, pipeline, f"{undo}{fail}({pipeline.index}, {cold(row)}, error)"
                ),
                passing(source, self.writer, pipeline.before, read) as scope,
            ):
                self._take(scope, row, time, place, counted)
        apart = pipeline.unnest is not None
        counted = counted or apart or pipeline.clauses.arrange
        counts = counts_name(self.writer, pipeline) if counted else ""
        if pipeline.turns_rows_away:
            source.line(f"{counts}.taken += {self.taken}")
        if pipeline.held_back:
            return
        if running and pipeline.gives_current:
            self._write_touched()
        if apart:
            self.out.arrange(source, counts, "fired_dropped", taken=False)
            source.line(f"{counts}.fired += len({out})")
        else:
            self.out.arrange(source, counts, "dropped", taken=pipeline.turns_rows_away)
        if self.expired is not None:
            self.expired.finish(source)
        with source.block(f"if {out}:"):
            target = self.functions.functions[pipeline.query.target]
            source.line(f"{target}({out}, {out_times}, {out_places})")

    def _take(self, scope: Scope, row: str, time: str, place: str, counted: bool) -> None:
        """What a row that passed the filters before any window does."""
        source, writer, pipeline = self.source, self.writer, self.pipeline

        def count() -> None:
            if counted:
                source.line(f"{self.taken} += 1")

        marked = pipeline.index in writer.env.live.followed
        mark = mark_of(writer, pipeline) if marked else ""
        arrival = Arrival(row, place, time, mark, in_order=False)
        if pipeline.in_batches:
            write_entry(Entering(source, writer, pipeline, scope, arrival, count))
            return
        if pipeline.waits:
            write_wait(source, writer, pipeline, scope, arrival, count)
            return

        def then(entered: Scope) -> None:
            if pipeline.ticks:
                write_note(source, writer, pipeline, place, *(key.text for key in entered.keys))
            elif pipeline.aggregate is None and pipeline.gives_current:
                rejected = f"{self.taken} -= 1" if counted else ""
                self.out.append(source, entered, (time, place), rejected)
            elif pipeline.gives_current:
                source.line(f"{self.touched}[{key_text(entered.keys)}] = ({row}, {time}, {place})")
            count()

        if pipeline.ticks:
            scope = with_time(scope, time)
        if pipeline.window is not None:
            left: Then | None = None
            if self.expired is not None:
                left = partial(self.expired.leave, source, time=time, place=place)
            write_slide(source, writer, pipeline, scope, arrival, then, left)
        elif pipeline.aggregate is not None:
            then(write_running(source, writer, pipeline, scope, arrival))
        else:
            then(scope)

    def _write_touched(self) -> None:
        """One row for each group that the batch touched, of the group's last row."""
        names, source, pipeline = self.writer.names, self.source, self.pipeline
        assert pipeline.aggregate is not None
        assert pipeline.layout is not None
        key, group = names.fresh("key"), names.fresh("group")
        row, time, place = names.fresh("row"), names.fresh("time"), names.fresh("place")
        groups = groups_name(self.writer, pipeline)
        counts = counts_name(self.writer, pipeline)
        source.line(f"{counts}.merged += {self.taken} - len({self.touched})")
        with source.block(f"for {key}, ({row}, {time}, {place}) in {self.touched}.items():"):
            if pipeline.leaving == "never" and not pipeline.expires:
                source.line(f"{group} = {groups}[{key}]")
            elif pipeline.may_leave_at_once:
                new = self.writer.group_type(pipeline)
                source.line(f"{group} = {groups}.get({key}) or {new}()")
            else:
                source.line(f"{group} = {groups}.get({key})")
                with source.block(f"if {group} is None:"):
                    source.line(f"{counts}.merged += 1")
                    source.line("continue")
            columns = self.writer.loads(source, pipeline.query.source, row)
            scope = Scope(
                columns={**columns, EVENT_TIME.name: Variable(time, False)},
                keys=key_variables(pipeline, key),
                aggregates=results(pipeline.layout, group, names),
                not_null=pipeline.not_null,
            )
            fail = self.writer.bind("fail", self.writer.env.fail)
            not_taken = f"{counts}.taken -= 1" if pipeline.turns_rows_away else ""
            failing = f"{fail}({pipeline.index}, {row}, error)"
            if not_taken:
                failing = f"{not_taken}; {failing}"
            with failing_alone(source, pipeline, failing):
                self.out.append(source, scope, (time, place), not_taken)
