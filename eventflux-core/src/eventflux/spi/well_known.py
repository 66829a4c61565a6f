"""Names with a known meaning: what to install for a missing one, and what is not free."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

EXTENSION_PACKAGES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "rabbitmq": "eventflux-rabbitmq",
        "websocket": "eventflux-websocket",
        "kafka": "eventflux-kafka",
        "http": "eventflux-http",
        "file": "eventflux-file",
    }
)
"""Connectors by their name in ``extension``."""

FORMAT_PACKAGES: Final[Mapping[str, str]] = MappingProxyType(
    {
        **dict.fromkeys(("json", "csv", "bytes", "text"), "eventflux-mappers"),
        "avro": "eventflux-avro",
        "protobuf": "eventflux-protobuf",
    }
)
"""Mappers by their name in ``format``."""

PLANNED_PACKAGES: Final = frozenset(
    {"eventflux-kafka", "eventflux-http", "eventflux-file", "eventflux-avro", "eventflux-protobuf"}
)
"""Those of them that are not there to be installed yet: their names are kept for them."""

LANGUAGE_FUNCTIONS: Final = frozenset(
    {
        "count", "distinct_count", "distinctcount", "sum", "avg", "min", "max",
        "min_forever", "minforever", "max_forever", "maxforever", "stddev", "stddev_pop",
        "stddev_samp", "variance", "var_pop", "var_samp", "first", "last", "and",
        "bool_and", "or", "bool_or", "mode", "median", "percentile_cont", "quantile_cont",
        "quantile", "percentile_disc", "quantile_disc", "array_agg", "collect_list",
        "string_agg", "approx_count_distinct", "approx_percentile", "approx_quantile",
        "window_start", "window_end", "unnest",
    }
)  # fmt: skip
"""Functions of the language itself, besides those of one row, that no registered one can
replace."""
