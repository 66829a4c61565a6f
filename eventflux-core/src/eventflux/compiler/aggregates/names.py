"""The names that the code of aggregates refers to."""

from __future__ import annotations

from collections import OrderedDict, deque
from decimal import Decimal
from math import inf, sqrt
from typing import Any

from eventflux.base.decimals import DIVISION, EXACT
from eventflux.compiler.aggregates.arranged import RANKS
from eventflux.operators.aggregates import exact_sums, percentiles
from eventflux.operators.aggregates.figures import (
    FEW,
    LOSS,
    PRECISION,
    Figures,
    figures_of,
    values_of,
)
from eventflux.operators.aggregates.ranking import Ranking
from eventflux.operators.aggregates.sketches import DistinctSketch, PercentileSketch
from eventflux.operators.aggregates.sorted_values import SortedValues
from eventflux.operators.keyed import NAN, distinct_values

RUNTIME: dict[str, Any] = {
    "NAN": NAN,
    "INFINITY": inf,
    "ADD": EXACT.add,
    "SUBTRACT": EXACT.subtract,
    "MULTIPLY": EXACT.multiply,
    "DIVIDE": DIVISION.divide,
    "UNITS": exact_sums.UNITS,
    "SMALL": exact_sums.SMALL,
    "LARGE": exact_sums.LARGE,
    "ODD_WITH": exact_sums.odd_with,
    "ODD_WITHOUT": exact_sums.odd_without,
    "ODD_MERGED": exact_sums.odd_merged,
    "TOTAL": exact_sums.total,
    "VARIANCE": exact_sums.variance,
    "DEVIATION": exact_sums.deviation,
    "WHOLE_VARIANCE": exact_sums.whole_variance,
    "WHOLE_DEVIATION": exact_sums.whole_deviation,
    "DECIMAL_VARIANCE": exact_sums.decimal_variance,
    "DECIMAL_DEVIATION": exact_sums.decimal_deviation,
    "FIGURES": Figures,
    "FIGURES_OF": figures_of,
    "VALUES_OF": values_of,
    "LOSS": LOSS,
    "PRECISION": PRECISION,
    "FEW": FEW,
    "ROOT": sqrt,
    "Deque": deque,
    "Ordered": OrderedDict,
    "SortedValues": SortedValues,
    "Ranking": Ranking,
    **RANKS,
    "DISTINCT_VALUES": distinct_values,
    "DECIMAL": Decimal,
    "PERCENTILE_CONT": percentiles.percentile_cont,
    "PERCENTILE_CONT_OF_DECIMALS": percentiles.percentile_cont_of_decimals,
    "PERCENTILE_DISC": percentiles.percentile_disc,
    "DistinctSketch": DistinctSketch,
    "Digest": PercentileSketch,
}
"""They are bound in every generated function, and where the classes of accumulators are made."""
