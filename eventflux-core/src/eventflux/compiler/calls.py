"""Calls of the functions of the language as Python: as text where they are declared so, else by
their names; nothing of our own stands between."""

from __future__ import annotations

import string
from collections.abc import Callable, Iterable, Mapping, Sequence

import msgspec

from eventflux.base.clock import Clock
from eventflux.compiler.arrival import Arrived
from eventflux.compiler.pieces import Piece, constant_value, once
from eventflux.compiler.source import Bindings, Names, is_simple
from eventflux.functions import FUNCTIONS
from eventflux.functions.declaration import NOT_CONSTANT, Code, Inline, Overload
from eventflux.operators.chance import Chance
from eventflux.planner import expressions as e
from eventflux.planner.rewriting import walk

Ambient = Mapping[str, Callable[[Bindings], str]]
"""What code may name besides its arguments, such as the clock: how to refer to each."""


def ambient_of(clock: Clock, arrived: Arrived, chance: Chance) -> Ambient:
    """``now`` is the clock as a row sees it, one value however often it is asked; ``chance``
    gives random values."""

    def now(bindings: Bindings) -> str:
        if clock.moved_by_rows:
            return f"{bindings.bind('clock', clock)}.now_ms()"
        return f"{bindings.bind('arrived', arrived)}.ms"

    return {"now": now, "chance": lambda bindings: bindings.bind("chance", chance)}


def called(expressions: Iterable[e.Expression]) -> frozenset[str]:
    """The names of all functions that they call, as they were declared."""
    nodes = (node for expression in expressions for node in walk(expression))
    return frozenset(node.function for node in nodes if isinstance(node, e.Call))


def call_text(
    call: e.Call, pieces: Sequence[Piece], names: Names, bindings: Bindings, ambient: Ambient
) -> str:
    """The text of a call of a function of the language, ``None`` being NULL."""
    strict = FUNCTIONS[call.function.lower()].nulls == "strict"
    texts = [piece.core if strict else piece.value for piece in pieces]
    simple = [_is_simple(a, text) for a, text in zip(call.arguments, texts, strict=True)]
    code = _code(call, [piece.nullable and not strict for piece in pieces], all(simple))
    if not isinstance(code, Inline):
        return f"{bindings.bind(_name_of(code, call.function), code)}({', '.join(texts)})"
    used = {name: bindings.bind(name, value) for name, value in code.uses.items()}
    for place, text in enumerate(texts):
        if text.isdecimal() and f"{{{place}}}." in code.text:
            texts[place] = f"({text})"  # before a dot it would be read as a number with a point
    operands = [_Operand(text, text) for text in texts]
    for _, name, spec, _ in string.Formatter().parse(code.text):
        if name is not None and name in ambient:
            used[name] = ambient[name](bindings)
        elif name is not None and spec == "=" and not simple[int(name)]:
            operands[int(name)] = _Operand(*once(texts[int(name)], names))
    return code.text.format(*operands, **used)


def _is_simple(argument: e.Expression, text: str) -> bool:
    """Whether repeating the text repeats no work."""
    return is_simple(text) or isinstance(argument, e.Literal)


def _code(call: e.Call, nullable: Sequence[bool], simple: bool) -> Code:
    overload = overload_of(call)
    constants = [
        constant_value(a) if isinstance(a, e.Literal) and a.value is not None else NOT_CONSTANT
        for a in call.arguments
    ]
    special = None if overload.specialise is None else overload.specialise(*constants)
    if special is None and overload.shape is not None:
        special = overload.shape(nullable, simple, call.type)
    code = overload.code if special is None else special
    assert code is not None, f"{call.function} has no code"
    return code


def overload_of(call: e.Call) -> Overload:
    """The overload that the planner chose for a call."""
    return FUNCTIONS[call.function.lower()].overloads[call.overload]


def _name_of(code: object, otherwise: str) -> str:
    name = getattr(code, "__name__", "")
    return name if name.isidentifier() else otherwise


class _Operand(msgspec.Struct, frozen=True):
    """An argument in a template: ``{0:=}`` where it is evaluated, ``{0}`` where it is known."""

    first: str
    later: str

    def __format__(self, spec: str) -> str:
        return self.first if spec == "=" else self.later
