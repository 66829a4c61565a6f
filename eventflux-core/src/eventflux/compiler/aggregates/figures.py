"""Sums, moments and extremes of floats that leave in the order in which they came."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from eventflux.compiler.aggregates.extremes import SlidingExtreme, write_enqueue
from eventflux.compiler.aggregates.orders import Newest
from eventflux.compiler.aggregates.parts import At, Fields, Part
from eventflux.compiler.aggregates.sums import ExactTotal
from eventflux.compiler.source import Source
from eventflux.operators.accumulators import Field
from eventflux.operators.aggregates.figures import Figures as State

NOW = ("total", "least", "greatest", "spread", "newest")
"""What can be read, in the order of :data:`eventflux.operators.aggregates.figures.Now`."""


class Figures(msgspec.Struct, frozen=True):
    """``only`` and ``other``: the values of a group that has no more than two, oldest first.
    ``figures``: what stands for several, which has the values themselves, too
    (:mod:`eventflux.operators.aggregates.figures`)."""

    total: bool
    moments: bool
    newest: bool
    empties: bool
    """Whether all values can leave a group that stays."""

    def fields(self) -> Fields:
        figures = Field(
            "figures",
            lambda figures: None if figures is None else figures.dump(),
            lambda dumped: None if dumped is None else State.load(dumped),
        )
        return ((figures, "None"), (Field("only"), "None"), (Field("other"), "None"))

    @property
    def read(self) -> tuple[str, ...]:
        """What is at hand when a value has been added, as names that ``at`` gives."""
        wanted = {"total": self.total, "spread": self.moments, "newest": self.newest}
        return tuple(name for name in NOW if wanted.get(name, True))

    def targets(self, at: At) -> str:
        """What :data:`eventflux.operators.aggregates.figures.Now` is assigned to."""
        return ", ".join(at(name) if name in self.read else "_" for name in NOW)

    def anew(self, at: At) -> At:
        """``at``, by which :attr:`read` is read from the state at any time."""
        state = f"FIGURES_OF({held(at)})"
        places = {name: place for place, name in enumerate(NOW)}
        return lambda stem: f"{state}[{places[stem]}]" if stem in self.read else at(stem)

    def add(self, source: Source, at: At, value: str, order: str) -> None:
        figures, first = source.fresh("figures"), source.fresh("first")
        source.line(f"{figures} = {at('figures')}")
        with source.block(f"if {figures} is None:"):
            source.line(f"{first} = {at('only')}")
            with source.block(f"if {first} is None:"):
                source.line(f"{at('only')} = {value}")
                alone = {"total": f"{value} + 0.0", "spread": f"{value} - {value}"}
                for name in self.read:
                    _assign(source, at(name), alone.get(name, value))
            usual = f"-LARGE < {first} < LARGE and -LARGE < {value} < LARGE"
            with source.block(f"elif {at('other')} is None and {usual}:"):
                self._add_to_one(source, first, value, at)
            with source.block("else:"):
                few = f"{first}, {at('other')}, {self.moments}"
                source.line(f"{figures} = {at('figures')} = FIGURES({few})")
        with source.block(f"if {figures} is not None:"):
            self._add_to_others(source, figures, value, at)

    def _add_to_one(self, source: Source, first: str, value: str, at: At) -> None:
        source.line(f"{at('other')} = {value}")
        with source.block(f"if {first} <= {value}:"):
            source.line(f"{at('least')} = {first}")
            source.line(f"{at('greatest')} = {value}")
        with source.block("else:"):
            source.line(f"{at('least')} = {value}")
            source.line(f"{at('greatest')} = {first}")
        if self.total:
            source.line(f"{at('total')} = {first} + {value} + 0.0")
        if self.newest:
            _assign(source, at("newest"), value)
        if self.moments:
            shift = source.fresh("shift")
            source.line(f"{shift} = {value} - {first}")
            source.line(f"{at('spread')} = {shift} * {shift} / 4")

    def _add_to_others(self, source: Source, figures: str, value: str, at: At) -> None:
        low, high = at("least"), at("greatest")
        lows = source.fresh("lows")
        source.line(f"{figures}.values.append({value})")
        source.line(f"{low} = {figures}.low")
        source.line(f"{high} = {figures}.high")
        with source.block(f"if {low} <= {value} and {value} <= {high}:"):
            pass
        with source.block(f"elif {value} < {low} and {value} > -LARGE:"):
            source.line(f"{low} = {figures}.low = {value}")
        with source.block(f"elif {value} > {high} and {value} < LARGE:"):
            source.line(f"{high} = {figures}.high = {value}")
        with source.block("else:"):
            source.line(f"{low} = NAN")
        with source.block(f"if {low} is not NAN:"):
            source.line(f"{lows} = {figures}.lows")
            with source.block(f"if {lows} is not None:"):
                highs = source.fresh("highs")
                write_enqueue(source, "lows", lows, value)
                source.line(f"{highs} = {figures}.highs")
                write_enqueue(source, "highs", highs, value)
            if self.total:
                source.line(f"{at('total')} = {figures}.total = {figures}.total + {value}")
            if self.newest:
                _assign(source, at("newest"), value)
            if self.moments:
                self._add_moments(source, figures, value, at)
        with source.block("else:"):
            source.line(f"{self.targets(at)} = {figures}.unusual({value})")

    def _add_moments(self, source: Source, figures: str, value: str, at: At) -> None:
        shift, shifted, squares, rest = map(source.fresh, ("shift", "shifted", "squares", "rest"))
        count = at("count")
        if "." in count:
            count = f"len({figures}.values)"
        source.line(f"{shift} = {value} - {figures}.pivot")
        source.line(f"{shifted} = {figures}.shifted = {figures}.shifted + {shift}")
        source.line(f"{squares} = {figures}.squares = {figures}.squares + {shift} * {shift}")
        source.line(f"{rest} = {squares} - {shifted} * {shifted} / {count}")
        usual = f"{rest} * PRECISION > {squares}"
        source.line(f"{at('spread')} = {rest} / {count} if {usual} else {figures}.closer()")

    def remove(self, source: Source, at: At, value: str, order: str) -> None:
        """``value`` is a name, that is the value's afterwards, if it was not before."""
        figures = source.fresh("figures")
        source.line(f"{figures} = {at('figures')}")
        with source.block(f"if {figures} is None:"):
            source.line(f"{value} = {at('only')}")
            source.line(f"{at('only')} = {at('other')}")
            source.line(f"{at('other')} = None")
        if self.empties:
            with source.block(f"elif len({figures}.values) == 1:"):
                source.line(f"{value} = {figures}.values[0]")
                source.line(f"{at('figures')} = {at('only')} = {at('other')} = None")
        with source.block("else:"):
            self._take_out(source, figures, value, at)

    def _take_out(self, source: Source, figures: str, value: str, at: At) -> None:
        lows, highs = source.fresh("lows"), source.fresh("highs")
        source.line(f"{value} = {figures}.values.popleft()")
        with source.block(f"if {figures}.low < {value} and {value} < {figures}.high:"):
            self._take_back(source, figures, value)
        with source.block(f"elif {figures}.exact is not None:"):
            source.line(f"{figures}.leave_exact({value})")
        with source.block(f"elif len({figures}.values) < FEW:"):
            source.line(f"{at('only')}, {at('other')} = {figures}.few()")
            source.line(f"{at('figures')} = None")
        with source.block("else:"):
            source.line(f"{lows} = {figures}.lows")
            with source.block(f"if {lows} is None:"):
                with source.block(f"if {value} == {figures}.low:"):
                    source.line(f"{figures}.low = min({figures}.values)")
                with source.block(f"if {value} == {figures}.high:"):
                    source.line(f"{figures}.high = max({figures}.values)")
            with source.block("else:"):
                with source.block(f"if {lows}[0] == {value}:"):
                    source.line(f"{lows}.popleft()")
                    source.line(f"{figures}.low = {lows}[0]")
                source.line(f"{highs} = {figures}.highs")
                with source.block(f"if {highs}[0] == {value}:"):
                    source.line(f"{highs}.popleft()")
                    source.line(f"{figures}.high = {highs}[0]")
            if self.total:
                size = source.fresh("size")
                source.line(f"{size} = abs({figures}.total)")
                with source.block(f"if {size} > {figures}.loud:"):
                    source.line(f"{figures}.loud = {size}")
            if self.moments:
                with source.block(f"if {figures}.squares > {figures}.noise:"):
                    source.line(f"{figures}.noise = {figures}.squares")
            self._take_back(source, figures, value)
            source.line(f"{figures}.due -= 1")
            with source.block(f"if {' or '.join(self._alarms(figures))}:"):
                source.line(f"{figures}.review()")

    def _alarms(self, figures: str) -> Iterator[str]:
        """When all has to be computed anew."""
        yield f"not {figures}.due"
        if self.total:
            yield f"abs({figures}.total) * LOSS < {figures}.loud"
        if self.moments:
            yield f"{figures}.squares * PRECISION < {figures}.noise"

    def _take_back(self, source: Source, figures: str, value: str) -> None:
        if self.total:
            source.line(f"{figures}.total -= {value}")
        if self.moments:
            shift = source.fresh("shift")
            source.line(f"{shift} = {value} - {figures}.pivot")
            source.line(f"{figures}.shifted -= {shift}")
            source.line(f"{figures}.squares -= {shift} * {shift}")
        if not self.total and not self.moments:
            source.line("pass")

    def merge(self, source: Source, at: At, other: At) -> None:
        value = source.fresh("value")
        hands = {name: source.fresh(name) for name in self.read}
        values = f"VALUES_OF({held(other)})"
        with source.block(f"for {value} in {values}:"):
            self.add(source, lambda stem: hands.get(stem, at(stem)), value, "")


def _assign(source: Source, name: str, value: str) -> None:
    if name != value:
        source.line(f"{name} = {value}")


def held(at: At) -> str:
    """The fields of a group by which its figures and values are read at any time."""
    return ", ".join(map(at, ("figures", "only", "other")))


def with_figures(parts: tuple[Part, ...], empties: bool) -> tuple[Part, ...]:
    """``parts`` of floats, with what :class:`Figures` keeps cheaper kept by it."""
    squares = ExactTotal(squares=True) in parts
    extremes = any(isinstance(part, SlidingExtreme) for part in parts)
    if not (squares or extremes):
        return parts
    newest = Newest() in parts
    others = [p for p in parts if not isinstance(p, SlidingExtreme | ExactTotal | Newest)]
    total = any(isinstance(part, ExactTotal) for part in parts)
    return (Figures(total, squares, newest, empties), *others)
