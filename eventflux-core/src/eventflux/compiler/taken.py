"""How the row shape counts the rows that queries take, where nothing else tells how many."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from eventflux.compiler.bodies import counts_name
from eventflux.compiler.collecting import RowCollecting
from eventflux.compiler.environment import Writer
from eventflux.compiler.pipeline import Pipeline
from eventflux.compiler.source import Source


class TakenRows:
    """Counted by local counters, or by how much a list has grown that gets a row for each."""

    def __init__(self, writer: Writer, stream: str, collecting: RowCollecting) -> None:
        """``stream`` is the one that the rows of the step come by."""
        self._writer = writer
        self._stream = stream
        self._collecting = collecting
        self._counters: dict[int, str] = {}
        """The names of local counters, by the indexes of queries."""
        self._lists: dict[int, str] = {}
        """Those of the lists that tell, likewise."""
        self._before: dict[int, str] = {}
        """Those of how long these were before the step, likewise."""

    @property
    def counters(self) -> Iterable[str]:
        """The names of local counters."""
        return self._counters.values()

    def count(self, source: Source, pipeline: Pipeline) -> None:
        """Count a row that was taken, where nothing else tells."""
        if not pipeline.turns_rows_away or pipeline.index in self._lists:
            return
        counter = self._counters.get(pipeline.index)
        if counter is None:
            counter = self._writer.names.fresh(f"taken_{pipeline.query.name}")
            self._counters[pipeline.index] = counter
        source.line(f"{counter} += 1")

    def by_length(self, pipeline: Pipeline) -> bool:
        """Whether the growth of the one list that its rows go to tells how many there were."""
        target, env = pipeline.query.target, self._writer.env
        outlets = env.outlets(target)
        if pipeline.gives_expired:
            return False
        if not outlets or outlets[0].streams != {target} or self._stream == target:
            return False
        if len(env.graph.plan.writers(target)) != 1 or env.graph.follows_batches(pipeline):
            return False
        if pipeline.turns_rows_away and pipeline.index not in self._lists:
            name = self._writer.outlets(target)[0][1]
            self._lists[pipeline.index] = self._collecting.list_of(target, name)
        return True

    def begin(self, source: Source) -> None:
        """Write what stands before the loop over rows."""
        for counter in self.counters:
            source.line(f"{counter} = 0")
        for index, collected in self._lists.items():
            before = self._before[index] = self._writer.names.fresh(f"before_{index}")
            source.line(f"{before} = len({collected})")

    @contextmanager
    def told(self, source: Source) -> Iterator[None]:
        """The block of the loop over rows, behind which the counts are told, however it ends."""
        if not self._counters and not self._lists:
            yield
            return
        with source.block("try:"):
            yield
        with source.block("finally:"):
            for index, counter in self._counters.items():
                source.line(f"{self._counts(index)}.taken += {counter}")
            for index, collected in self._lists.items():
                growth = f"len({collected}) - {self._before[index]}"
                source.line(f"{self._counts(index)}.taken += {growth}")

    def _counts(self, index: int) -> str:
        return counts_name(self._writer, self._writer.env.graph.pipelines[index])
