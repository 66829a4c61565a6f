"""``eventflux test``: tests that are written as SQL."""

from __future__ import annotations

import gc
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Annotated

import typer

from eventflux.base.errors import EventFluxError
from eventflux.cli.exits import Exit, describe, exit_for

if TYPE_CHECKING:
    from eventflux.testing.sql_tests.failures import Style, TestFailed
    from eventflux.testing.sql_tests.statements import SqlTest

_SUFFIX = ".eventflux-test"


def run_tests(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[FILE|DIR]…",
            exists=True,
            readable=True,
            show_default=False,
            help=f"Test files, or folders to look for *{_SUFFIX} in; by default this one.",
        ),
    ] = None,
    only: Annotated[
        str | None,
        typer.Option(
            "-k", "--only", metavar="TEXT", help="Run only the tests with this in their names."
        ),
    ] = None,
) -> None:
    """Run tests of programs: files *.eventflux-test of SQL statements. Each test has its program
    made anew, on a clock of its own that no test waits for; rows take the place of sources and
    sinks, as in a dry run, and nothing outside is touched. Each is run again with its rows cut into
    other batches, and has to give the same. pytest runs these files, too.

    eventflux test
    eventflux test tests/orders.eventflux-test
    eventflux test tests -k 'late orders'

    A test file:

    APP 'orders.sql';

    TEST 'large orders are urgent';
    INSERT INTO Orders VALUES ('A-1', 1250.0), ('A-2', 18.5);
    ASSERT STREAM Urgent VALUES ('A-1', 1250.0);

    TEST 'a minute has one sum, also after a crash';
    INSERT INTO Orders VALUES ('A-1', 5.0) AT '2026-01-01 12:00:00';
    CHECKPOINT; CRASH; RESTORE;
    ASSERT NO OUTPUT;
    ADVANCE TIME 1 MINUTE;
    ASSERT STREAM Sums (total) VALUES (5.0);
    """
    gc.enable()
    where = paths or [Path()]
    started = perf_counter()
    shown: list[Outcome] = []
    with _quiet():
        for outcome in _outcomes(where, only):
            if not shown or outcome.file != shown[-1].file:
                print(outcome.file)
            style: Style = "plain" if outcome.error is None else "missing"
            _print([(style, f"  {outcome.mark:<6}  {outcome.name}")])
            shown.append(outcome)
    if not shown:
        what = f"no test with {only!r} in its name" if only else f"no file *{_SUFFIX}"
        raise typer.BadParameter(f"there is {what} in {', '.join(map(str, where))}")
    _print_errors(shown)
    print(f"\n{_summary(shown)} in {perf_counter() - started:.2f} s")
    code = _exit(shown)
    if code is not Exit.DONE:
        raise typer.Exit(code)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a test, or of a file that can't be read."""

    file: Path
    name: str
    error: TestFailed | EventFluxError | None = None

    @property
    def mark(self) -> str:
        if self.error is None:
            return "ok"
        return "ERROR" if isinstance(self.error, EventFluxError) else "FAILED"


@contextmanager
def _quiet() -> Iterator[None]:
    """Without the engine's log: a test may fail rows on purpose, and tells of the others itself."""
    import logging

    logger = logging.getLogger("eventflux")
    handler, before = logging.NullHandler(), logger.propagate
    logger.addHandler(handler)
    logger.propagate = False
    try:
        yield
    finally:
        logger.propagate = before
        logger.removeHandler(handler)


def _outcomes(paths: Iterable[Path], only: str | None) -> Iterator[Outcome]:
    from eventflux.testing.sql_tests.files import find_files, read_tests

    for file in find_files(paths):
        try:
            tests = read_tests(file)
        except EventFluxError as error:
            yield Outcome(file, "the file can't be read", error)
            continue
        for test in tests:
            name = test.name or file.name.removesuffix(_SUFFIX)
            if only is None or only in name:
                yield Outcome(file, name, _error_of(test))


def _error_of(test: SqlTest) -> TestFailed | EventFluxError | None:
    from eventflux.testing.sql_tests.failures import TestFailed
    from eventflux.testing.sql_tests.playing import run_test

    try:
        run_test(test)
    except (TestFailed, EventFluxError) as error:
        return error
    return None


def _print_errors(outcomes: Iterable[Outcome]) -> None:
    """What is wrong; an error of a program that several tests have is told once."""
    told: set[str] = set()
    for outcome in outcomes:
        match outcome.error:
            case None:
                continue
            case EventFluxError() as error:
                text = describe(error)
                if text not in told:
                    told.add(text)
                    _print([("plain", ""), *(("plain", line) for line in text.splitlines())])
            case failed:
                _print([("plain", ""), *failed.shown()])


_COLORS: dict[Style, str] = {
    "place": "bold",
    "missing": "red",
    "added": "green",
    "hint": "cyan",
    "plain": "",
}


def _print(lines: Iterable[tuple[Style, str]]) -> None:
    from rich.text import Text

    from eventflux.cli.tables import console_for

    console = console_for(sys.stdout)
    for style, line in lines:
        console.print(Text(line, style=_COLORS[style]), soft_wrap=True)


def _summary(outcomes: Iterable[Outcome]) -> str:
    count = Counter(outcome.mark for outcome in outcomes)
    errors = "1 error" if count["ERROR"] == 1 else f"{count['ERROR']:,} errors"
    parts = {
        "ok": f"{count['ok']:,} passed",
        "FAILED": f"{count['FAILED']:,} failed",
        "ERROR": errors,
    }
    return ", ".join(part for mark, part in parts.items() if count[mark])


def _exit(outcomes: Iterable[Outcome]) -> Exit:
    """Errors of files and programs count for more than a test that fails."""
    errors = [outcome.error for outcome in outcomes if outcome.error is not None]
    codes = [exit_for(error) for error in errors if isinstance(error, EventFluxError)]
    return codes[0] if codes else Exit.FAILED if errors else Exit.DONE
