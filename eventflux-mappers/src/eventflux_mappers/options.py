"""The options of each format."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from eventflux.spi import Options, family, option


class CsvSourceOptions(Options, prefix="csv"):
    delimiter: str = option(",", doc="the character between two fields; '\\t' is a tab")
    quote: str = option('"', doc="the character around fields that hold delimiters or line ends")
    escape: str | None = option(
        None, doc="a character that takes the next one's meaning; a quote is doubled without it"
    )
    has_header: bool = option(
        False, name="has-header", doc="the first line of each payload names its fields"
    )
    mapping: Mapping[str, int] = family(
        of="column", low=0, doc="which field goes there, from 0; columns without one are NULL"
    )
    null_text: str = option("", name="null-text", doc="what an unquoted field holds for NULL")
    trim: bool = option(False, doc="blanks around unquoted fields don't count")
    ignore_parse_errors: bool = option(
        False, name="ignore-parse-errors", doc="count rows that can't be read and say nothing"
    )


class CsvSinkOptions(Options, prefix="csv"):
    delimiter: str = option(",", doc="the character between two fields; '\\t' is a tab")
    quote: str = option('"', doc="the character around fields that need it")
    escape: str | None = option(
        None, doc="the character before a quote within a field; it is doubled without it"
    )
    include_header: bool = option(
        False, name="include-header", doc="each message begins with a line of names"
    )
    header_names: str | None = option(
        None, name="header-names", doc="the names, between delimiters; else those of the columns"
    )
    null_text: str = option("", name="null-text", doc="what is written for NULL")


class BytesSourceOptions(Options, prefix="bytes"):
    """A payload is the value of the only column."""


class BytesSinkOptions(Options, prefix="bytes"):
    field: str | None = option(None, doc="the column that is the payload, by name")
    field_index: int | None = option(
        None,
        name="field-index",
        low=0,
        doc="the column that is the payload, from 0; else the first",
    )


class TextSourceOptions(Options, prefix="text"):
    """A payload is the value of the only column."""


class TextSinkOptions(Options, prefix="text"):
    field: str | None = option(None, doc="the column that is the payload, by name")
    field_index: int | None = option(
        None,
        name="field-index",
        low=0,
        doc="the column that is the payload, from 0; else the first",
    )


class JsonSourceOptions(Options, prefix="json"):
    mapping: Mapping[str, str] = family(
        of="column", doc="where its value is, as $.a.b[0].c; columns without a path are NULL then"
    )
    ignore_case: bool = option(
        False, name="ignore-case", doc="find a field in any case where no other could be meant"
    )
    fail_on_unknown_fields: bool = option(
        False,
        name="fail-on-unknown-fields",
        doc="refuse a document with a field that no column reads",
    )
    date_format: str | None = option(
        None, name="date-format", doc="strftime pattern of the texts that LONG takes as epoch ms"
    )
    coerce: Literal["strict", "lenient"] = option(
        "strict", doc="lenient: texts of numbers and truth values are taken for these"
    )
    lines: bool = option(False, doc="each line of a payload is a document of its own")
    ignore_parse_errors: bool = option(
        False, name="ignore-parse-errors", doc="count payloads that can't be read and say nothing"
    )


class JsonSinkOptions(Options, prefix="json"):
    pretty_print: bool = option(False, name="pretty-print", doc="indented, over several lines")
    omit_nulls: bool = option(False, name="omit-nulls", doc="leave out what is NULL")
    include_timestamp: bool = option(
        False, name="include-timestamp", doc="'_timestamp' first: the event time, epoch ms"
    )
    timestamp_format: Literal["iso", "epoch-ms"] = option(
        "iso", name="timestamp-format", doc="how TIMESTAMP is written: ISO-8601 with Z, or a number"
    )
    template: str | None = option(
        None, doc="JSON with {{column}}, {{_timestamp}} and {{_streamName}} in it"
    )
