"""Names that no column can have."""

from __future__ import annotations

from eventflux.sql.ast import Name
from eventflux.sql.cursor import Cursor


def refuse_unstorable(cursor: Cursor, name: Name) -> bool:
    """Report a name of a column that no row can hold: rows are JSON objects to the engine,
    and their names stand in it without escapes. Gives whether it is one."""
    odd = next((char for char in name.text if char in '"\\' or not _is_text(char)), None)
    if odd is None:
        return False
    shown = {'"': "a double quote", "\\": "a backslash"}.get(odd)
    message = f"a column's name can't hold {shown or f'the control character U+{ord(odd):04X}'}"
    cursor.note(
        cursor.source.problem(name.start, message, "rename the column: letters, digits and _ do")
    )
    return True


def _is_text(char: str) -> bool:
    return char >= " " and char != "\x7f" and not "\ud800" <= char <= "\udfff"
