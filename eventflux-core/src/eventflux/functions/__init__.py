"""The scalar functions of the language, each declared once, in modules by family.

A declaration says how a function is called, what it is of NULL, and how it is computed; see
:mod:`eventflux.functions.declaration`. The planner checks calls by it, the compiler writes code
by it, the reference shows it.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from eventflux.functions import (
    digests,
    lists,
    mathematics,
    moments,
    nested_data,
    nulls,
    patterns,
    texts,
)
from eventflux.functions.declaration import Function

FAMILIES: Mapping[str, tuple[Function, ...]] = MappingProxyType(
    {
        "math": mathematics.DECLARED,
        "strings": texts.DECLARED,
        "nulls": nulls.DECLARED,
        "time": moments.DECLARED,
        "json": nested_data.DECLARED,
        "arrays": lists.DECLARED,
        "regexp": patterns.DECLARED,
        "hashes": digests.DECLARED,
    }
)
"""All functions by their family."""

FUNCTIONS: Mapping[str, Function] = MappingProxyType(
    {
        name.lower(): function
        for family in FAMILIES.values()
        for function in family
        for name in function.names
    }
)
"""Every function by each of its names, in lower case."""
