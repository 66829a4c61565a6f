"""What the options of CSV mean together, and what is wrong with them."""

from __future__ import annotations

from eventflux.base.errors import OptionError
from eventflux.base.types import Schema
from eventflux_mappers.csv_text import MAX_FIELDS, Dialect
from eventflux_mappers.options import CsvSinkOptions, CsvSourceOptions

_NAMED = {r"\t": "\t"}


def dialect_of(options: CsvSourceOptions | CsvSinkOptions) -> Dialect:
    """How fields are written.

    Raises:
        OptionError: a character is none, or stands for several things.
    """
    delimiter = _character("csv.delimiter", options.delimiter)
    quote = _character("csv.quote", options.quote)
    escape = "" if options.escape is None else _character("csv.escape", options.escape)
    if delimiter == quote:
        raise OptionError("option 'csv.quote' is the delimiter, too", "choose another character")
    if escape in (delimiter, quote):
        other = "csv.delimiter" if escape == delimiter else "csv.quote"
        raise OptionError(
            f"option 'csv.escape' is the same as {other}",
            "leave it out: a quote within a quoted field is doubled then",
        )
    null = options.null_text
    if any(character in null for character in (delimiter, quote, escape or quote, "\r", "\n")):
        raise OptionError(
            "option 'csv.null-text' holds a character that has a meaning of its own",
            "write a word without delimiters, quotes and line ends, such as NULL",
        )
    trim = isinstance(options, CsvSourceOptions) and options.trim
    return Dialect(delimiter, quote, escape, null, trim)


def _character(name: str, text: str) -> str:
    character = _NAMED.get(text, text)
    if len(character) != 1 or character in "\r\n\0":
        raise OptionError(
            f"option '{name}' expects one character, got {text!r}", r"a tab is written '\t'"
        )
    return character


def check_mapping(options: CsvSourceOptions, schema: Schema) -> None:
    """Refuse mappings that no record can satisfy (``OptionError``)."""
    for name, position in options.mapping.items():
        if position >= MAX_FIELDS:
            raise OptionError(
                f"option 'csv.mapping.{name}' must be less than {MAX_FIELDS}, got {position}",
                "fields are counted from 0",
            )
    if not options.mapping:
        return
    for column in schema.columns:
        if not column.nullable and column.name not in options.mapping:
            first = next(iter(options.mapping))
            raise OptionError(
                f"option 'csv.mapping.{first}': '{column.name}' is NOT NULL, has no field",
                f"only mapped columns are filled then: add 'csv.mapping.{column.name}'",
            )


def header_names(options: CsvSinkOptions, dialect: Dialect, schema: Schema) -> list[str] | None:
    """The names of the header, or ``None`` for no header.

    Raises:
        OptionError: the names are not one a column, or there is no header to have them.
    """
    given = options.header_names
    if not options.include_header:
        if given is not None:
            raise OptionError(
                "option 'csv.header-names' needs 'csv.include-header' = 'true'",
                "without a header there is nothing to name",
            )
        return None
    if given is None:
        return list(schema.names)
    names = [name.strip() for name in given.split(dialect.delimiter)]
    if len(names) != len(schema.names):
        raise OptionError(
            f"option 'csv.header-names' has {len(names)} names, the stream has "
            f"{len(schema.names)} columns",
            f"write one a column, with {dialect.delimiter!r} between them",
        )
    return names
