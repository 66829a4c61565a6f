"""The kit over the connector, mappers and functions, good and nasty.

Each nasty one tells in ``caught_by`` which tests must fail; without it all must pass. Run by
itself this file fails; a test of the repository runs it and compares.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from eventflux_nasty import functions, place
from eventflux_nasty.mappers import NumberSinkFactory, NumberSourceFactory
from eventflux_nasty.options import BoundlessOptions, LaxOptions, StubbornOptions
from eventflux_nasty.sink import NastySinkFactory
from eventflux_nasty.source import NastySourceFactory, SilentFactory, TapeFactory

from eventflux.testing import (
    FunctionConformance,
    SinkConformance,
    SinkMapperConformance,
    SourceConformance,
    SourceMapperConformance,
)


class Place:
    """The other side, and how to reach it."""

    patience: ClassVar[float] = 0.3
    fault: ClassVar[str] = ""
    caught_by: ClassVar[str] = ""

    async def start(self) -> None:
        place.place("market").up = True

    async def stop(self) -> None:
        place.place("market").up = False
        place.close_all()
        place.place("market").up = False

    def options(self) -> Mapping[str, str]:
        return {
            "nasty.place": "market",
            "nasty.password": place.PASSWORD,
            "nasty.fault": self.fault,
        }

    async def cut(self) -> None:
        place.place("market").cut()

    def unreachable_options(self) -> Mapping[str, str]:
        place.place("moon").up = False
        return {**self.options(), "nasty.place": "moon"}

    def refused_options(self) -> Mapping[str, str]:
        return {**self.options(), "nasty.password": "guessed"}


class TestSource(Place, SourceConformance):
    factory = NastySourceFactory()

    async def put(self, payloads: Sequence[bytes]) -> None:
        place.place("market").put(payloads)

    async def acknowledged(self) -> Sequence[bytes]:
        return place.place("market").done

    async def handed_over(self) -> int:
        return place.place("market").handed_over


class TestTape(TestSource):
    factory = TapeFactory()
    cut = SourceConformance.cut
    unreachable_options = SourceConformance.unreachable_options
    refused_options = SourceConformance.refused_options
    handed_over = SourceConformance.handed_over


class TestSink(Place, SinkConformance):
    factory = NastySinkFactory()

    async def arrived(self) -> Sequence[bytes]:
        return place.place("market").arrived

    async def refuse_next(self, *, transient: bool) -> None:
        place.place("market").refusals.append(transient)


class TestNumberSource(SourceMapperConformance):
    factory = NumberSourceFactory()
    columns = "number INT"
    fault: ClassVar[str] = ""
    caught_by: ClassVar[str] = ""

    def options(self) -> Mapping[str, str]:
        return {"number.fault": self.fault}

    def decodes(self) -> Sequence[tuple[bytes, Sequence[tuple[Any, ...]]]]:
        return [(b"1", [(1,)]), (b"23", [(23,)]), (b"7", [(7,)])]

    def malformed(self) -> Sequence[bytes]:
        return [b"-1", b"x"]


class TestNumberSink(SinkMapperConformance):
    factory = NumberSinkFactory()
    columns = "number INT NOT NULL"
    fault: ClassVar[str] = ""
    caught_by: ClassVar[str] = ""

    def options(self) -> Mapping[str, str]:
        return {"number.fault": self.fault}

    def encodes(self) -> Sequence[tuple[tuple[Any, ...], bytes]]:
        return [((1,), b"1"), ((23,), b"23"), ((7,), b"7")]

    def unfit(self) -> Sequence[tuple[Any, ...]]:
        return [(-1,)]


class TestNext(FunctionConformance):
    function = functions.NEXT
    caught_by: ClassVar[str] = ""

    def calls(self) -> Sequence[tuple[tuple[Any, ...], Any]]:
        return [((1,), 2), ((0,), 1), ((None,), None)]

    def failing(self) -> Sequence[tuple[Any, ...]]:
        return [(-1,)]


ALL = "everything"
"""A source whose options are never right can't be opened."""


def nasty(good: type, name: str, caught_by: str, **more: Any) -> type:
    """A suite for one that breaks a rule, which its name tells."""
    title = f"{good.__name__}That{name.title().replace(' ', '')}"
    return type(title, (good,), {"fault": name, "caught_by": caught_by, **more})


def _with(factory: type, options: type) -> Any:
    return type(factory.__name__, (factory,), {"options": options})()


SUITES = [
    nasty(TestSource, "is silent", "declares_what_it_is", factory=SilentFactory()),
    nasty(
        TestSource,
        "takes any option",
        "refuses_an_unknown_option refuses_to_go_without_what_is_required "
        "refuses_a_value_of_another_type",
        factory=_with(NastySourceFactory, LaxOptions),
    ),
    nasty(
        TestSource,
        "takes any number",
        "refuses_a_value_of_another_type",
        factory=_with(NastySourceFactory, BoundlessOptions),
    ),
    nasty(TestSource, "takes no option", ALL, factory=_with(NastySourceFactory, StubbornOptions)),
    nasty(
        TestSource,
        "connects when made",
        "is_made_without_touching_the_other_side closes_at_any_time says_when_nobody_answers "
        "says_when_it_is_refused keeps_secrets",
    ),
    nasty(TestSource, "leaves a task", "opens_and_closes"),
    nasty(
        TestSource,
        "raises when closed twice",
        "closes_at_any_time opens_again comes_back_after_a_lost_connection drops_stale_tokens "
        "settles_after_stop",
    ),
    nasty(
        TestSource,
        "opens once",
        "opens_again comes_back_after_a_lost_connection drops_stale_tokens",
    ),
    nasty(TestSource, "opens blindly", "closes_at_any_time says_when_nobody_answers"),
    nasty(TestSource, "gives no hint", "says_when_it_is_refused"),
    nasty(TestSource, "tells the password", "keeps_secrets"),
    nasty(
        TestSource,
        "swaps",
        "gives_all_in_order keeps_to_the_limit_of_messages keeps_to_the_limit_of_bytes "
        "holds_a_bounded_number feeds_an_app outlives_malformed_messages",
    ),
    nasty(
        TestSource,
        "gives one id",
        "gives_batches_in_their_form feeds_an_app outlives_malformed_messages",
    ),
    nasty(
        TestSource,
        "returns nothing",
        "waits_for_a_message loses_nothing_when_cancelled comes_back_after_a_lost_connection "
        "feeds_an_app outlives_malformed_messages",
    ),
    nasty(
        TestSource,
        "ignores limits",
        "keeps_to_the_limit_of_messages keeps_to_the_limit_of_bytes",
    ),
    nasty(TestSource, "forgets when cancelled", "loses_nothing_when_cancelled"),
    nasty(TestSource, "takes all", "holds_a_bounded_number"),
    nasty(TestSource, "ends when cut", "comes_back_after_a_lost_connection"),
    nasty(TestSource, "raises in stop", "stops settles_after_stop"),
    nasty(
        TestSource,
        "acknowledges at once",
        "acknowledges_what_is_settled settles_in_any_order gives_back_what_is_rejected "
        "discards_what_is_rejected gives_again_what_was_not_settled drops_stale_tokens",
    ),
    nasty(
        TestSource,
        "acknowledges what came before",
        "settles_in_any_order gives_back_what_is_rejected discards_what_is_rejected",
    ),
    nasty(
        TestSource,
        "acknowledges the rejected",
        "gives_back_what_is_rejected discards_what_is_rejected",
    ),
    nasty(TestSource, "always gives back", "discards_what_is_rejected outlives_malformed_messages"),
    nasty(
        TestSource,
        "acknowledges in close",
        "gives_again_what_was_not_settled drops_stale_tokens",
    ),
    nasty(TestSource, "takes stale tokens", "drops_stale_tokens"),
    nasty(TestSource, "deaf after stop", "settles_after_stop"),
    nasty(TestTape, "begins anew", "resumes_from_positions"),
    nasty(
        TestSink,
        "swaps",
        "sends_all_in_order keeps_order_over_sends_under_way names_what_is_refused",
    ),
    nasty(TestSink, "chokes on nothing", "takes_an_empty_batch"),
    nasty(TestSink, "overtakes", "keeps_order_over_sends_under_way"),
    nasty(TestSink, "sends into the void", "comes_back_after_a_lost_connection"),
    nasty(
        TestSink,
        "confirms early",
        "sends_all_in_order keeps_order_over_sends_under_way names_what_is_refused serves_an_app",
    ),
    nasty(TestSink, "hides refusals", "names_what_is_refused"),
    nasty(TestNumberSource, "makes something of nothing", "decodes_nothing"),
    nasty(
        TestNumberSource,
        "raises",
        "names_what_is_malformed batches_do_not_matter survives_any_bytes",
    ),
    nasty(TestNumberSource, "says nothing", "names_what_is_malformed"),
    nasty(TestNumberSource, "makes rows of its own", "decodes"),
    nasty(TestNumberSource, "counts", "decodes batches_do_not_matter"),
    nasty(
        TestNumberSink,
        "makes something of nothing",
        "encodes names_what_is_unfit batches_do_not_matter encodes_nothing",
    ),
    nasty(TestNumberSink, "raises", "names_what_is_unfit batches_do_not_matter"),
    nasty(TestNumberSink, "writes texts", "encodes batches_do_not_matter"),
    nasty(TestNumberSink, "counts", "encodes batches_do_not_matter"),
    nasty(TestNext, "is silent", "declares_what_it_is", function=functions.SILENT),
    nasty(
        TestNext,
        "chokes on null",
        "gives_its_results knows_null is_deterministic",
        function=functions.CHOKES_ON_NULL,
    ),
    nasty(
        TestNext,
        "changes its mind",
        "gives_its_results is_deterministic",
        function=functions.CHANGES_ITS_MIND,
    ),
    nasty(TestNext, "never fails", "fails_alone", function=functions.NEVER_FAILS),
    nasty(TestNext, "remembers failures", "fails_alone", function=functions.REMEMBERS_FAILURES),
]
globals().update({suite.__name__: suite for suite in SUITES})
