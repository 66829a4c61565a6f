"""JSON, as an OBJECT or as a text, by paths such as ``$.items[0].name``."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import msgspec

from eventflux.base.decimals import decimal_text
from eventflux.base.nested import item
from eventflux.base.types import DataType as T
from eventflux.functions.declaration import Function, Inline, takes

_STEP = re.compile(
    r"""\.(?P<name>[^\W\d][\w-]*)|\.?"(?P<quoted>[^"]*)"|\[\s*(?P<place>\d+)\s*\]"""
    r"""|\[\s*(?P<mark>['"])(?P<key>.*?)(?P=mark)\s*\]"""
)


def path(text: str) -> tuple[str | int, ...]:
    """The keys and places of a path.

    Raises:
        ValueError: it is none.
    """
    rest = text.strip().removeprefix("lax ").strip()
    keys: list[str | int] = []
    if rest.startswith("$"):
        place = 1
        while match := _STEP.match(rest, place):
            names = (match["name"], match["quoted"], match["key"])
            name = next((name for name in names if name is not None), None)
            keys.append(int(match["place"]) if name is None else name)
            place = match.end()
        if place == len(rest):
            return tuple(keys)
    hint = "a path is $, then .name, .\"a name\", ['a name'] or [0], as in $.items[0].name"
    raise ValueError(f"{text!r} is no JSON path that is known here", hint)


def parsed(text: str) -> Any:
    """What a JSON text stands for, ``None`` of what is none."""
    try:
        return _decode(text)
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        return None


_decode = msgspec.json.Decoder().decode


def reaching(keys: tuple[str | int, ...]) -> Callable[[Any], Any]:
    """Makes the function to what stands at the end of a path."""

    def reached(value: Any) -> Any:
        for key in keys:
            value = item(value, key)
        return value

    return reached


def scalar_text(value: Any) -> str | None:
    """A single value as a text, ``None`` of lists, dicts and null."""
    kind = value.__class__
    if kind is str:
        return str(value)
    if kind is bool:
        return "true" if value else "false"
    if kind is Decimal:
        return decimal_text(value)
    return repr(value) if kind is int or kind is float else None


def container(value: Any) -> Any:
    """A list or a dict as it is, ``None`` of all else."""
    return value if value.__class__ is dict or value.__class__ is list else None


def _same(value: Any) -> Any:
    return value


def _at(then: Callable[[Any], Any], *, text: bool) -> Callable[..., Inline]:
    def at(data: Any, where: Any) -> Inline:
        reach = reaching(path(str(where)))

        def found(value: Any) -> Any:
            return then(reach(parsed(value) if text else value))

        return Inline("{reach}({0})", {"reach": found})

    return at


def _by_path(name: str, gives: T, then: Callable[[Any], Any], doc: str, *examples: str) -> Function:
    return Function(
        name=name,
        overloads=(
            takes("data object, path path", gives, None, _at(then, text=False)),
            takes("json STRING, path path", gives, None, _at(then, text=True)),
        ),
        doc=f"{doc}; of an OBJECT, or of JSON as a text",
        examples=examples,
        may_be_null=True,
    )


_DATA = """'{"user": {"name": "ann"}, "items": [1, 2.5]}'"""

DECLARED = (
    _by_path(
        "json_value", T.STRING, scalar_text,
        "the single value at a path, as a text; NULL where there is none, or a list or an object",
        f"JSON_VALUE({_DATA}, '$.user.name') -> 'ann'",
        f"JSON_VALUE({_DATA}, '$.items[1]') -> '2.5'",
        f"JSON_VALUE({_DATA}, '$.user') -> NULL",
    ),
    _by_path(
        "json_query", T.OBJECT, container,
        "the list or object at a path; NULL where there is none, or a single value",
        f"JSON_QUERY({_DATA}, '$.user') -> {{\"name\": \"ann\"}}",
        f"JSON_QUERY({_DATA}, '$.items') -> [1, 2.5]",
    ),
    _by_path(
        "json_extract", T.OBJECT, _same,
        "whatever stands at a path, as an OBJECT; NULL where nothing does",
        f"json_extract({_DATA}, '$.items[0]') -> 1",
        f"json_extract({_DATA}, '$.nothing') -> NULL",
    ),
    Function(
        name="parse_json",
        aliases=("json_parse",),
        overloads=(takes("s STRING", T.OBJECT, parsed),),
        doc="the OBJECT that JSON stands for; NULL of what is none",
        examples=(
            """parse_json('[1, {"a": null}]') -> [1, {"a": null}]""",
            "parse_json('{') -> NULL",
        ),
        may_be_null=True,
    ),
)  # fmt: skip
