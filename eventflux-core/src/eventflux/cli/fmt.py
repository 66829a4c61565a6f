"""``eventflux fmt``: programs in the canonical layout, comments kept."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from eventflux.base.errors import EventFluxError, SqlError
from eventflux.cli.arguments import ProgramFiles
from eventflux.cli.exits import Exit, describe, exit_for
from eventflux.cli.program import STDIN, read_text, shown_name


def fmt(
    files: ProgramFiles,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit with 1 if a file would change.")
    ] = False,
    diff: Annotated[
        bool, typer.Option("--diff", help="Write nothing but show what would change.")
    ] = False,
) -> None:
    """Write programs in the canonical layout: keywords in upper case, each column, option and
    clause on a line of its own; names and comments stay as they are. A file that can't be read as
    a program is left alone; one from the standard input goes to the standard output.

    eventflux fmt orders.sql
    eventflux fmt programs/*.sql --check --diff
    eventflux fmt - < orders.sql
    """
    changed: list[Path] = []
    code = Exit.DONE
    for file in files:
        try:
            if _format(file, write=not (check or diff), show=diff):
                changed.append(file)
        except EventFluxError as error:
            print(describe(error), file=sys.stderr)
            code = exit_for(error)
    for file in changed if check else ():
        print(f"{shown_name(file)} would change", file=sys.stderr)
    if code is Exit.DONE and check and changed:
        code = Exit.FAILED
    if code is not Exit.DONE:
        raise typer.Exit(code)


def _format(file: Path, *, write: bool, show: bool) -> bool:
    """Format one file; returns whether that changes it.

    Raises:
        EventFluxError: it is no program.
    """
    old = read_text(file)
    new = formatted(old, shown_name(file))
    if show:
        sys.stdout.writelines(_difference(old, new, shown_name(file)))
    if write and file == STDIN:
        sys.stdout.write(new)
    elif write and new != old:
        newline = "\r\n" if b"\r\n" in file.read_bytes() else "\n"
        file.write_text(new, encoding="utf-8", newline=newline)
    return new != old


def formatted(sql: str, name: str) -> str:
    """A program in the canonical layout.

    Raises:
        SqlError: it can't be read as a program; its streams and columns are not looked at.
    """
    from eventflux.sql.printer import print_script
    from eventflux.sql.sameness import same_program
    from eventflux.sql.script import parse_script
    from eventflux.sql.source import SourceText

    script, problems = parse_script(SourceText(sql, name))
    if problems:
        raise SqlError(problems, sql, name)
    text = print_script(script)
    again, problems = parse_script(SourceText(text, name))
    if problems or not same_program(script, again):
        raise EventFluxError(
            f"{name} can't be formatted without changing what it says", "please report this"
        )
    return text


def _difference(old: str, new: str, name: str) -> Iterator[str]:
    before, after = old.splitlines(keepends=True), new.splitlines(keepends=True)
    for line in difflib.unified_diff(before, after, name, f"{name} (formatted)"):
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
