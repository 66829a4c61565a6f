"""Rules of options: what must not be together, told all at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest

from eventflux.base.errors import OptionError
from eventflux.spi import Options, family, option, rule


class Place(Options, prefix="hall"):
    low: int = option(0, doc="the least")
    high: int = option(9, doc="the greatest")

    @rule
    def _in_order(self) -> None:
        if self.low > self.high:
            raise OptionError("low is above high")


class Hall(Place, prefix="hall"):
    name: str = option(doc="its name")
    seat: Mapping[str, int] = family(doc="a seat")
    open: bool = option(False, doc="whether anyone may come")

    @rule
    def _seats_fit(self) -> Iterator[OptionError]:
        for name, number in self.seat.items():
            if number > self.high:
                yield OptionError(f"seat {name} is above high")

    @rule
    def _has_a_name(self) -> Iterator[OptionError]:
        if self.open:
            yield OptionError("an open hall has no seats")
        if not self.name:
            yield OptionError("the name is empty")


def problems(**given: str) -> list[str]:
    texts = {f"hall.{name.replace('_', '.')}": text for name, text in given.items()}
    return [error.message for error in Hall.problems(texts)]


def test_all_broken_rules_are_told_those_of_bases_first() -> None:
    assert problems(name="", low="5", high="4", seat_a="7", seat_b="8", seat_c="1") == [
        "low is above high",
        "seat a is above high",
        "seat b is above high",
        "the name is empty",
    ]
    assert problems(name="x", seat_a="9") == []


def test_what_a_rule_can_tell_without_missing_and_wrong_options_is_told_all_the_same() -> None:
    assert problems(low="5", high="4", open="true") == [
        "option 'hall.name' is required",
        "low is above high",
        "an open hall has no seats",
    ]
    assert problems(name="", low="5", high="four", seat_a="99") == [
        "option 'hall.high' expects an integer, got 'four'",
        "the name is empty",
    ]
    assert problems(name="x", seat_a="99", seat_b="b") == [
        "option 'hall.seat.b' expects an integer, got 'b'"
    ]


def test_options_that_break_a_rule_can_not_be_made() -> None:
    with pytest.raises(OptionError, match="low is above high"):
        Hall.parse({"hall.name": "x", "hall.low": "10"})
    with pytest.raises(OptionError, match="low is above high"):
        Place(low=10, high=9)
    assert Place(low=3, high=9).low == 3
