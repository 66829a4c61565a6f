"""The options of the connectors, and ways to get options wrong."""

from __future__ import annotations

from collections.abc import Mapping

from eventflux.base.errors import OptionError
from eventflux.spi import Options, Secret, option, rule


class PlaceOptions(Options, prefix="nasty"):
    place: str = option(doc="which place to connect to")
    password: Secret = option(Secret("open sesame"), doc="what opens it")
    patience: int = option(3, doc="how many tries it is worth", low=1)
    fault: str = option("", doc="which rule to break; by default none")


class LaxOptions(PlaceOptions, prefix="nasty"):
    """Takes anything."""

    @classmethod
    def problems(cls, values: Mapping[str, str]) -> list[OptionError]:
        return []


class BoundlessOptions(PlaceOptions, prefix="nasty"):
    """Takes numbers beyond their bounds."""

    @classmethod
    def problems(cls, values: Mapping[str, str]) -> list[OptionError]:
        return [error for error in super().problems(values) if "must be at least" not in str(error)]


class StubbornOptions(PlaceOptions, prefix="nasty"):
    """Takes nothing."""

    @rule
    def _never_right(self) -> None:
        raise OptionError("option 'nasty.place' is not to my liking", "try another")
