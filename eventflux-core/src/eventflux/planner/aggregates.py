"""The aggregate functions of the language: names, arguments and types.

From this one declaration come what a query may call, the error for what it may not, and the table
in the docs. How each is computed is declared where code is written, in
:mod:`eventflux.compiler.aggregates.functions`, by the name in a plan.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

import msgspec

from eventflux.base.types import DataType

Takes = Literal["any", "numbers", "ordered", "keys", "conditions", "texts", "doubles", "simple"]
"""What an argument is: ``ordered`` are all types but BOOL and OBJECT, ``keys`` all but OBJECT,
``simple`` all but OBJECT, DECIMAL and BYTES; ``doubles`` are numbers, taken as DOUBLE."""

Gives = Literal["LONG", "DOUBLE", "BOOL", "STRING", "OBJECT", "argument", "sum", "mean"]
"""The type of the result: ``argument`` is that of the argument, ``sum`` is LONG of integers and
DECIMAL of DECIMALs, ``mean`` is DECIMAL of DECIMALs; both are else DOUBLE."""

Constant = Literal["fraction", "separator"]
"""A second argument: a number from 0 to 1, or a text (``,`` where it is left out)."""


class AggregateFunction(msgspec.Struct, frozen=True, kw_only=True):
    """One aggregate as queries call it."""

    name: str
    takes: Takes
    gives: Gives
    doc: str
    """What its value is, in a few words, for tables."""
    function: str
    """What a plan calls it by."""
    aliases: tuple[str, ...] = ()
    constant: Constant | None = None
    fixed: float | None = None
    """The value of a constant that is not given."""
    distinct: Literal["counts", "same", "refused", "always"] = "counts"
    """What DISTINCT does: each value ``counts`` once; nothing, for that gives the ``same``;
    it is ``refused``, for it has no meaning; it is ``always`` so."""
    of_none: Literal["0", "NULL"] = "NULL"
    """What it gives of no values."""
    null_of_some: bool = False
    """Whether it can be NULL where there are values."""
    order: Literal["rows", "values"] | None = None
    """Whose order shows in it: that of its ``rows``, which ORDER BY can change; or that of its
    ``values``, which it puts in order itself: they may stand in WITHIN GROUP (ORDER BY value)."""
    falls: bool = False
    """Whether that order can be descending."""
    forever: bool = False
    """Whether values stay in it that have left the window."""
    sketch: bool = False
    """Whether it is approximate, needs the package of sketches, and nothing can leave it."""

    @property
    def signature(self) -> str:
        """``string_agg(x, separator)``."""
        given = self.constant is not None and self.fixed is None
        return f"{self.name}(x, {self.constant})" if given else f"{self.name}(x)"

    def result(self, argument: DataType) -> DataType:
        """The type of its value over an argument of a type that it takes."""
        match self.gives:
            case "argument":
                return argument
            case "sum" if argument.is_integer:
                return DataType.LONG
            case "sum" | "mean":
                return DataType.DECIMAL if argument is DataType.DECIMAL else DataType.DOUBLE
            case gives:
                return DataType(gives)


def _spread(name: str, doc: str, *aliases: str) -> AggregateFunction:
    return AggregateFunction(
        name=name,
        aliases=aliases,
        takes="numbers",
        gives="DOUBLE",
        doc=doc,
        function=name,
        null_of_some=name.endswith("samp"),
    )


_DECLARED = (
    AggregateFunction(
        name="count",
        takes="any",
        gives="LONG",
        doc="how many values; `count(*)`: how many rows",
        function="count",
        of_none="0",
    ),
    AggregateFunction(
        name="distinct_count",
        aliases=("distinctCount",),
        takes="keys",
        gives="LONG",
        doc="how many different values, as `count(DISTINCT x)`",
        function="count",
        distinct="always",
        of_none="0",
    ),
    AggregateFunction(name="sum", takes="numbers", gives="sum", doc="their sum", function="sum"),
    AggregateFunction(name="avg", takes="numbers", gives="mean", doc="their mean", function="avg"),
    AggregateFunction(
        name="min", takes="ordered", gives="argument", doc="the least", function="min",
        distinct="same",
    ),
    AggregateFunction(
        name="max", takes="ordered", gives="argument", doc="the greatest", function="max",
        distinct="same",
    ),
    AggregateFunction(
        name="min_forever", aliases=("minForever",), takes="ordered", gives="argument",
        doc="the least since the start, also of values that have left the window",
        function="min_forever", distinct="same", forever=True,
    ),
    AggregateFunction(
        name="max_forever", aliases=("maxForever",), takes="ordered", gives="argument",
        doc="the greatest since the start, also of values that have left the window",
        function="max_forever", distinct="same", forever=True,
    ),
    _spread("stddev_pop", "the standard deviation of these values", "stddev", "stdDev"),
    _spread("stddev_samp", "that of a population that they are a sample of; NULL of one value"),
    _spread("var_pop", "the variance of these values", "variance"),
    _spread("var_samp", "that of a population that they are a sample of; NULL of one value"),
    AggregateFunction(
        name="first", takes="any", gives="argument", doc="the oldest", function="first",
        order="rows",
        distinct="refused",
    ),
    AggregateFunction(
        name="last", takes="any", gives="argument", doc="the newest", function="last",
        order="rows",
        distinct="refused",
    ),
    AggregateFunction(
        name="bool_and", aliases=("and",), takes="conditions", gives="BOOL",
        doc="whether all are TRUE", function="bool_and", distinct="same",
    ),
    AggregateFunction(
        name="bool_or", aliases=("or",), takes="conditions", gives="BOOL",
        doc="whether any is TRUE", function="bool_or", distinct="same",
    ),
    AggregateFunction(
        name="mode", takes="keys", gives="argument",
        order="values",
        doc="the most frequent, of several the least", function="mode", distinct="refused",
    ),
    AggregateFunction(
        name="median", takes="numbers", gives="mean",
        order="values", falls=True,
        doc="the middle one, as `percentile_cont(x, 0.5)`", function="percentile_cont",
        constant="fraction", fixed=0.5,
    ),
    AggregateFunction(
        name="percentile_cont", aliases=("quantile_cont", "quantile"), takes="numbers",
        order="values", falls=True,
        gives="mean",
        doc="the value at this fraction of the way from the least to the greatest, between the "
        "nearest two where it falls between",
        function="percentile_cont", constant="fraction",
    ),
    AggregateFunction(
        name="percentile_disc", aliases=("quantile_disc",), takes="ordered", gives="argument",
        order="values", falls=True,
        doc="the least value that at least this fraction of all are not greater than",
        function="percentile_disc", constant="fraction",
    ),
    AggregateFunction(
        name="array_agg", aliases=("collect_list",), takes="any", gives="OBJECT",
        order="rows",
        doc="the list of all, oldest first, NULLs too", function="array_agg",
    ),
    AggregateFunction(
        name="string_agg", takes="texts", gives="STRING",
        order="rows",
        doc="all texts in one, oldest first, with the separator between them (`','` where it is "
        "left out)",
        function="string_agg", constant="separator",
    ),
    AggregateFunction(
        name="approx_count_distinct", takes="simple", gives="LONG",
        doc="about how many different values, within 1.6 % two times out of three, in 4 KiB",
        function="approx_count_distinct", distinct="same", of_none="0", sketch=True,
    ),
    AggregateFunction(
        name="approx_percentile", aliases=("approx_quantile",), takes="doubles", gives="DOUBLE",
        order="values",
        doc="about `percentile_cont`, in a few KiB; NaN is passed over",
        function="approx_percentile", constant="fraction", distinct="refused",
        null_of_some=True, sketch=True,
    ),
)  # fmt: skip

AGGREGATES: Mapping[str, AggregateFunction] = MappingProxyType(
    {
        name.lower(): declared
        for declared in _DECLARED
        for name in (declared.name, *declared.aliases)
    }
)
"""Every aggregate by each of its names, in lower case."""


def declared_aggregates() -> tuple[AggregateFunction, ...]:
    """All of them, each once."""
    return _DECLARED


KEEPS_TYPE = frozenset(a.function for a in _DECLARED if a.gives == "argument")
"""The functions of a plan whose values are some of their argument's."""
FOREVER = frozenset(a.function for a in _DECLARED if a.forever)
"""Those in which values stay that have left."""
SKETCHES = frozenset(a.function for a in _DECLARED if a.sketch)
"""Those that no value can leave."""
PERCENTILES = frozenset(a.function for a in _DECLARED if a.falls)
"""Those that find a value in an order, which may be descending."""
