"""What ``eventflux check --output json`` prints. Its shape is told in docs/reference/output.md."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from eventflux.app.effective import (
    Effective,
    effective_of_queries,
    effective_options,
    effective_settings,
)
from eventflux.app.guarantees import guarantees_data

if TYPE_CHECKING:
    from eventflux.app.program import Program
    from eventflux.base.errors import Diagnostic
    from eventflux.cli.checked import Checked

_TOKEN = re.compile(r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|`[^`]*`|\w+(?:\.\d+)?|\S""")


def print_json(checked: Iterable[Checked], *, show_options: bool) -> None:
    """An array of diagnostics; with options an object of both."""
    checked = list(checked)
    diagnostics = [entry for one in checked for entry in _diagnostics(one)]
    if not show_options:
        _print(diagnostics)
        return
    options = [_options(one.program, one.name) for one in checked if one.program is not None]
    _print({"diagnostics": diagnostics, "options": options})


def _print(data: Any) -> None:
    print(json.dumps(data, ensure_ascii=False, indent=2))


def _diagnostics(checked: Checked) -> Iterator[dict[str, Any]]:
    for diagnostic in (*checked.problems, *checked.warnings):
        yield _diagnostic(diagnostic, checked)


def _diagnostic(diagnostic: Diagnostic, checked: Checked) -> dict[str, Any]:
    place = diagnostic.position
    end = None
    if place is not None and diagnostic.file is None:
        end = _end_column(checked.sql, place.line, place.column)
    return {
        "file": diagnostic.file or checked.name,
        "line": place and place.line,
        "column": place and place.column,
        "end_line": place and place.line if end is not None else None,
        "end_column": end,
        "severity": diagnostic.severity,
        "message": diagnostic.message,
        "hint": diagnostic.hint,
    }


def _end_column(sql: str, line: int, column: int) -> int | None:
    """Where the word, string or sign ends that begins there; on its first line."""
    lines = sql.splitlines()
    if not 1 <= line <= len(lines):
        return None
    found = _TOKEN.match(lines[line - 1], column - 1)
    return column + (len(found.group()) if found else 1)


def _options(program: Program, name: str) -> dict[str, Any]:
    return {
        "file": name,
        "app": program.name,
        "guarantees": guarantees_data(program),
        "settings": [_effective(setting, name) for setting in effective_settings(program)],
        "streams": [
            {
                "stream": stream,
                "options": [_effective(option, name) for option in effective_options(resolved)],
            }
            for stream, resolved in program.wiring.streams.items()
        ],
        "queries": [
            {"query": query, "options": [_effective(option, name) for option in own]}
            for query, own in effective_of_queries(program)
        ],
    }


def _effective(one: Effective, name: str) -> dict[str, Any]:
    origin = one.origin
    file, line, column = None, None, None
    if origin.layer == "sql":
        file = name
        line, column = (origin.place.line, origin.place.column) if origin.place else (None, None)
    elif origin.layer == "file":
        file, line = origin.file or None, origin.line or None
    return {
        "name": one.name,
        "value": one.value,
        "secret": one.secret,
        "layer": origin.layer,
        "file": file,
        "line": line,
        "column": column,
        "variable": origin.variable or None,
        "references": list(one.references),
    }
