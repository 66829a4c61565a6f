"""How outlets collect the rows of streams, and what they have beside them: event times and
METADATA columns."""

from __future__ import annotations

from eventflux.base.rows import field_names
from eventflux.compiler.bodies import assign_simple
from eventflux.compiler.environment import Writer
from eventflux.compiler.outlets import RowOutlet
from eventflux.compiler.pieces import Variable
from eventflux.compiler.pipeline import Pipeline
from eventflux.compiler.source import Source
from eventflux.planner.plan import Place


class RowCollecting:
    """Of the row shape: a row at a time, into lists that have local names."""

    def __init__(self, writer: Writer, time: str) -> None:
        """``time`` is the name of a row's event time."""
        self._writer = writer
        self._time = time
        self._rows: dict[str, str] = {}
        """The local names of lists of rows, by their outlets."""
        self._beside: dict[str, str] = {}
        """Those of lists beside rows, by what they are in the outlet."""

    def begin(self, source: Source) -> None:
        """Write what stands before the loop over rows."""
        for outlet, collected in self._rows.items():
            source.line(f"{collected} = {outlet}.rows")
        for part, collected in self._beside.items():
            source.line(f"{collected} = {part}")

    def list_of(self, stream: str, outlet: str) -> str:
        """The local name of the list in which an outlet collects the rows of ``stream``."""
        if outlet not in self._rows:
            self._rows[outlet] = self._writer.names.fresh(f"out_{stream}")
        return self._rows[outlet]

    def collect(self, source: Source, stream: str, columns: dict[str, Variable], row: str) -> str:
        """Write how outlets collect a row of ``stream``; gives the text of the row, a name where
        an outlet takes it as it is."""
        if not all(outlet.split for outlet in self._writer.env.outlets(stream)):
            row = assign_simple(source, self._writer, f"row_{stream}", row)
        for outlet, name in self._writer.outlets(stream):
            collected = row
            if outlet.split:
                payload = (columns[c].text for c in self._writer.schema(stream).payload.names)
                collected = f"{self._writer.payload_type(stream)}({', '.join(payload)})"
            source.line(f"{self.list_of(stream, name)}.append({collected})")
            self._collect_beside(source, stream, outlet, name, columns)
        return row

    def collect_made(
        self, source: Source, pipeline: Pipeline, texts: list[tuple[str, bool, Place]]
    ) -> None:
        """Write how the one outlet that takes rows of a query collects one: of values that are
        put nowhere else."""
        target = pipeline.query.target
        [(outlet, name)] = self._writer.outlets(target)
        beside: dict[str, Variable] = {}
        values: list[tuple[str, Place]] = []
        for item, (text, nullable, place) in zip(pipeline.items, texts, strict=True):
            if item.name in outlet.split:
                value = assign_simple(source, self._writer, item.name, text)
                beside[item.name] = Variable(value, nullable)
            else:
                values.append((text, place))
        make = self._writer.payload_type if outlet.split else self._writer.row_type
        source.call(f"{self.list_of(target, name)}.append({make(target)}(", values, "))")
        self._collect_beside(source, target, outlet, name, beside)

    def _collect_beside(
        self,
        source: Source,
        stream: str,
        outlet: RowOutlet,
        name: str,
        columns: dict[str, Variable],
    ) -> None:
        """Write how an outlet collects what is beside a row, when that can't fail any more."""
        for place, column in enumerate(outlet.split):
            values = self._list_beside(f"{name}.metadata[{place}]", f"{column}_of_{stream}")
            source.line(f"{values}.append({columns[column].text})")
        if outlet.timed:
            times = self._list_beside(f"{name}.times", f"times_{stream}")
            source.line(f"{times}.append({self._time})")

    def _list_beside(self, part: str, hint: str) -> str:
        """The local name of a list that an outlet has beside its rows."""
        if part not in self._beside:
            self._beside[part] = self._writer.names.fresh(hint)
        return self._beside[part]


def collect_batch(source: Source, writer: Writer, stream: str, rows: str, times: str) -> None:
    """Write how outlets collect the rows of a logical batch of ``stream``, all at once."""
    for outlet, name in writer.outlets(stream):
        if outlet.split:
            _collect_split(source, writer, stream, name, rows)
        else:
            source.line(f"{name}.rows.extend({rows})")
        if outlet.timed:
            source.line(f"{name}.times.extend({times})")


def _collect_split(source: Source, writer: Writer, stream: str, outlet: str, rows: str) -> None:
    """Collect rows as those of payloads, with their METADATA columns beside them."""
    schema, row = writer.schema(stream), writer.names.fresh("row")
    fields = dict(zip(schema.names, field_names(schema), strict=True))
    payload = ", ".join(f"{row}.{fields[name]}" for name in schema.payload.names)
    make = writer.payload_type(stream)
    source.line(f"{outlet}.rows.extend([{make}({payload}) for {row} in {rows}])")
    for place, column in enumerate(schema.metadata):
        values = f"[{row}.{fields[column.name]} for {row} in {rows}]"
        source.line(f"{outlet}.metadata[{place}].extend({values})")
