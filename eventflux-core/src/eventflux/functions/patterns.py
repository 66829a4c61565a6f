"""Regular expressions by RE2, whose time is linear in the text whatever the pattern.

Python's own ``re`` can take hours over thirty characters, and a limit on time would make results
depend on the machine: two runs over the same rows could differ. The package is an extra of the
core.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import islice
from typing import Any

from eventflux.base.errors import RowError
from eventflux.base.types import DataType as T
from eventflux.functions.declaration import NOT_CONSTANT, Function, Inline, takes
from eventflux.functions.texts import MAX_TEXT

MAX_MEMORY = 1 << 20
"""The bytes that one pattern may take, compiled."""
_ESCAPED = re.compile(r"([^\\]+)|\\(.?)", re.DOTALL)
_NEEDS = ("re2", "regexp")


def compiled(pattern: str) -> Any:
    """The pattern, compiled.

    Raises:
        ValueError: it is none.
    """
    import re2  # an extra, loaded where a program has a pattern

    options = re2.Options()
    options.max_mem = MAX_MEMORY
    options.log_errors = False
    try:
        return re2.compile(pattern, options)
    except re2.error as error:
        told = error.args[0] if error.args else error
        told = told.decode(errors="replace") if isinstance(told, bytes) else str(told)
        hint = "regular expressions are those of RE2: without backreferences and look-around"
        raise ValueError(f"{pattern!r} is no regular expression: {told}", hint) from None


@lru_cache(maxsize=256)
def _of_row(pattern: str) -> Any:
    try:
        return compiled(pattern)
    except ValueError as error:
        raise RowError(str(error.args[0])) from None


def matches(text: str, pattern: str) -> bool:
    return _of_row(pattern).search(text) is not None


def extract(text: str, pattern: str, group: int = 0) -> str:
    known = _of_row(pattern)
    if not 0 <= group <= known.groups:
        raise RowError(f"{pattern!r} has no group {group}")
    return _extracting(known.search, group)(text)


def replace(text: str, pattern: str, new: str, options: str = "") -> str:
    known = _of_row(pattern)
    try:
        return _replacing(known, new, _count(options))(text)
    except ValueError as error:
        raise RowError(str(error.args[0])) from None


def _replacing(known: Any, new: str, count: int | None) -> Callable[[str], str]:
    """Makes the function that replaces ``count`` matches, ``None`` being all of them.

    Raises:
        ValueError: ``new`` has a group that the pattern has not.
    """
    parts = _parts(new, known.groups)

    def pieces(text: str) -> Iterator[str]:
        end = 0
        for match in islice(known.finditer(text), count):
            yield text[end : match.start()]
            for part in parts:
                yield part if isinstance(part, str) else match.group(part) or ""
            end = match.end()
        yield text[end:]

    def replaced(text: str) -> str:
        room = max(MAX_TEXT, len(text))
        taken = []
        for piece in pieces(text):
            room -= len(piece)
            if room < 0:
                raise RowError(f"regexp_replace() would give more than {MAX_TEXT:,} characters")
            taken.append(piece)
        return "".join(taken)

    return replaced


def _parts(new: str, groups: int) -> list[str | int]:
    """What stands in place of a match: texts, and groups; ``\\1`` is a group, ``\\0`` all.

    Raises:
        ValueError: there is no such group.
    """
    parts: list[str | int] = []
    for text, escaped in _ESCAPED.findall(new):
        if text:
            parts.append(text)
        elif escaped == "\\":
            parts.append(escaped)
        elif escaped.isdecimal() and int(escaped) <= groups:
            parts.append(int(escaped))
        else:
            hint = f"\\0 is all that was matched, \\1 to \\{groups} are groups, \\\\ is \\"
            raise ValueError(f"\\{escaped} is no group in {new!r}", hint)
    return parts


def _count(options: Any) -> int | None:
    """How many matches are replaced, ``None`` being all of them."""
    if options not in ("", "g"):
        message = f"{options!r} are no options of regexp_replace"
        raise ValueError(message, "'g' replaces every match, '' the first")
    return None if options == "g" else 1


def _extracting(search: Callable[[str], Any], group: int) -> Callable[[str], str]:
    def extracted(text: str) -> str:
        found = search(text)
        return "" if found is None else found.group(group) or ""

    return extracted


def _matching(text: Any, pattern: Any) -> Inline | None:
    if pattern is NOT_CONSTANT:
        return None
    return Inline("({search}({0}) is not None)", {"search": compiled(pattern).search})


def _extract(text: Any, pattern: Any, group: Any = 0) -> Inline | None:
    if pattern is NOT_CONSTANT:
        return None
    known = compiled(pattern)
    if not 0 <= group <= known.groups:
        raise ValueError(f"{pattern!r} has no group {group}", f"it has {known.groups}, and 0: all")
    return Inline("{extract}({0})", {"extract": _extracting(known.search, group)})


def _replace(text: Any, pattern: Any, new: Any, options: Any = "") -> Inline | None:
    count = _count(options)
    if pattern is NOT_CONSTANT:
        return None
    known = compiled(pattern)
    if new is NOT_CONSTANT:
        return None
    return Inline("{replace}({0})", {"replace": _replacing(known, new, count)})


DECLARED = (
    Function(
        name="regexp_matches",
        aliases=("regexp_like",),
        overloads=(takes("s STRING, pattern pattern", T.BOOL, matches, _matching),),
        doc="whether the pattern is found in `s`",
        examples=(
            "regexp_matches('order-42', '[0-9]+') -> TRUE", "regexp_like('a', '^b') -> FALSE",
        ),
        needs=_NEEDS,
    ),
    Function(
        name="regexp_extract",
        overloads=(
            takes("s STRING, pattern pattern, group group?", T.STRING, extract, _extract),
        ),
        doc="what the pattern, or a group of it, first matches in `s`; '' where it is not found",
        examples=(
            "regexp_extract('order-42', '[0-9]+') -> '42'",
            "regexp_extract('order-42', '([a-z]+)-([0-9]+)', 1) -> 'order'",
            "regexp_extract('none', '[0-9]+') -> ''",
        ),
        needs=_NEEDS,
    ),
    Function(
        name="regexp_replace",
        overloads=(
            takes("s STRING, pattern pattern, new STRING, options options?", T.STRING, replace,
                  _replace),
        ),
        doc="`s` with `new` for the first match, with the options `'g'` for each; `\\1` in `new` "
        f"is its first group, `\\0` all of it; more than {MAX_TEXT:,} characters fail the row",
        examples=(
            "regexp_replace('a1b22', '[0-9]+', '#') -> 'a#b22'",
            "regexp_replace('a1b22', '[0-9]+', '#', 'g') -> 'a#b#'",
            "regexp_replace('ann lee', '([a-z]+) ([a-z]+)', '\\2, \\1') -> 'lee, ann'",
        ),
        needs=_NEEDS,
    ),
)  # fmt: skip
