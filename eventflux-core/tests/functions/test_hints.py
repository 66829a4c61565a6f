"""What an error says to write in place of an argument of a wrong type is taken."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest

from eventflux.base.errors import SqlError
from eventflux.base.types import DataType
from eventflux.functions import FAMILIES
from eventflux.functions.declaration import CONSTANTS, Function
from eventflux.planner import plan_sql
from eventflux.planner.binding.rewritten import REWRITES

COLUMNS = {f"of_{data_type.lower()}": data_type for data_type in DataType}
TABLE = ", ".join(f"{name} {data_type}" for name, data_type in COLUMNS.items())
GIVEN: dict[str, str] = {
    **{data_type: name for name, data_type in COLUMNS.items()},
    "unit": "'day'", "field": "'year'", "format": "'%Y'", "zone": "'UTC'", "path": "'$.a'",
    "type": "'int'", "group": "0", "options": "'g'", "pattern": "'a'", "number": "of_double",
    "integer": "of_long", "decimal": "of_decimal", "moment": "of_timestamp", "text": "of_string",
    "same": "of_long", "ordered": "of_long", "any": "of_string", "object": "of_object",
}  # fmt: skip
"""An argument for each kind of parameter."""
FUNCTIONS = {
    tuple(overload.parameters for overload in function.overloads): function
    for family in FAMILIES.values()
    for function in family
    if function.name not in REWRITES
}
"""One of each signature."""


def hints(calls: Sequence[str]) -> dict[int, str]:
    """What is told of these calls, by their places."""
    columns = ",\n".join(["1 AS one", *(f"{call} AS v{i}" for i, call in enumerate(calls))])
    try:
        plan_sql(f"CREATE STREAM S ({TABLE}); INSERT INTO T SELECT {columns} FROM S;")
    except SqlError as error:
        return {d.position.line - 2: str(d.hint) for d in error.diagnostics if d.position}
    return {}


def calls_of(function: Function) -> Iterator[str]:
    """Calls of it with a hole where one of their arguments stands."""
    for overload in function.overloads:
        for place, parameter in enumerate(overload.parameters):
            if parameter.takes not in CONSTANTS:
                arguments = [GIVEN[parameter.takes] for parameter in overload.parameters]
                arguments[place] = "{}"
                yield f"{function.name}({', '.join(arguments)})"


@pytest.mark.parametrize("function", FUNCTIONS.values(), ids=lambda function: function.name)
def test_a_cast_that_an_error_asks_for_is_taken(function: Function) -> None:
    pairs = [(call, column) for call in dict.fromkeys(calls_of(function)) for column in COLUMNS]
    told = hints([call.format(column) for call, column in pairs])
    casts = {i: hint.removeprefix("write ") for i, hint in told.items() if "(of_" in hint}
    assert not hints([pairs[i][0].format(cast) for i, cast in casts.items()])


def test_a_type_that_no_cast_leads_to_is_reached_by_way_of_another() -> None:
    told = hints(["sqrt(of_timestamp)", "hour(of_double)", "md5(of_int)", "left(of_bytes, 1)"])
    assert list(told.values()) == [
        "write CAST(CAST(of_timestamp AS LONG) AS DOUBLE)",
        "write CAST(CAST(of_double AS LONG) AS TIMESTAMP)",
        "write CAST(of_int AS STRING)",
        "write CAST(of_bytes AS STRING)",
    ]
