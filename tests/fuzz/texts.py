"""Programs to begin with, and ways to spoil them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from hypothesis import strategies as st

ROOT = Path(__file__).resolve().parents[2]
_CASE = re.compile(r"^-- === .*\n", re.MULTILINE)
_NOTES = re.compile(r"^--[|$~].*\n?", re.MULTILINE)


def _programs() -> list[str]:
    """All programs of the example folder and of the files of SQL cases, right and wrong."""
    found = [(ROOT / "examples" / "orders.sql").read_text(encoding="utf-8")]
    folders = ("eventflux-core/tests/sql/cases", "eventflux-core/tests/planner/cases")
    for folder in (*folders, "tests/wrong_programs"):
        for path in sorted((ROOT / folder).glob("*.sql")):
            blocks = _CASE.split(_NOTES.sub("", path.read_text(encoding="utf-8")))
            found += [block.strip() for block in blocks if block.strip()]
    return found


PROGRAMS = _programs()
_PIECE = re.compile(r"\s+|\w+|'(?:[^']|'')*'|\"[^\"\n]*\"|.", re.DOTALL)
WORDS = sorted(
    {piece for program in PROGRAMS for piece in _PIECE.findall(program) if piece.strip()}
)

ODD = [
    *("\x00", "\ufeff", "\u2028", "\u200b", "\u0301", "é", "ﬁ", "İ", "ß", "😀", "\U0010ffff"),
    *("\r", "\r\n", "\t", "\x0b", "\x0c", "\x85", "\xa0", "‘", "’", "“", "”", "—", "；", "（"),
    *("'", '"', "`", "--", "/*", "*/", "$$", "${", "{{", "{%", "#", "\\", "\\'", "''", '""'),
    *("9" * 30, "9" * 400, "1e999", "1e-999", "0x" + "f" * 40, "00", "1..2", ".5.", "1_000", "٣"),
    "(" * 60, ")" * 60, "CASE WHEN " * 50, "NOT " * 60, "- " * 60, "a." * 30,
    "a+" * 300, ", a" * 300,
]  # fmt: skip
Texts = st.SearchStrategy[str]


@st.composite
def spoiled(draw: st.DrawFn) -> str:
    """A program with pieces left out, doubled, exchanged or put in from elsewhere."""
    pieces = _PIECE.findall(draw(st.sampled_from(PROGRAMS)))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, max(len(pieces) - 1, 0)))
        kind = draw(
            st.sampled_from(["leave out", "double", "swap", "put in", "odd", "cut", "join"])
        )
        if kind == "leave out":
            del pieces[at : at + draw(st.integers(1, 3))]
        elif kind == "double":
            pieces[at:at] = pieces[at : at + draw(st.integers(1, 8))]
        elif kind == "swap":
            other = draw(st.integers(0, max(len(pieces) - 1, 0)))
            if pieces:
                pieces[at], pieces[other] = pieces[other], pieces[at]
        elif kind == "put in":
            pieces.insert(at, " " + draw(st.sampled_from(WORDS)) + " ")
        elif kind == "odd":
            pieces.insert(at, draw(st.sampled_from(ODD)))
        elif kind == "cut":
            del pieces[at:]
        else:
            pieces.append("\n" + draw(st.sampled_from(PROGRAMS)))
    return "".join(pieces)


def _joined(parts: Sequence[str]) -> str:
    return " ".join(parts)


SOUP: Texts = st.lists(st.sampled_from(WORDS + ODD), max_size=40).map(_joined)
ANY: Texts = st.text(max_size=200) | SOUP | spoiled()
