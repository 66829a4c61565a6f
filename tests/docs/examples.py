"""Runs the examples of a page, one after the other, in a folder of their own.

What becomes of a block is told by its language, and nothing else can stand on a page:

``title="orders.sql"``
    is the file of that name; one that ends in ``.sql`` is checked, and ``json`` and ``toml`` are
    read, as those without a title are. Tests in ``.eventflux-test`` are run by the page's commands.
``part="orders.sql"``
    stands in the file of that name, whatever its indentation.
``sql``
    is a whole program: it is right, and nothing is warned of.
``rows``
    is what goes into the program above it and what comes out, as in the core's cases::

        Readings ('boiler', 95.0)
        -> Alarms ('boiler', 203.0)
``values``
    has an expression a line and, behind ``->``, its value in SQL.
``python``
    is run; a page's blocks share their names.
``console``
    has commands behind ``$``, each followed by what it prints, if that is shown. They end well,
    or with the code in ``{exit="3"}``. What needs more than this page (``pip install``) is not
    run, but names of our packages are looked at. A ``…`` stands for anything in a line, and
    alone in a line for any lines. ``cd`` holds for the rest of the page.
``diff``
    is a change of files, which is made.
``output``
    is what the block of Python above it printed.
``text``, ``html``, ``case``
    are there to be seen; others test the cases.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import subprocess
import sys
import textwrap
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from case_files import Run, read_case, read_rows

from eventflux import EventFluxManager
from eventflux.testing import AppRunner

from .pages import ROOT, Block

NOT_RUN = ("pip", "python3 -m venv", "source", "sudo", "systemctl", "journalctl", "scripts/")
"""What the commands begin with that change the machine, or that tests of their own run."""
NOT_INSTALLED = ("python3 -m venv", "source", "twine upload")
"""The same, where ``pip`` is run."""
SECONDS = 120
"""How long one command may take."""


class Examples:
    """The examples of one page."""

    def __init__(
        self,
        folder: Path,
        environment: Mapping[str, str] | None = None,
        *,
        installs: bool = False,
    ) -> None:
        """
        Args:
            folder: where the files are written and the commands are run.
            environment: variables of the commands; by default those of this process, with the
                commands of its virtual environment first.
            installs: whether ``pip`` is run, too. Programs that are files of the page are checked
                by its commands alone then: what they need is not installed here.
        """
        self.folder = folder
        self.environment = environment or own_environment()
        self._installs = installs
        self._here = folder
        self._names: dict[str, Any] = {"__name__": "__main__"}
        self._printed = ""
        self._program = ""

    def run(self, block: Block) -> None:
        """Run one block.

        Raises:
            AssertionError: it does not do what the page says.
        """
        if block.part:
            lines = (self._here / block.part).read_text(encoding="utf-8").splitlines()
            wanted = block.text.splitlines()
            parts = (lines[i : i + len(wanted)] for i in range(len(lines)))
            assert any(_unindented(part) == _unindented(wanted) for part in parts), block.part
            return
        if block.title:
            self._write(block)
            if block.language == "python" or block.title.endswith(".eventflux-test"):
                return
            if self._installs and block.language == "sql":
                return
        runners: Mapping[str, Callable[[Block], object]] = {
            "sql": self._check,
            "rows": self._play,
            "values": self._evaluate,
            "python": self._execute,
            "output": self._compare,
            "console": self._type,
            "diff": self._change,
            "json": _read_json,
            "toml": lambda block: tomllib.loads(block.text),
        }
        if run := runners.get(block.language):
            run(block)
        else:
            seen = ("text", "html", "case", "ini", "yaml")
            assert block.language in seen, f"nothing runs blocks of {block.language!r}"

    def _write(self, block: Block) -> None:
        path = self._here / block.title
        assert path.resolve().is_relative_to(self.folder), f"{block.title} leaves the folder"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(block.text, encoding="utf-8")

    def _check(self, block: Block) -> None:
        self._program = block.text
        app = EventFluxManager().create_app(block.text, replace_external=True)
        assert app.warnings == ()

    def _play(self, block: Block) -> None:
        lines = ["rows", *self._program.splitlines(), "---", *block.text.splitlines()]
        case = read_case(Path("this page"), block.line, lines)
        with Run(case) as run:
            for count, line in enumerate(case.lines, 1):
                run.play(line)
                wanted = case.expected(case.lines[:count])
                assert run.outcome() == wanted, f"after {line.text!r}"

    def _evaluate(self, block: Block) -> None:
        pairs = [line.rsplit(" -> ", 1) for line in block.text.splitlines() if line]
        columns = [f"{expression} AS v{i}" for i, (expression, _) in enumerate(pairs)]
        sql = f"CREATE STREAM S (i INT); INSERT INTO T SELECT {', '.join(columns)} FROM S;"
        with AppRunner(sql, outputs=["T"]) as runner:
            runner.send("S", (1,))
            (row,) = runner.rows("T")
        for (expression, told), value in zip(pairs, row, strict=True):
            assert repr(value) == repr(_sql_value(told)), f"{expression} is {value!r}"

    def _execute(self, block: Block) -> None:
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            code = compile(block.text, "the example", "exec", dont_inherit=True)
            exec(code, self._names)
        self._printed = printed.getvalue()

    def _compare(self, block: Block) -> None:
        assert alike(block.text, self._printed), self._printed

    def _type(self, block: Block) -> None:
        for command, told in commands(block.text):
            if command.startswith(NOT_INSTALLED if self._installs else NOT_RUN):
                _look_at_packages(command)
                continue
            if command.startswith("cd "):
                self._here /= command.removeprefix("cd ")
                assert self._here.is_dir(), command
                continue
            done = self._run(["bash", "-c", command])
            what = f"{command}\n{done.stdout}"
            assert done.returncode == block.exit, f"exit code {done.returncode} of {what}"
            assert not told or alike(told, done.stdout), what

    def _change(self, block: Block) -> None:
        done = self._run(["git", "apply", "-"], block.text)
        assert done.returncode == 0, done.stdout

    def _run(self, command: list[str], text: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            cwd=self._here,
            env=dict(self.environment),
            input=text,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=SECONDS,
            check=False,
        )


def _unindented(lines: list[str]) -> str:
    return textwrap.dedent("\n".join(lines))


def _read_json(block: Block) -> None:
    """One document, or one a line."""
    lines = block.text.splitlines() if block.title.endswith(".jsonl") else [block.text]
    for line in lines:
        json.loads(line)


def own_environment() -> dict[str, str]:
    """This process's variables, without EventFlux's own, its virtual environment in front."""
    own = {name: text for name, text in os.environ.items() if not name.startswith("EVENTFLUX_")}
    path = f"{Path(sys.executable).parent}{os.pathsep}{own.get('PATH', '')}"
    return {**own, "PATH": path, "COLUMNS": "80", "NO_COLOR": "1"}


def commands(text: str) -> list[tuple[str, str]]:
    """The commands of a console, each with what it prints; a ``\\`` at its end continues one."""
    found: list[tuple[str, str]] = []
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        lines = part.splitlines()
        command = [lines.pop(0)]
        while command[-1].endswith("\\"):
            command.append(lines.pop(0))
        found.append(("\n".join(command), "".join(f"{line}\n" for line in lines)))
    return found


def alike(told: str, printed: str) -> bool:
    """Whether what is printed is what the page tells, with anything in the place of ``…``.

    Blanks at the ends of lines, and empty lines before and after all, do not count.
    """
    pattern = "".join(_line(line.rstrip()) for line in told.strip("\n").splitlines())
    text = "".join(f"{line.rstrip()}\n" for line in printed.strip("\n").splitlines())
    return re.fullmatch(pattern, text) is not None


def _line(line: str) -> str:
    if line.strip() == "…":
        return "(?:.*\n)*"
    return ".*".join(map(re.escape, line.split("…"))) + "\n"


def _sql_value(text: str) -> object:
    """``'text'``, ``1.5``, ``NULL``, ``TRUE``, and ``DECIMAL '1.50'``."""
    python = re.sub(r"DECIMAL ('.*')", r"decimal(\1)", text.strip())
    python = re.sub(r"\b(NULL|TRUE|FALSE)\b", lambda match: match[0].lower(), python)
    ((value,),) = read_rows(f"({python},)")
    return value


def _look_at_packages(command: str) -> None:
    """Packages of ours that a command names are folders of this repository."""
    for name in re.findall(r"\beventflux(?:-\w+)?(?=[\[\s']|$)", command):
        assert (ROOT / name).is_dir() or name == "eventflux", f"{name} is no package of ours"
