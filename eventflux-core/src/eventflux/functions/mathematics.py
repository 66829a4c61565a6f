"""Numbers: rounding, powers, logarithms, angles."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, ROUND_HALF_UP, Context, Decimal
from typing import Any

from eventflux.base.decimals import EXACT
from eventflux.base.types import DataType as T
from eventflux.functions.declaration import Function, Inline, Shape, takes

_WHOLE = 2.0**52
"""From here on every float is whole."""
_BELOW_WHOLE = f"{-_WHOLE!r} < {{0:=}} < {_WHOLE!r}"
_ROUND = f"(({{0}} + 0.5) // 1.0 if 0.5 <= {{0:=}} < {_WHOLE / 2!r} else {{round_whole}}({{0}}))"
"""Adding 0.5 is exact here; what is smaller, larger or negative is looked at in a call."""
_ONE = Decimal(1)
_MOST_DIGITS = 400


def round_double(value: float, digits: int = 0) -> float:
    """Half away from zero, by the exact value of the float."""
    return _rounded(value, digits, ROUND_HALF_UP)


def round_whole(value: float) -> float:
    """The nearest whole number, half away from zero."""
    if not -_WHOLE < value < _WHOLE:
        return value
    whole = math.trunc(value)
    rest = value - whole
    if rest >= 0.5:
        whole += 1
    elif rest <= -0.5:
        whole -= 1
    return math.copysign(float(whole), value)


def truncate_double(value: float, digits: int = 0) -> float:
    """Toward zero, by the exact value of the float."""
    return _rounded(value, digits, ROUND_DOWN)


def truncate_whole(value: float) -> float:
    return value if not -_WHOLE < value < _WHOLE else math.copysign(float(math.trunc(value)), value)


def _rounded(value: float, digits: int, rounding: str) -> float:
    if digits == 0 and rounding == ROUND_HALF_UP:
        return round_whole(value)
    if not math.isfinite(value) or digits > _MOST_DIGITS:
        return value
    if digits < -_MOST_DIGITS:
        return math.copysign(0.0, value)
    if rounding == ROUND_HALF_UP and digits > 0:
        twice = value * 10.0**digits * 2 if digits < 20 else 1.0
        if twice % 2 != 1.0:  # no half in sight, so that all ways of rounding agree
            return round(value, digits)
    exact = EXACT_CONTEXTS[rounding].quantize(Decimal(value), _ONE.scaleb(-digits))
    return math.copysign(float(exact), value)


EXACT_CONTEXTS = {
    rounding: Context(prec=1500, rounding=rounding)
    for rounding in (ROUND_HALF_UP, ROUND_DOWN, ROUND_CEILING, ROUND_FLOOR)
}


def round_integer(value: int, digits: int = 0) -> int:
    """Negative digits are those before the point; half away from zero."""
    if digits >= 0:
        return value
    unit: int = 10 ** min(-digits, _MOST_DIGITS)
    rounded = (abs(value) + unit // 2) // unit * unit
    return -rounded if value < 0 else rounded


def truncate_integer(value: int, digits: int = 0) -> int:
    if digits >= 0:
        return value
    unit: int = 10 ** min(-digits, _MOST_DIGITS)
    cut = abs(value) // unit * unit
    return -cut if value < 0 else cut


def truncate_to_double(value: int, digits: int = 0) -> float:
    return float(truncate_integer(value, digits))


def _decimals(rounding: str) -> Callable[..., Decimal]:
    quantize = EXACT_CONTEXTS[rounding].quantize

    def quantized(value: Decimal, digits: int = 0) -> Decimal:
        digits = max(min(digits, _MOST_DIGITS), -_MOST_DIGITS)
        exponent: Any = value.as_tuple().exponent
        return value if digits >= -exponent else quantize(value, _ONE.scaleb(-digits))

    return quantized


def square_root(value: float) -> float | None:
    return math.sqrt(value) if value >= 0 else None if value < 0 else value


def power(base: float, exponent: float) -> float | None:
    """NULL where no real number is the power; beyond all floats infinite."""
    try:
        return math.pow(base, exponent)
    except OverflowError:
        return -math.inf if base < 0 and exponent % 2 == 1 else math.inf
    except ValueError:
        return None


def exponential(value: float) -> float:
    try:
        return math.exp(value)
    except OverflowError:
        return math.inf


def _logarithm(function: Callable[[float], float]) -> Callable[[float], float | None]:
    def logarithm(value: float) -> float | None:
        return function(value) if value > 0 else None if value <= 0 else value

    return logarithm


natural_logarithm = _logarithm(math.log)
logarithm_2 = _logarithm(math.log2)
logarithm_10 = _logarithm(math.log10)


def logarithm(base: float, value: float) -> float | None:
    """The logarithm of ``value`` to ``base``."""
    if base <= 0 or base == 1 or value <= 0:
        return None
    if base == 10:
        return math.log10(value)
    return math.log2(value) if base == 2 else math.log(value) / math.log(base)


def _of_finite(function: Callable[[float], float]) -> Callable[[float], float]:
    """``function`` where it has a value, else NaN."""

    def of_finite(value: float) -> float:
        try:
            return function(value)
        except ValueError:
            return math.nan

    return of_finite


def _choosing(better: Callable[[Any, Any], bool]) -> Callable[..., Any]:
    """Makes the function to the best of its arguments, NULLs and NaN being passed over."""

    def chosen(*values: Any) -> Any:
        best = None
        for value in values:
            if value is not None and (best is None or best != best or better(value, best)):
                best = value
        return best

    return chosen


greatest = _choosing(operator.gt)
least = _choosing(operator.lt)


def _extreme(name: str, sign: str) -> Shape:
    """The greatest or the least, where no call of ours is needed to find it."""

    def inline(nullable: Sequence[bool], simple: bool, gives: T) -> Inline | None:
        better = f"{{0:=}} {sign} {{1:=}}" + (" or {1} != {1}" if gives.is_floating else "")
        match nullable:
            case [_]:
                return Inline("{0}")
            case [False, False]:
                return Inline(f"({{0}} if {better} else {{1}})")
            case [True, False] if simple:
                return Inline(f"({{0}} if {{0}} is not None and ({better}) else {{1}})")
            case [False, True] if simple:
                return Inline(f"({{0}} if {{1}} is None or {better} else {{1}})")
        if any(nullable) or gives.is_floating:
            return None
        return Inline(f"{name}({', '.join(f'{{{i}}}' for i in range(len(nullable)))})")

    return inline


def _of_one(
    name: str, code: Callable[..., Any], doc: str, *examples: str, may_be_null: bool = False
) -> Function:
    """A function from one DOUBLE to another."""
    return Function(
        name=name,
        overloads=(takes("x DOUBLE", T.DOUBLE, code),),
        doc=doc,
        examples=examples,
        may_be_null=may_be_null,
    )


def _rounding(
    name: str, aliases: tuple[str, ...], rounding: str, doc: str, double: Any, *examples: str
) -> Function:
    """``ceil`` or ``floor``: DECIMAL of DECIMALs, else DOUBLE."""
    return Function(
        name=name,
        aliases=aliases,
        overloads=(
            takes("x integer", T.DOUBLE, "float({0})"),
            takes("x decimal", T.DECIMAL, _decimals(rounding)),
            takes("x DOUBLE", T.DOUBLE, double),
        ),
        doc=doc,
        examples=examples,
    )


DECLARED = (
    Function(
        name="abs",
        overloads=(
            takes("x decimal", "argument", EXACT.abs),
            takes("x number", "argument", "abs({0})"),
        ),
        doc="`x` without its sign",
        examples=("abs(-3) -> 3", "abs(-2.5) -> 2.5", "abs(NULL) -> NULL"),
        fits="unknown",
    ),
    _rounding(
        "ceil", ("ceiling",), ROUND_CEILING, "the least whole number that is not below `x`",
        f"(-(-{{0}} // 1.0) if {_BELOW_WHOLE} else {{0}})",
        "ceil(2.1) -> 3.0", "ceil(-2.1) -> -2.0", "ceil(3) -> 3.0",
    ),
    _rounding(
        "floor", (), ROUND_FLOOR, "the greatest whole number that is not above `x`",
        f"({{0}} // 1.0 if {_BELOW_WHOLE} else {{0}})",
        "floor(2.9) -> 2.0", "floor(-2.1) -> -3.0", "floor(3) -> 3.0",
    ),
    Function(
        name="round",
        overloads=(
            takes("x integer, digits LONG?", T.LONG, round_integer),
            takes("x decimal, digits LONG?", T.DECIMAL, _decimals(ROUND_HALF_UP)),
            takes("x DOUBLE", T.DOUBLE, _ROUND, round_whole=round_whole),
            takes("x DOUBLE, digits LONG", T.DOUBLE, round_double),
        ),
        doc="`x` rounded, half away from zero, to `digits` behind the point or, where these are "
        "negative, before it",
        examples=(
            "round(3.5) -> 4.0", "round(-2.5) -> -3.0", "round(2.345, 2) -> 2.35",
            "round(1250, -2) -> 1300",
        ),
        fits="unknown",
    ),
    Function(
        name="trunc",
        aliases=("truncate",),
        overloads=(
            takes("x integer, digits LONG?", T.DOUBLE, truncate_to_double),
            takes("x decimal, digits LONG?", T.DECIMAL, _decimals(ROUND_DOWN)),
            takes("x DOUBLE", T.DOUBLE, truncate_whole),
            takes("x DOUBLE, digits LONG", T.DOUBLE, truncate_double),
        ),
        doc="`x` cut toward zero, to `digits` as for `round`",
        examples=("trunc(2.9) -> 2.0", "trunc(-2.9) -> -2.0", "trunc(2.987, 2) -> 2.98"),
    ),
    Function(
        name="sign",
        overloads=(
            takes("x number", T.INT, "(1 if {0:=} > 0 else -1 if {0} < 0 else 0)"),
        ),
        doc="-1, 0 or 1, as `x` is below, at or above zero; 0 of NaN",
        examples=("sign(-2.5) -> -1", "sign(0) -> 0", "sign(7) -> 1"),
    ),
    Function(
        name="mod",
        overloads=(takes("a number, b number", "same"),),
        doc="`a % b`: the rest of a division, with the sign of `a`; NULL where `b` is 0",
        examples=("mod(17, 5) -> 2", "mod(-17, 5) -> -2", "mod(1, 0) -> NULL"),
        may_be_null=True,
    ),
    _of_one("sqrt", square_root, "the square root; NULL of a negative number",
            "sqrt(9) -> 3.0", "sqrt(-1) -> NULL", may_be_null=True),
    Function(
        name="power",
        aliases=("pow",),
        overloads=(takes("x DOUBLE, y DOUBLE", T.DOUBLE, power),),
        doc="`x` to the power of `y`; NULL where no real number is",
        examples=("power(2, 10) -> 1024.0", "power(9, 0.5) -> 3.0", "power(-8, 0.5) -> NULL"),
        may_be_null=True,
    ),
    _of_one("exp", exponential, "e to the power of `x`", "exp(0) -> 1.0"),
    _of_one("ln", natural_logarithm, "the natural logarithm; NULL of what is not above zero",
            "ln(1) -> 0.0", "ln(0) -> NULL", may_be_null=True),
    Function(
        name="log",
        overloads=(
            takes("x DOUBLE", T.DOUBLE, natural_logarithm),
            takes("base DOUBLE, x DOUBLE", T.DOUBLE, logarithm),
        ),
        doc="the logarithm of `x` to a base, without one the natural logarithm; NULL where there "
        "is none",
        examples=("log(1) -> 0.0", "log(2, 8) -> 3.0", "log(10, 1000) -> 3.0", "log(-1) -> NULL"),
        may_be_null=True,
    ),
    _of_one("log10", logarithm_10, "the logarithm to the base 10; NULL of what is not above zero",
            "log10(1000) -> 3.0", "log10(0) -> NULL", may_be_null=True),
    _of_one("log2", logarithm_2, "the logarithm to the base 2; NULL of what is not above zero",
            "log2(8) -> 3.0", "log2(0) -> NULL", may_be_null=True),
    _of_one("sin", _of_finite(math.sin), "the sine of `x` radians", "sin(0) -> 0.0"),
    _of_one("cos", _of_finite(math.cos), "the cosine of `x` radians", "cos(0) -> 1.0"),
    _of_one("tan", _of_finite(math.tan), "the tangent of `x` radians", "tan(0) -> 0.0"),
    _of_one("asin", _of_finite(math.asin), "the arc sine, in radians; NaN outside of -1 to 1",
            "asin(0) -> 0.0"),
    _of_one("acos", _of_finite(math.acos), "the arc cosine, in radians; NaN outside of -1 to 1",
            "acos(1) -> 0.0"),
    _of_one("atan", _of_finite(math.atan), "the arc tangent, in radians", "atan(0) -> 0.0"),
    Function(
        name="atan2",
        overloads=(takes("y DOUBLE, x DOUBLE", T.DOUBLE, math.atan2),),
        doc="the angle of the point (`x`, `y`), in radians",
        examples=("atan2(0, 1) -> 0.0",),
    ),
    _of_one("degrees", math.degrees, "`x` radians in degrees",
            "degrees(0) -> 0.0", "degrees(pi()) -> 180.0"),
    _of_one("radians", math.radians, "`x` degrees in radians", "radians(0) -> 0.0"),
    Function(
        name="pi",
        overloads=(takes("", T.DOUBLE, repr(math.pi)),),
        doc="π",
        examples=("pi() -> 3.141592653589793",),
    ),
    Function(
        name="greatest",
        aliases=("maximum",),
        overloads=(takes("x ordered*", "same", greatest, shape=_extreme("max", ">")),),
        doc="the greatest of its arguments; NULLs are passed over, and NaN beside numbers",
        examples=(
            "greatest(1, 3, 2) -> 3", "greatest(NULL, 1.5) -> 1.5", "greatest('a', 'b') -> 'b'",
        ),
        nulls="given",
        fits="arguments",
    ),
    Function(
        name="least",
        aliases=("minimum",),
        overloads=(takes("x ordered*", "same", least, shape=_extreme("min", "<")),),
        doc="the least of its arguments; NULLs are passed over, and NaN beside numbers",
        examples=("least(1, 3, 2) -> 1", "least(NULL, 1.5) -> 1.5", "least('a', 'b') -> 'a'"),
        nulls="given",
        fits="arguments",
    ),
    Function(
        name="random",
        aliases=("rand",),
        overloads=(takes("", T.DOUBLE, "{chance}.random()"),),
        doc="a random number from 0 up to 1, new for each call; under a virtual clock the same in "
        "each run",
        examples=("random() -> …",),
        deterministic=False,
    ),
)  # fmt: skip
