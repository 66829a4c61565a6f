"""What is wrong with options of JSON."""

from __future__ import annotations

from datetime import UTC, datetime

from eventflux.base.errors import OptionError
from eventflux_mappers.json_values import milliseconds
from eventflux_mappers.options import JsonSourceOptions

_SAMPLE = datetime(2024, 5, 17, 13, 45, 30, tzinfo=UTC)


def check_source(options: JsonSourceOptions) -> None:
    """Refuse a date format that reads nothing (``OptionError``)."""
    pattern = options.date_format
    if pattern is None:
        return
    try:
        if "%" not in pattern:
            raise ValueError("it has no %")
        milliseconds(_SAMPLE.strftime(pattern), pattern)
    except ValueError as error:
        raise OptionError(
            f"option 'json.date-format' expects a strftime pattern, got {pattern!r}: {error}",
            "such as '%Y-%m-%d %H:%M:%S'",
        ) from None
