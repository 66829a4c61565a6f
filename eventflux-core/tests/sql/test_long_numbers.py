"""Numbers of more digits than Python reads: an error of the program that names its place."""

from __future__ import annotations

import pytest

from eventflux import EventFluxError
from eventflux.testing import AppRunner

LONG = "9" * 5000


@pytest.mark.parametrize(
    "behind",
    [
        f"WINDOW('length', {LONG})",
        f"WINDOW('time', {LONG} SECONDS)",
        f"WINDOW('lossyFrequent', {LONG}, v)",
        f"OUTPUT EVERY {LONG} EVENTS",
        f"WINDOW('lengthBatch', 2) LIMIT {LONG}",
        f"WINDOW('lengthBatch', 2) OFFSET {LONG}",
        f"WINDOW('lengthBatch', 2) ORDER BY {LONG}",
        f"GROUP BY {LONG}",
    ],
    ids=lambda behind: behind.split("999")[0],
)
def test_a_number_too_long_is_told_where_it_stands(behind: str) -> None:
    column = f"INSERT INTO T SELECT v FROM S {behind}".index(LONG) + 1
    with pytest.raises(EventFluxError, match=rf":2:{column}: "):
        AppRunner(f"CREATE STREAM S (v INT);\nINSERT INTO T SELECT v FROM S {behind};")
