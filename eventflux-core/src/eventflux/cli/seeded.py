"""Made-up rows: the input of ``run --dry-run`` where no file is given."""

from __future__ import annotations

import random
from decimal import Decimal
from typing import Any

from eventflux.base.clock import VIRTUAL_EPOCH_MS
from eventflux.base.types import Column, DataType, Schema

ROWS = 10


def seeded_rows(stream: str, schema: Schema, event_time: str | None) -> list[dict[str, Any]]:
    """Ten rows that fit ``schema``: always the same for the same stream and columns. METADATA
    columns that may be NULL are left out.

    The ``event_time`` column, if any, rises by one second a row.
    """
    chance = random.Random(f"{stream}{schema}")
    return [
        {
            column.name: VIRTUAL_EPOCH_MS + 1000 * number
            if column.name == event_time and column.type in (DataType.LONG, DataType.TIMESTAMP)
            else _value(column, number, chance)
            for column in schema.columns
            if column.metadata is None or not column.nullable
        }
        for number in range(ROWS)
    ]


def _value(column: Column, number: int, chance: random.Random) -> Any:
    match column.type:
        case DataType.STRING:
            return f"{column.name}-{chance.randint(1, 5)}"
        case DataType.INT | DataType.LONG:
            return chance.randint(0, 1000)
        case DataType.FLOAT | DataType.DOUBLE:
            # over several magnitudes, so that conditions of any size pass some and drop some
            return round(10 ** chance.uniform(0, 3.5), 2)
        case DataType.BOOL:
            return chance.random() < 0.5
        case DataType.DECIMAL:
            digits = column.digits
            scale = 2 if digits is None else digits.scale
            before = 3 if digits is None else min(digits.precision - scale, 3)
            return Decimal(chance.randrange(10 ** (before + scale))).scaleb(-scale)
        case DataType.TIMESTAMP:
            return VIRTUAL_EPOCH_MS + 1000 * number
        case DataType.BYTES:
            return f"{column.name}-{chance.randint(1, 5)}".encode()
        case DataType.OBJECT:
            return {
                "name": f"{column.name}-{chance.randint(1, 5)}",
                "value": chance.randint(0, 1000),
            }
