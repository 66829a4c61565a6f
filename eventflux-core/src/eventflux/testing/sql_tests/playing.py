"""Runs tests: each on an app of its own with a virtual clock, nothing outside being touched."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import Any

from eventflux.app.modules_beside import find_modules_in
from eventflux.app.settings import has_event_time
from eventflux.base.error_columns import errors_of
from eventflux.base.errors import EventFluxError, UsageError
from eventflux.base.timestamps import timestamp_text
from eventflux.spi.registry import Registry
from eventflux.testing.app_runner import AppRunner, Revision
from eventflux.testing.sql_tests.asserting import Given, Moment
from eventflux.testing.sql_tests.binding import (
    BoundAssert,
    BoundInsert,
    BoundStatement,
    BoundTest,
    bind,
)
from eventflux.testing.sql_tests.cuts import AS_WRITTEN, OTHERS, Rows, Times, sizes, steps
from eventflux.testing.sql_tests.differences import Line
from eventflux.testing.sql_tests.failures import TestFailed
from eventflux.testing.sql_tests.statements import (
    Action,
    Advance,
    App,
    Command,
    Expected,
    SqlTest,
)
from eventflux.testing.sql_tests.values import counted


def run_test(test: SqlTest, context: Registry | None = None) -> None:
    """Run a test as it is written, then with its rows cut into other steps.

    Args:
        context: connectors, mappers and functions that the program can name; by default those of
            the installed plugins.

    Raises:
        TestFailed: it does not give what it says.
        EventFluxError: its app can't be made, or has no such streams and columns.
    """
    runner = _first_runner(test, context)
    if runner is None:
        return
    bound = bind(test, runner.plan)
    start = partial(_start, test.app, context)
    times: Times = {}
    _Play(test, bound, runner, start).play(bound.statements, times)
    played = [sizes(steps(bound.statements, AS_WRITTEN, times))]
    for cut in OTHERS:
        cut_steps = steps(bound.statements, cut, times)
        if sizes(cut_steps) in played:
            continue
        played.append(sizes(cut_steps))
        try:
            _Play(test, bound, start(), start).play(cut_steps, times)
        except TestFailed as failed:
            failed.cut = cut.name
            raise


def _start(app: App, context: Registry | None) -> AppRunner:
    find_modules_in(app.folder)
    return AppRunner(app.sql, context=context, config=app.config, file=app.file)


def _first_runner(test: SqlTest, context: Registry | None) -> AppRunner | None:
    """The app, or ``None`` where it has the error that is expected."""
    expected = test.app.expected
    try:
        runner = _start(test.app, context)
    except EventFluxError as error:
        if expected is None:
            raise
        _check_error(test, expected, [str(error)])
        return None
    if expected is not None:
        _check_error(test, expected, [])
    return runner


def _check_error(test: SqlTest, expected: Expected, texts: Sequence[str]) -> None:
    """Compare the errors that came with the one that was expected."""
    if any(expected.text in " ".join(text.split()) for text in texts):
        return
    told = f"expected an error with {expected.text!r}"
    if not texts:
        raise TestFailed(test, expected.start, f"{told}, none came")
    lines = [Line("+", line) for text in texts for line in text.splitlines()]
    raise TestFailed(test, expected.start, f"{told}, another came", lines=lines, what="errors")


class _Play:
    """One run of a test."""

    def __init__(
        self, test: SqlTest, bound: BoundTest, runner: AppRunner, start: Callable[[], AppRunner]
    ) -> None:
        self._test = test
        self._start = start
        self._bound = bound
        self._given = Given(test, bound.columns)
        self._failed_seen: dict[str, int] = {}
        """How many rows of each stream of errors have been looked at."""
        self._revision: Revision | None = None
        self._now = 0
        """The time while the app is down."""
        self._begun = False
        """Whether the clock goes."""
        self._commands: dict[str, Callable[[], object]] = {
            "CHECKPOINT": self._checkpoint,
            "CRASH": self._crash,
            "RESTORE": self._restore,
            "STOP": lambda: self._up.stop(),
        }
        self._runner: AppRunner | None = None
        """The app, while it is up."""
        self._run(runner)

    def play(self, todo: Sequence[BoundStatement | Rows], times: Times) -> None:
        """Do everything in order; ``times`` takes those of INSERTs that are as written.

        Raises:
            TestFailed: something else comes of it than the test says.
        """
        try:
            for step in todo:
                self._step(step, times)
        finally:
            self._discard()

    def _step(self, step: BoundStatement | Rows, times: Times) -> None:
        match step:
            case Rows():
                insert = step.insert.statement
                stream = insert.stream.text
                self._do(insert, lambda: self._up.send_many(stream, step.rows, step.times))
            case BoundInsert():
                self._insert(step, times)
            case Advance():
                self._do(step, lambda: self._advance(step))
            case Command():
                self._do(step, self._commands[step.word])
            case BoundAssert():
                self._assert(step)

    @property
    def _up(self) -> AppRunner:
        assert self._runner is not None, "the file was read with an eye on where the app is down"
        return self._runner

    # What makes something happen

    def _insert(self, bound: BoundInsert, times: Times) -> None:
        insert = bound.statement
        if bound.problem is not None:
            assert insert.expected is not None, "else binding raises"
            _check_error(self._test, insert.expected, [bound.problem.message])
            return
        at = None
        if insert.at is not None:
            times[insert.start] = insert.at.on(self._up.now_ms())
            at = [times[insert.start]] * len(bound.rows)
        self._do(insert, lambda: self._up.send_many(insert.stream.text, bound.rows, at))

    def _advance(self, advance: Advance) -> None:
        now = self._now if self._runner is None else self._runner.now_ms()
        to = advance.to.on(now)
        if self._begun and to < now:
            raise UsageError(
                f"the clock shows {timestamp_text(now)} already, and time never goes back",
                "rows may be late: INSERT … AT takes any time",
            )
        if self._runner is None:
            self._now = to
        elif advance.to.relative:
            self._runner.sleep(advance.to.ms)
        else:
            self._runner.advance_to(to)

    def _checkpoint(self) -> None:
        self._revision = self._up.persist()

    def _crash(self) -> None:
        """What the app gave has been given; what it holds is gone."""
        self._given.pull(self._up)
        self._now = self._up.now_ms()
        self._discard()

    def _restore(self) -> None:
        """Go on from the last checkpoint, at the time that it is by now: timers that became due
        meanwhile fire, but where rows move the clock, which waits for them."""
        runner = self._start()
        self._run(runner)
        if self._revision is not None:
            runner.restore(self._revision)
            runner.start()  # what triggers do at each start
        if not has_event_time(runner.settings):
            runner.advance_to(self._now)

    def _run(self, runner: AppRunner) -> None:
        self._runner = runner
        self._failed_seen = {}
        self._given.watch(runner)

    def _discard(self) -> None:
        """End the app without what its stop would do to windows."""
        if self._runner is not None:
            self._runner.clear_state()
            with suppress(EventFluxError):
                self._runner.close()
        self._runner = None

    # Errors

    def _do(self, action: Action, act: Callable[[], object]) -> None:
        """Do something, and look for errors in what comes of it."""
        raised: list[str] = []
        try:
            act()
        except EventFluxError as error:
            raised = [str(error)]
        self._begun = self._begun or not isinstance(action, Command)
        failed, unread = self._failed_rows()
        if action.expected is not None:
            _check_error(self._test, action.expected, raised + failed)
        elif raised:
            first, *others = raised[0].splitlines()
            hints = [line.strip().removeprefix("hint: ") for line in others]
            self._fail(action, f"an error that was not expected: {first}", hints)
        elif unread:
            count = counted(len(unread), "row")
            hint = f"if that shall be so, write EXPECT ERROR '…' before this {_called(action)}"
            self._fail(action, f"{count} failed, which was not expected: {unread[0]}", [hint])

    def _failed_rows(self) -> tuple[list[str], list[str]]:
        """The errors of rows since the last call; and those of streams where neither the program
        nor the test does anything about them."""
        found: list[str] = []
        unread: list[str] = []
        if self._runner is None:
            return found, unread
        for stream in self._runner.plan.streams:
            name = errors_of(stream)
            if name not in self._bound.columns:
                continue
            seen = self._failed_seen.get(name, 0)
            texts = [_told(row, self._names(name)) for row in self._runner.rows(name)[seen:]]
            self._failed_seen[name] = seen + len(texts)
            found += texts
            if texts and name not in self._bound.read and not _dead_letters(self._runner, stream):
                unread += texts
        return found, unread

    def _names(self, stream: str) -> list[str]:
        return [column.name for column in self._bound.columns[stream]]

    def _fail(self, action: Action, message: str, hints: Sequence[str]) -> None:
        now_ms = self._now if self._runner is None else self._runner.now_ms()
        raise TestFailed(self._test, action.start, message, hints=hints, now_ms=now_ms)

    # What is looked at

    def _assert(self, bound: BoundAssert) -> None:
        moment = Moment(self._now, None, self._begun)
        if self._runner is not None:
            self._given.pull(self._runner)
            moment = Moment(self._runner.now_ms(), self._runner.next_due(), self._begun)
        self._given.check(bound, moment)


def _called(action: Action) -> str:
    match action:
        case Command(word=word):
            return word
        case Advance():
            return "ADVANCE TIME"
    return "INSERT"


def _dead_letters(runner: AppRunner, stream: str) -> bool:
    """Whether all errors of a stream have become dead letters."""
    counters = runner.stats()["streams"][stream]
    return counters["errors"] == counters["dead_lettered"]


def _told(row: Sequence[Any], names: Sequence[str]) -> str:
    """An error row in words: its message and, where that is known, the place in the program."""
    told = dict(zip(names, row, strict=True))
    where = f" (query {told['query']!r}, line {told['line']})" if told["query"] else ""
    return f"{told['errorMessage']}{where}"
