"""Aggregates in generated code: what an accumulator keeps, and the code that folds rows into it.

:mod:`.functions` declares each function: what it has to know of its argument's values, and how
its result is read. :mod:`.parts` has what can be known, a part each: the fields, the code that
adds a value, takes it back and merges. :mod:`.layout` puts the parts of a query together.
"""

from eventflux.compiler.aggregates.layout import (
    Argument,
    Layout,
    class_source,
    layout_of,
    results,
    write_merge,
    write_removal,
    write_update,
)
from eventflux.compiler.aggregates.names import RUNTIME
from eventflux.compiler.aggregates.parts import Leaving

__all__ = [
    "RUNTIME",
    "Argument",
    "Layout",
    "Leaving",
    "class_source",
    "layout_of",
    "results",
    "write_merge",
    "write_removal",
    "write_update",
]
