"""Texts. Positions and lengths count characters (code points)."""

from __future__ import annotations

import sys
from typing import Any

from eventflux.base.errors import RowError
from eventflux.base.types import DataType as T
from eventflux.functions.declaration import NOT_CONSTANT, Code, Function, Inline, takes

MAX_TEXT = 1 << 20
"""The most characters that `repeat`, `lpad`, `rpad`, `replace` and `regexp_replace` may make."""


def substring(text: str, start: int, length: int | None = None) -> str:
    begin = start - 1 if start > 1 else 0
    if length is None:
        return text[begin:]
    return text[begin : begin + length] if length > 0 else ""


def _cut(text: Any, start: Any, length: Any = None) -> Inline | None:
    if not isinstance(start, int) or length is NOT_CONSTANT:
        return None
    begin = max(start - 1, 0)
    if length is None:
        return Inline(f"{{0}}[{begin}:]")
    return Inline(f"{{0}}[{begin}:{begin + max(length, 0)}]")


def left(text: str, length: int) -> str:
    return text[:length] if length > 0 else ""


def right(text: str, length: int) -> str:
    return text[-length:] if length > 0 else ""


def _left(text: Any, length: Any) -> Inline | None:
    return Inline(f"{{0}}[:{max(length, 0)}]") if isinstance(length, int) else None


def _right(text: Any, length: Any) -> Inline | None:
    if not isinstance(length, int):
        return None
    return Inline(f"{{0}}[{-length}:]" if length > 0 else "{0}[:0]")


def replace(text: str, old: str, new: str) -> str:
    if not old:
        return text
    if len(new) > len(old) and len(text) * len(new) > MAX_TEXT:
        _allow("replace", len(text) + text.count(old) * (len(new) - len(old)))
    return text.replace(old, new)


def repeat(text: str, count: int) -> str:
    _allow("repeat", len(text) * count)
    return text * count


def left_pad(text: str, length: int, pad: str = " ") -> str:
    return _padding("lpad", text, length, pad) + text[: max(length, 0)] if pad else text


def right_pad(text: str, length: int, pad: str = " ") -> str:
    return text[: max(length, 0)] + _padding("rpad", text, length, pad) if pad else text


def _padding(function: str, text: str, length: int, pad: str) -> str:
    _allow(function, length)
    missing = length - len(text)
    return (pad * (missing // len(pad) + 1))[:missing] if missing > 0 else ""


def _allow(function: str, length: int) -> None:
    if length > MAX_TEXT:
        raise RowError(f"{function}() would give {length:,} characters, more than {MAX_TEXT:,}")


def character(code: int) -> str | None:
    return chr(code) if 0 <= code <= sys.maxunicode and not 0xD800 <= code < 0xE000 else None


def joined_present(separator: str | None, *texts: str | None) -> str | None:
    if separator is None:
        return None
    return separator.join([text for text in texts if text is not None])


def split_part(text: str, separator: str, index: int) -> str:
    """The part of that number, from 1; from the end where it is negative."""
    parts = text.split(separator) if separator else [text]
    place = index - 1 if index > 0 else index
    return parts[place] if index and -len(parts) <= place < len(parts) else ""


def capitalised(text: str) -> str:
    """Each word with a capital first and small letters behind."""
    words, inside = [], False
    for char in text:
        words.append(char.lower() if inside else char.upper())
        inside = char.isalnum()
    return "".join(words)


def _trimming(name: str, method: str, where: str, form: str, *examples: str) -> Function:
    return Function(
        name=name,
        overloads=(
            takes("s STRING", T.STRING, f"{{0}}.{method}()"),
            takes("s STRING, characters STRING", T.STRING, f"{{0}}.{method}({{1}})"),
        ),
        doc=f"`s` without white space, or without any of these `characters`, {where}",
        examples=examples,
        forms=(form,),
    )


def _of_text(name: str, code: Code | str, doc: str, *examples: str) -> Function:
    """A function from one text to another."""
    return Function(
        name=name,
        overloads=(takes("s STRING", T.STRING, code),),
        doc=doc,
        examples=examples,
    )


def _filling(name: str, code: Code, where: str, *examples: str) -> Function:
    return Function(
        name=name,
        overloads=(takes("s STRING, n LONG, pad STRING?", T.STRING, code),),
        doc=f"`n` characters: `s` with `pad` {where} it, or its first ones; an empty `pad` changes "
        "nothing",
        examples=examples,
    )


DECLARED = (
    _of_text(
        "upper", "{0}.upper()", "in capital letters",
        "upper('boiler') -> 'BOILER'", "upper('straße') -> 'STRASSE'",
    ),
    _of_text("lower", "{0}.lower()", "in small letters", "lower('BoiLer') -> 'boiler'"),
    _of_text(
        "initcap", capitalised, "each word with a capital letter first, small ones behind",
        "initcap('main STREET') -> 'Main Street'",
    ),
    Function(
        name="length",
        aliases=("char_length", "len", "character_length"),
        overloads=(takes("s STRING", T.INT, "len({0})"),),
        doc="how many characters",
        examples=("length('boiler') -> 6", "length('é🎉') -> 2", "length('') -> 0"),
    ),
    Function(
        name="concat",
        overloads=(takes("x text*", T.STRING),),
        doc="its arguments in one text, as by `||`; what is no text is cast to one",
        examples=("concat('n = ', 5) -> 'n = 5'", "concat('a', NULL) -> NULL"),
    ),
    Function(
        name="concat_ws",
        overloads=(takes("separator STRING, x text*", T.STRING, joined_present),),
        doc="its arguments in one text, with the separator between them; NULLs are skipped",
        examples=("concat_ws('-', 'a', NULL, 5) -> 'a-5'", "concat_ws(NULL, 'a') -> NULL"),
        nulls="given",
        may_be_null=True,
    ),
    Function(
        name="substring",
        aliases=("substr", "mid"),
        overloads=(
            takes("s STRING, start LONG, length LONG?", T.STRING, substring, _cut),
        ),
        doc="the characters from `start` on, which counts from 1, at most `length` of them; a "
        "`start` below 1 is 1",
        examples=(
            "substring('HelloWorld', 6) -> 'World'", "substring('HelloWorld', 1, 5) -> 'Hello'",
            "substring('HelloWorld', 0, 5) -> 'Hello'",
            "SUBSTRING('HelloWorld' FROM 2 FOR 3) -> 'ell'",
            "substring('abc', 9) -> ''",
        ),
        forms=("SUBSTRING(s FROM start FOR length)",),
    ),
    Function(
        name="left",
        overloads=(takes("s STRING, n LONG", T.STRING, left, _left),),
        doc="the first `n` characters",
        examples=("left('boiler', 4) -> 'boil'", "left('ab', 9) -> 'ab'", "left('ab', -1) -> ''"),
    ),
    Function(
        name="right",
        overloads=(takes("s STRING, n LONG", T.STRING, right, _right),),
        doc="the last `n` characters",
        examples=("right('boiler', 2) -> 'er'", "right('ab', 9) -> 'ab'", "right('ab', 0) -> ''"),
    ),
    _trimming(
        "trim", "strip", "on both sides", "TRIM([BOTH] [characters] FROM s)",
        "trim('  a ') -> 'a'", "trim('--a-', '-') -> 'a'", "TRIM(BOTH '-' FROM '--a-') -> 'a'",
    ),
    _trimming(
        "ltrim", "lstrip", "at its start", "TRIM(LEADING [characters] FROM s)",
        "ltrim('  a ') -> 'a '", "TRIM(LEADING '-' FROM '--a-') -> 'a-'",
    ),
    _trimming(
        "rtrim", "rstrip", "at its end", "TRIM(TRAILING [characters] FROM s)",
        "rtrim('  a ') -> '  a'", "TRIM(TRAILING '-' FROM '--a-') -> '--a'",
    ),
    Function(
        name="replace",
        overloads=(takes("s STRING, old STRING, new STRING", T.STRING, replace),),
        doc="`new` wherever `old` stands; an empty `old` changes nothing",
        examples=("replace('a-b-c', '-', '+') -> 'a+b+c'", "replace('ab', '', 'x') -> 'ab'"),
    ),
    _of_text(
        "reverse", "{0}[::-1]", "its characters from the last to the first",
        "reverse('abc') -> 'cba'",
    ),
    Function(
        name="repeat",
        overloads=(takes("s STRING, n LONG", T.STRING, repeat),),
        doc=f"`s` `n` times; more than {MAX_TEXT:,} characters fail the row",
        examples=("repeat('ab', 3) -> 'ababab'", "repeat('ab', 0) -> ''"),
    ),
    _filling(
        "lpad", left_pad, "before",
        "lpad('7', 3, '0') -> '007'", "lpad('Hello', 3, '*') -> 'Hel'",
    ),
    _filling(
        "rpad", right_pad, "behind",
        "rpad('7', 3, '.') -> '7..'", "rpad('Hello', 3, '*') -> 'Hel'",
    ),
    Function(
        name="position",
        aliases=("locate", "instr"),
        overloads=(takes("part STRING, s STRING", T.INT, "({1}.find({0}) + 1)"),),
        doc="where `part` first stands in `s`, from 1; 0 where it does not",
        examples=(
            "position('il', 'boiler') -> 3", "POSITION('il' IN 'boiler') -> 3",
            "locate('x', 'boiler') -> 0", "position('', 'boiler') -> 1",
        ),
        forms=("POSITION(part IN s)",),
        doubtful={
            "instr": "here instr takes what it looks for first; MySQL and Oracle take it second",
        },
    ),
    Function(
        name="ascii",
        aliases=("unicode",),
        overloads=(takes("s STRING", T.INT, "(ord({0}[0]) if {0:=} else None)"),),
        doc="the code point of its first character; NULL of the empty text",
        examples=("ascii('A') -> 65", "ascii('é') -> 233", "ascii('') -> NULL"),
        may_be_null=True,
    ),
    Function(
        name="chr",
        aliases=("char",),
        overloads=(takes("code LONG", T.STRING, character),),
        doc="the character of a code point; NULL where there is none",
        examples=("chr(65) -> 'A'", "chr(-1) -> NULL"),
        may_be_null=True,
    ),
    Function(
        name="like",
        overloads=(takes("s STRING, pattern STRING", T.BOOL),),
        doc="`s LIKE pattern`",
        examples=("like('boiler', 'b%') -> TRUE",),
    ),
    Function(
        name="starts_with",
        aliases=("startswith",),
        overloads=(takes("s STRING, start STRING", T.BOOL, "{0}.startswith({1})"),),
        doc="whether `s` begins with `start`",
        examples=("starts_with('boiler', 'boil') -> TRUE",),
    ),
    Function(
        name="ends_with",
        aliases=("endswith", "suffix"),
        overloads=(takes("s STRING, end STRING", T.BOOL, "{0}.endswith({1})"),),
        doc="whether `s` ends with `end`",
        examples=("ends_with('boiler', 'er') -> TRUE",),
    ),
    Function(
        name="contains",
        overloads=(takes("s STRING, part STRING", T.BOOL, "({1} in {0})"),),
        doc="whether `part` stands in `s`",
        examples=("contains('boiler', 'oil') -> TRUE",),
    ),
    Function(
        name="split_part",
        overloads=(
            takes("s STRING, separator STRING, n LONG", T.STRING, split_part),
        ),
        doc="the part number `n` of what the separator separates, from 1, or from the end where "
        "it is negative; '' where there is none",
        examples=("split_part('a/b/c', '/', 2) -> 'b'", "split_part('a/b/c', '/', -1) -> 'c'"),
    ),
)  # fmt: skip
