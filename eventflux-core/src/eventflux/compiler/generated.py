"""Generated modules: run, shown in tracebacks, traced back to the SQL."""

from __future__ import annotations

import linecache
from collections import deque
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import count
from types import CodeType
from typing import Any
from weakref import finalize

from eventflux.compiler.environment import Writer
from eventflux.compiler.source import Source
from eventflux.planner.plan import Place

_modules = count(1)
_unused: deque[str] = deque()
"""Files of programs that are gone, until the next module is run: the garbage collector comes at
any moment, also while ``linecache`` or a traceback goes over the lines that are kept."""


class Generated:
    """The generated modules of one program: run, shown in tracebacks, traced back to SQL."""

    def __init__(self) -> None:
        self._places: dict[str, dict[int, Place]] = {}
        finalize(self, _unused.extend, self._places)

    def text(self, source: Source) -> str:
        return source.finish()[0]

    def run(
        self,
        source: Source,
        bound: Writer | dict[str, Any],
        names: Sequence[str],
        title: str,
    ) -> dict[str, Any]:
        """Execute ``source`` inside a factory whose parameters are the bound objects."""
        _forget_unused()
        objects = bound.bindings.objects if isinstance(bound, Writer) else bound
        body, places = source.finish()
        filename = f"<eventflux {next(_modules)}: {title}>"
        lines = ["def make(" + ", ".join(objects) + "):"]
        lines += ["    " + line for line in body.splitlines()]
        lines.append("    return {" + ", ".join(f"{name!r}: {name}" for name in names) + "}")
        text = "\n".join(lines) + "\n"
        namespace: dict[str, Any] = {}
        exec(_in_file(_compiled(text), filename), namespace)  # our own generated code
        linecache.cache[filename] = (len(text), None, text.splitlines(keepends=True), filename)
        self._places[filename] = {line + 1: place for line, place in places.items()}
        made: dict[str, Any] = namespace["make"](**objects)
        return made

    def place_of(self, error: Exception) -> Place | None:
        """The place in the SQL of the generated line where ``error`` arose."""
        found: Place | None = None
        traceback = error.__traceback__
        while traceback is not None:
            places = self._places.get(traceback.tb_frame.f_code.co_filename)
            if places is not None:
                found = places.get(traceback.tb_lineno, found)
            traceback = traceback.tb_next
        return found

    def places(self, filename: str, first: int, last: int) -> Iterator[Place]:
        """The places in the SQL of the generated lines from ``last`` back to ``first``."""
        places = self._places.get(filename, {})
        return (places[line] for line in range(last, first - 1, -1) if line in places)


def _forget_unused() -> None:
    while _unused:
        linecache.cache.pop(_unused.popleft(), None)


@lru_cache(maxsize=128)
def _compiled(text: str) -> CodeType:
    """Compiled once for the programs that are the same: one that restarts, those of tests."""
    return compile(text, "<eventflux>", "exec")


def _in_file(code: CodeType, filename: str) -> CodeType:
    """A copy that says it stands in that file. What runs belongs to one program: the interpreter
    adapts code to the types that it meets."""
    consts = (_in_file(c, filename) if isinstance(c, CodeType) else c for c in code.co_consts)
    return code.replace(co_filename=filename, co_consts=tuple(consts))
