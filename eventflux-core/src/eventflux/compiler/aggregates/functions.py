"""The aggregate functions: what each keeps of its argument's values, and how it is read.

Their names, arguments and types are declared where queries are bound, in
:mod:`eventflux.planner.aggregates`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import msgspec

from eventflux.base.types import DataType
from eventflux.compiler.aggregates.arranged import Arranged, Foremost, Order
from eventflux.compiler.aggregates.counts import Ranked, Trues
from eventflux.compiler.aggregates.extremes import Extreme, SlidingExtreme, Sorted
from eventflux.compiler.aggregates.orders import First, Listed, Newest
from eventflux.compiler.aggregates.parts import At, Leaving, Part
from eventflux.compiler.aggregates.sketches import Sketched
from eventflux.compiler.aggregates.sums import ExactTotal, Squares, Total
from eventflux.compiler.pieces import Variable
from eventflux.compiler.source import Names
from eventflux.planner.calls import AggregateCall


class Reading(msgspec.Struct, frozen=True):
    """A call whose result is read from an accumulator."""

    call: AggregateCall
    kind: DataType
    """The type of the argument."""
    leaving: Leaving
    at: At
    count: str
    """The text of the number of values."""
    some: str
    """The text that there are any."""
    nullable: bool
    """Whether there may be no values."""
    boxed: bool
    """Whether values stand in lists."""
    order: Order
    """What they are ordered by, if not as they came."""
    names: Names
    figures: bool = False
    """Whether sums and extremes are read of :mod:`.figures`."""

    def of_some(self, text: str) -> Variable:
        """``text``, or NULL where there are no values."""
        if not self.nullable:
            return Variable(text, False)
        return Variable(f"({text} if {self.count} else None)", True)


class Function(msgspec.Struct, frozen=True):
    """How one aggregate function is computed."""

    keeps: Callable[[DataType, Leaving], tuple[Part, ...]]
    read: Callable[[Reading], Variable]
    counts: bool = True
    """Whether the number of values is a part of its result."""
    boxes: bool = False
    """Whether NULLs are values to it."""
    sees_all: bool = False
    """Whether with DISTINCT it still has to know all values, and leaves some out by itself."""
    arranges: Callable[[Order, Leaving], tuple[Part, ...]] | None = None
    """What it keeps of values in an order of their own, where it can have one."""


def _nothing(kind: DataType, leaving: Leaving) -> tuple[Part, ...]:
    return ()


def _total(kind: DataType, leaving: Leaving) -> tuple[Part, ...]:
    if kind.is_floating and leaving != "never":
        return (ExactTotal(squares=False),)
    return (Total(kind),)


def _moments(kind: DataType, leaving: Leaving) -> tuple[Part, ...]:
    if kind.is_floating:
        return (ExactTotal(squares=True),)
    return (Total(kind), Squares(kind))


def _first(kind: DataType, leaving: Leaving) -> tuple[Part, ...]:
    return (First(),) if leaving == "never" else (Listed(leaving),)


def _last(kind: DataType, leaving: Leaving) -> tuple[Part, ...]:
    return (Listed(leaving),) if leaving == "any" else (Newest(),)


def _listed(kind: DataType, leaving: Leaving) -> tuple[Part, ...]:
    return (Listed(leaving),)


def _arranged(order: Order, leaving: Leaving) -> tuple[Part, ...]:
    return (Arranged(order, leaving),)


def _outermost(
    which: Literal["foremost", "hindmost"],
) -> Callable[[Order, Leaving], tuple[Part, ...]]:
    def arranges(order: Order, leaving: Leaving) -> tuple[Part, ...]:
        return (Foremost(which, order) if leaving == "never" else Arranged(order, leaving),)

    return arranges


def _sorted(kind: DataType, leaving: Leaving) -> tuple[Part, ...]:
    return (Sorted(kind),)


def _trues(kind: DataType, leaving: Leaving) -> tuple[Part, ...]:
    return (Trues(),)


def _ranked(kind: DataType, leaving: Leaving) -> tuple[Part, ...]:
    return (Ranked(kind),)


def _sketched(
    which: Literal["distinct_sketch", "digest"],
) -> Callable[[DataType, Leaving], tuple[Part, ...]]:
    return lambda kind, leaving: (Sketched(which),)


def _forever(
    which: Literal["low", "high"],
) -> Callable[[DataType, Leaving], tuple[Part, ...]]:
    def keeps(kind: DataType, leaving: Leaving) -> tuple[Part, ...]:
        if kind.is_floating:
            return (Extreme("low", kind), Extreme("high", kind))
        return (Extreme(which, kind),)

    return keeps


def _extremes(
    which: Literal["low", "high"],
) -> Callable[[DataType, Leaving], tuple[Part, ...]]:
    sliding: Literal["lows", "highs"] = "lows" if which == "low" else "highs"

    def keeps(kind: DataType, leaving: Leaving) -> tuple[Part, ...]:
        match leaving:
            case "never":
                return _forever(which)(kind, leaving)
            case "oldest":
                return (SlidingExtreme(sliding, kind),)
            case "any":
                return (Sorted(kind),)

    return keeps


def _read_count(r: Reading) -> Variable:
    return Variable(r.count, False)


def _sum_text(r: Reading) -> str:
    if r.figures or not r.kind.is_floating or r.leaving == "never":
        return r.at("total")
    units, odd = r.at("units"), r.at("odd")
    return f"({units} / UNITS if {odd} is None else TOTAL({units}, {odd}))"


def _read_sum(r: Reading) -> Variable:
    return r.of_some(_sum_text(r))


def _read_avg(r: Reading) -> Variable:
    exact = r.call.type is DataType.DECIMAL
    quotient = "DIVIDE({}, {})" if exact else "({} / {})"
    if not r.nullable:
        return Variable(quotient.format(_sum_text(r), r.count), False)
    rows = r.names.fresh("t")
    mean = quotient.format(_sum_text(r), rows)
    if not exact:
        mean = mean[1:-1]
    return Variable(f"({mean} if ({rows} := {r.count}) else None)", True)


def _spread(function: str, less: int) -> Callable[[Reading], Variable]:
    """A variance or deviation; of a sample one value ``less`` than there are counts."""

    def read(r: Reading) -> Variable:
        if r.figures:
            return _spread_at_hand(r, function, less)
        name, fields = f"WHOLE_{function}", ["total", "squares"]
        if r.kind.is_floating:
            name, fields = function, ["units", "squares", "odd"]
        elif r.kind is DataType.DECIMAL:
            name = f"DECIMAL_{function}"
        arguments = ", ".join([r.count, *map(r.at, fields), str(less)])
        return Variable(f"{name}({arguments})", r.nullable or less > 0)

    return read


def _spread_at_hand(r: Reading, function: str, less: int) -> Variable:
    """A variance or deviation of the population's variance."""
    spread = r.at("spread")
    if less:
        spread = f"{spread} * {r.count} / ({r.count} - {less})"
    text = f"ROOT({spread})" if function == "DEVIATION" else spread
    if not less:
        return r.of_some(text)
    return Variable(f"({text} if {r.count} > {less} else None)", True)


def _read_extreme(which: Literal["low", "high"]) -> Callable[[Reading], Variable]:
    def read(r: Reading) -> Variable:
        match r.leaving:
            case _ if r.figures:
                return r.of_some(r.at("least" if which == "low" else "greatest"))
            case "never":
                return _ever(r, which)
            case "oldest":
                queue = r.at(f"{which}s")
                return _of_ordered(r, queue, f"{queue}[0]")
            case "any":
                values = r.at("sorted")
                return _of_ordered(r, values, f"{values}.{which}est")

    return read


def _ever(r: Reading, which: Literal["low", "high"]) -> Variable:
    value = r.at(which)
    if r.kind.is_floating:
        low, high = r.at("low"), r.at("high")
        nothing = f"NAN if {r.some} else None" if r.nullable else "NAN"
        return Variable(f"({value} if {low} <= {high} else {nothing})", r.nullable)
    if not r.nullable:
        return Variable(value, False)
    if r.kind.is_numeric:
        unset = "INFINITY" if which == "low" else "-INFINITY"
        return Variable(f"({value} if {value} != {unset} else None)", True)
    return Variable(value, True)


def _ever_of(which: Literal["low", "high"]) -> Callable[[Reading], Variable]:
    return lambda r: _ever(r, which)


def _of_ordered(r: Reading, values: str, extreme: str) -> Variable:
    """The extreme of values that have no NaN among them."""
    if r.kind.is_floating:
        nothing = f"NAN if {r.some} else None" if r.nullable else "NAN"
        return Variable(f"({extreme} if {values} else {nothing})", r.nullable)
    if not r.nullable:
        return Variable(extreme, False)
    return Variable(f"({extreme} if {values} else None)", True)


def _read_outermost(
    r: Reading, which: Literal["foremost", "hindmost"], end: Literal["lowest", "highest"]
) -> Variable:
    """Of values in an order of their own."""
    if r.leaving != "never":
        return r.of_some(f"{r.at('arranged')}.{end}[2][0]")
    found = r.at(which)
    if not r.nullable:
        return Variable(f"{found}[1][0]", False)
    return Variable(f"({found}[1][0] if {found} is not None else None)", True)


def _read_first(r: Reading) -> Variable:
    if r.order:
        return _read_outermost(r, "foremost", "lowest")
    match r.leaving:
        case "never":
            return Variable(r.at("first"), r.nullable)
        case "oldest":
            return r.of_some(f"{r.at('listed')}[0]")
        case "any":
            return r.of_some(f"next(iter({r.at('listed')}.values()))")


def _read_last(r: Reading) -> Variable:
    if r.order:
        return _read_outermost(r, "hindmost", "highest")
    match r.leaving:
        case "never":
            return Variable(r.at("newest"), r.nullable)
        case "oldest":
            return r.of_some(r.at("newest"))
        case "any":
            return r.of_some(f"next(reversed({r.at('listed')}.values()))")


def _read_and(r: Reading) -> Variable:
    return r.of_some(f"({r.at('trues')} == {r.count})")


def _read_or(r: Reading) -> Variable:
    return r.of_some(f"({r.at('trues')} > 0)")


def _read_mode(r: Reading) -> Variable:
    return Variable(f"{r.at('ranking')}.first", r.nullable)


def listed_values(r: Reading) -> str:
    """The text of all values as they came, each once with DISTINCT."""
    if r.order:
        value = r.names.fresh("v")
        values = f"[{value}[0] for _, _, {value} in {r.at('arranged')}]"
    else:
        values = f"{r.at('listed')}.values()" if r.leaving == "any" else r.at("listed")
        if r.boxed:
            value = r.names.fresh("v")
            values = f"[{value} for {value}, in {values}]"
    return f"DISTINCT_VALUES({values})" if r.call.distinct else values


def _read_array(r: Reading) -> Variable:
    values = listed_values(r)
    copied = r.boxed or r.order or r.call.distinct
    return r.of_some(values if copied else f"list({values})")


def _read_text(r: Reading) -> Variable:
    (separator,) = r.call.parameters
    return r.of_some(f"{separator.value!a}.join({listed_values(r)})")


def _percentile(function: str) -> Callable[[Reading], Variable]:
    def read(r: Reading) -> Variable:
        name, values, (fraction,) = function, r.at("sorted"), r.call.parameters
        share = repr(fraction.value)
        if r.kind is DataType.DECIMAL and function == "PERCENTILE_CONT":
            name, share = "PERCENTILE_CONT_OF_DECIMALS", f"DECIMAL({share!a})"
        nans = f"{r.count} - len({values})" if r.kind.is_floating else "0"
        falling = ", True" if r.call.order else ""
        return Variable(f"{name}({values}, {nans}, {share}{falling})", r.nullable)

    return read


def _read_estimate(r: Reading) -> Variable:
    return Variable(f"{r.at('distinct_sketch')}.estimate()", False)


def _read_digest(r: Reading) -> Variable:
    (fraction,) = r.call.parameters
    return Variable(f"{r.at('digest')}.quantile({fraction.value!r})", True)


FUNCTIONS: dict[str, Function] = {
    "count": Function(_nothing, _read_count),
    "sum": Function(_total, _read_sum),
    "avg": Function(_total, _read_avg),
    "min": Function(_extremes("low"), _read_extreme("low"), counts=False),
    "max": Function(_extremes("high"), _read_extreme("high"), counts=False),
    "first": Function(_first, _read_first, counts=False, arranges=_outermost("foremost")),
    "last": Function(_last, _read_last, counts=False, arranges=_outermost("hindmost")),
    "stddev_pop": Function(_moments, _spread("DEVIATION", 0)),
    "stddev_samp": Function(_moments, _spread("DEVIATION", 1)),
    "var_pop": Function(_moments, _spread("VARIANCE", 0)),
    "var_samp": Function(_moments, _spread("VARIANCE", 1)),
    "bool_and": Function(_trues, _read_and),
    "bool_or": Function(_trues, _read_or),
    "mode": Function(_ranked, _read_mode, counts=False),
    "min_forever": Function(_forever("low"), _ever_of("low"), counts=False),
    "max_forever": Function(_forever("high"), _ever_of("high"), counts=False),
    "array_agg": Function(_listed, _read_array, boxes=True, sees_all=True, arranges=_arranged),
    "string_agg": Function(_listed, _read_text, sees_all=True, arranges=_arranged),
    "percentile_cont": Function(_sorted, _percentile("PERCENTILE_CONT")),
    "percentile_disc": Function(_sorted, _percentile("PERCENTILE_DISC")),
    "approx_count_distinct": Function(_sketched("distinct_sketch"), _read_estimate, counts=False),
    "approx_percentile": Function(_sketched("digest"), _read_digest, counts=False),
}
"""By the name that a plan calls it by."""
