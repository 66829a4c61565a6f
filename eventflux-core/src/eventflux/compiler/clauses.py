"""The code of HAVING, DISTINCT, ORDER BY, OFFSET and LIMIT over a logical batch."""

from __future__ import annotations

from collections.abc import Sequence

from eventflux.base.rows import field_names
from eventflux.compiler.bodies import item_texts, passing
from eventflux.compiler.environment import Writer
from eventflux.compiler.pieces import Scope
from eventflux.compiler.pipeline import Pipeline
from eventflux.compiler.raising import may_raise
from eventflux.compiler.source import Source
from eventflux.compiler.unnesting import each_row
from eventflux.operators.arranging import Arrangement, equal_values


def write_lone_order(source: Source, writer: Writer, pipeline: Pipeline, scope: Scope) -> None:
    """What sorting a batch of one takes: nothing but that its keys can be computed."""
    for key in pipeline.clauses.order:
        if may_raise(key.expression):
            source.line(writer.expressions.value(key.expression, scope))


def _write_arrangement(
    source: Source, writer: Writer, pipeline: Pipeline, lists: Sequence[str], keys: str
) -> str:
    """Put the ``lists`` of a batch, that of its rows first, in their order, without what is left
    out; gives the name of how many rows were dropped.

    ``keys`` is the list of what ORDER BY sorts by, if there is any.
    """
    clauses, names = pipeline.clauses, writer.names
    limit = clauses.limit
    arrangement = Arrangement(
        equal_values(field_names(writer.schema(pipeline.query.target)))
        if clauses.distinct
        else None,
        [(key.descending, key.nulls_first) for key in clauses.order],
        offset=0 if limit is None else limit.offset,
        limit=None if limit is None else limit.limit,
    )
    arrange = writer.bind(f"arrange_{pipeline.query.name}", arrangement)
    places, dropped, place = names.fresh("places"), names.fresh("dropped"), names.fresh("i")
    source.line(f"{places} = {arrange}({lists[0]}, {keys or '()'})")
    source.line(f"{dropped} = len({lists[0]}) - len({places})")
    for values in lists:
        source.line(f"{values} = [{values}[{place}] for {place} in {places}]")
    return dropped


class BatchRows:
    """The lists of generated code in which the rows of one logical batch come together."""

    def __init__(
        self, writer: Writer, pipeline: Pipeline, rows: str, beside: Sequence[str]
    ) -> None:
        """``rows`` is the name of the list of rows, ``beside`` are those of lists beside it."""
        self.rows = rows
        self._beside = tuple(beside)
        self._writer = writer
        self._pipeline = pipeline
        self._keys = writer.names.fresh("order") if pipeline.clauses.order else ""

    def start(self, source: Source) -> None:
        """Write that there is nothing in them."""
        for name in (self.rows, *self._beside, *filter(None, [self._keys])):
            source.line(f"{name} = []")

    def append(self, source: Source, scope: Scope, beside: Sequence[str], rejected: str) -> None:
        """Write that the row of ``scope``, or each that the query makes of it, goes into them, and
        ``beside`` it these values, if it passes HAVING; else the line ``rejected``."""
        with each_row(source, self._writer, self._pipeline, scope) as one:
            self._append_one(source, one, beside, rejected)

    def _append_one(
        self, source: Source, scope: Scope, beside: Sequence[str], rejected: str
    ) -> None:
        writer, pipeline = self._writer, self._pipeline
        having = pipeline.clauses.having
        with passing(source, writer, having, scope) as passed:
            key = ""
            if self._keys:
                key, order = writer.names.fresh("key"), pipeline.clauses.order
                parts = [writer.expressions.value(by.expression, passed) for by in order]
                source.line(f"{key} = ({', '.join(parts)},)")
            texts = item_texts(writer, pipeline, passed)
            make = writer.row_type(pipeline.query.target)
            placed = ((text, place) for text, _, place in texts)
            source.call(f"{self.rows}.append({make}(", placed, "))")
            for name, value in zip(self._beside, beside, strict=True):
                source.line(f"{name}.append({value})")
            if self._keys:
                source.line(f"{self._keys}.append({key})")
        if having and rejected:
            with source.block("else:"):
                source.line(rejected)

    def cut_back(self, length: str = "") -> str:
        """The text that takes the rows out again that stand behind a ``length``, or all."""
        names = (self.rows, *self._beside, *filter(None, [self._keys]))
        return "; ".join(f"del {name}[{length}:]" for name in names)

    def arrange(self, source: Source, counts: str, counter: str, *, taken: bool) -> None:
        """Write that DISTINCT, ORDER BY, OFFSET and LIMIT are done to them, the dropped rows being
        counted by ``counter`` of ``counts``, and not as ``taken`` any more."""
        if not self._pipeline.clauses.arrange:
            return
        names = (self.rows, *self._beside)
        dropped = _write_arrangement(source, self._writer, self._pipeline, names, self._keys)
        source.line(f"{counts}.{counter} += {dropped}")
        if taken:
            source.line(f"{counts}.taken -= {dropped}")
