"""CSV to rows: whole batches column by column, and what that can't take record by record.

The fast way splits all payloads in one go and converts a column at a time. It is stricter than
the rules (:mod:`eventflux_mappers.csv_text`, :mod:`eventflux_mappers.values`): what it takes
they take, with the same rows. A batch that it refuses is halved until the payloads that the
rules must decide are nearly alone, so what happens to a payload never depends on its neighbours.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from eventflux.base.rows import Row
from eventflux.spi import Decoded, MapperContext, MapperError, SourceMapper
from eventflux_mappers.csv_layout import Layout, RecordError
from eventflux_mappers.csv_text import Dialect, Record, RecordReader
from eventflux_mappers.limits import MAX_BYTES

_FEW = 8
"""So few payloads are tried one by one, not in halves."""

_REFUSED = (ValueError, KeyError, csv.Error)


@dataclass(slots=True)
class _Collected:
    """What became of the payloads so far."""

    rows: list[Row] = field(default_factory=list)
    errors: list[MapperError] = field(default_factory=list)
    origins: list[int] = field(default_factory=list)

    def add(self, rows: Sequence[Row], origins: Iterable[int]) -> None:
        self.rows += rows
        self.origins += origins


class CsvSourceMapper(SourceMapper):
    """Makes a row of each record; a wrong one is an error and leaves the others alone.

    ``mapping`` gives the fields of some columns, the others are NULL then; without it columns
    have fields in order or, with a header, by name.
    """

    max_payload_bytes = MAX_BYTES

    def __init__(
        self,
        context: MapperContext,
        dialect: Dialect,
        *,
        mapping: Mapping[str, int],
        header: bool,
        ignore_errors: bool,
    ) -> None:
        self._context = context
        self._dialect = dialect
        self._header = header
        self._ignore_errors = ignore_errors
        self._records = RecordReader(dialect).records
        self._quoted_null = f"{dialect.quote}{dialect.null}{dialect.quote}"
        names = context.schema.names
        self._positions = [mapping.get(name) for name in names] if mapping else None
        in_order = range(len(names)) if self._positions is None else self._positions
        self._layout = self._make_layout(in_order, None if mapping else len(names))
        self._last_header: tuple[Sequence[str], Layout] = ((), self._layout)

    def decode(self, payloads: Sequence[bytes]) -> Decoded:
        if not self._header:
            try:
                return Decoded(self._rows_of_lines(payloads))
            except _REFUSED:
                pass  # some of the payloads are not one good line
        found = _Collected()
        self._decode_parts(payloads, 0, found)
        return Decoded(found.rows, found.errors, found.origins)

    def _decode_parts(self, payloads: Sequence[bytes], first: int, into: _Collected) -> None:
        """Decode payloads that were refused together, the first one with index ``first``."""
        if self._header or len(payloads) <= _FEW or _mostly_documents(payloads):
            for index, payload in enumerate(payloads, first):
                self._decode_document(payload, index, into)
            return
        half = len(payloads) // 2
        for start, part in ((first, payloads[:half]), (first + half, payloads[half:])):
            try:
                into.add(self._rows_of_lines(part), range(start, start + len(part)))
            except _REFUSED:
                self._decode_parts(part, start, into)

    def read_below(self, header: bytes) -> None:
        """Read the records of later payloads by this line of names.

        Raises:
            HeaderError: it can't be one.
        """
        try:
            text = header.decode()
        except UnicodeDecodeError as error:
            raise HeaderError(f"not valid UTF-8 ({error.reason})") from None
        for record in self._records(text):
            self._layout = self._below(record)
            return

    # The fast way, which refuses by _REFUSED

    def _rows_of_lines(self, payloads: Sequence[bytes]) -> list[Row]:
        """The rows of payloads that are one line each."""
        if payloads and payloads[0].endswith((b"\n", b"\r")):
            payloads = [payload.rstrip(b"\r\n") for payload in payloads]
        text = b"\n".join(payloads).decode()
        if self._is_plain(text):
            if "\r" in text or text.count("\n") != len(payloads) - 1 or _has_empty_line(text):
                raise ValueError(text)
            return self._layout.rows_of_lines(text)
        self._check_quoted(text)
        single = text.count("\n") == len(payloads) - 1
        texts = text.split("\n") if single else [payload.decode() for payload in payloads]
        records = self._read_quoted(texts)
        # Each takes at least one payload: as many records as payloads are one of each.
        if len(records) != len(payloads):
            raise ValueError(text)
        return self._layout.rows_of_records(records)

    def _rows_of_document(self, payload: bytes) -> list[Row]:
        """The rows of a payload of any number of lines."""
        text = payload.decode()
        if not self._is_plain(text):
            self._check_quoted(text)
            records = [r for r in self._read_quoted(io.StringIO(text, newline="")) if r]
            if not self._header:
                return self._layout.rows_of_records(records)
            return self._by_header(records[0]).rows_of_records(records[1:]) if records else []
        lines = [line for line in text.replace("\r", "\n").split("\n") if line]
        layout = self._layout
        if self._header and lines:
            names = lines.pop(0).split(self._dialect.delimiter)
            layout = self._by_header([name.strip(self._dialect.blanks) for name in names])
        return layout.rows_of_lines("\n".join(lines)) if lines else []

    def _is_plain(self, text: str) -> bool:
        """Whether every character of ``text`` but delimiters and line ends means itself."""
        escape = self._dialect.escape
        return not (self._dialect.quote in text or (escape and escape in text) or "\ufeff" in text)

    def _check_quoted(self, text: str) -> None:
        """Refuse what the standard library's reader takes in another way."""
        dialect = self._dialect
        if (
            self._quoted_null in text
            or (dialect.escape and dialect.escape in text)
            or dialect.trim
            or "\ufeff" in text
        ):
            raise ValueError(text)

    def _read_quoted(self, lines: Iterable[str]) -> list[list[str]]:
        dialect = self._dialect
        reader = csv.reader(
            lines, delimiter=dialect.delimiter, quotechar=dialect.quote, strict=True
        )
        return list(reader)

    # By the rules

    def _decode_document(self, payload: bytes, index: int, into: _Collected) -> None:
        try:
            rows = self._rows_of_document(payload)
        except _REFUSED:
            self._decode_by_rules(payload, index, into)
        else:
            into.add(rows, [index] * len(rows))

    def _decode_by_rules(self, payload: bytes, index: int, into: _Collected) -> None:
        def report(message: str) -> None:
            into.errors.append(MapperError(index, message, self._ignore_errors))

        try:
            text = payload.decode()
        except UnicodeDecodeError as error:
            line = payload.count(b"\n", 0, error.start) + 1
            report(f"line {line}: not valid UTF-8 ({error.reason})")
            return
        records = self._records(text)
        layout = self._layout
        if self._header:
            header = next(records, None)
            if header is None:
                return
            try:
                layout = self._below(header)
            except HeaderError as error:
                report(f"line {header.line}: the header: {error}")
                return
        for record in records:
            try:
                into.add([layout.row(record)], [index])
            except RecordError as error:
                report(str(error))

    def _below(self, header: Record) -> Layout:
        """As :meth:`_by_header`, for a header read by the rules."""
        if header.error is not None:
            raise HeaderError(header.error)
        null = self._dialect.null
        return self._by_header([null if field is None else field for field in header.fields])

    def _by_header(self, names: Sequence[str]) -> Layout:
        """The layout of the records below a line of ``names``.

        Raises:
            HeaderError: a column has several fields, or none has one.
        """
        known, layout = self._last_header
        if known != names:
            positions = self._positions
            if positions is None:
                columns = self._context.schema.names
                twice = next((name for name in columns if names.count(name) > 1), None)
                if twice is not None:
                    raise HeaderError(f"several fields are called {twice!r}")
                positions = [names.index(name) if name in names else None for name in columns]
                if all(position is None for position in positions):
                    raise HeaderError(_names_nothing(columns, names))
            layout = self._make_layout(positions, len(names))
            self._last_header = (names, layout)
        return layout

    def _make_layout(self, positions: Sequence[int | None], count: int | None) -> Layout:
        context = self._context
        return Layout(context.schema, context.row_type, self._dialect, positions, count)


class HeaderError(ValueError):
    """Why the records below a header can't be read."""


def _names_nothing(columns: Sequence[str], names: Sequence[str]) -> str:
    """Says that none of ``names`` is a column's."""
    expected, got = (", ".join(map(repr, some[:5])) for some in (columns, names))
    return f"expected names of columns ({expected}), got {got}"


def _has_empty_line(text: str) -> bool:
    return not text or "\n\n" in text or text.startswith("\n") or text.endswith("\n")


def _mostly_documents(payloads: Sequence[bytes]) -> bool:
    """Whether most of the payloads are more than one line."""
    return 2 * sum(b"\n" in payload[:-2] for payload in payloads) > len(payloads)
