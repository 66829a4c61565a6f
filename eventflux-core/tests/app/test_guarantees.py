"""What is promised of the results of each sink, from what leads to it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import pytest

from eventflux import EventFluxManager
from eventflux.app.guarantees import Guarantee, guarantees, guarantees_data, not_at_least_once
from eventflux.app.program import Program, examine, read_program
from eventflux.builtin import plugin as builtin
from eventflux.spi import (
    ConnectorContext,
    Options,
    Order,
    Sink,
    SinkFactory,
    Source,
    SourceFactory,
    SourceKind,
    Weakness,
    option,
)

DEAD = """(originalEvent STRING, errorMessage STRING, errorType STRING, "timestamp" LONG,
    attemptCount INT, streamName STRING)"""


class BrokerOptions(Options, prefix="broker"):
    hasty: bool = option(False, doc="acknowledges at once")
    order: str = option("total", doc="of messages")


class BrokerSource(SourceFactory):
    name: ClassVar[str] = "broker"
    doc: ClassVar[str] = "gives rows and waits for acknowledgements"
    kind: ClassVar[SourceKind] = "acking"
    options: ClassVar[type[BrokerOptions]] = BrokerOptions

    def weaknesses(self, options: BrokerOptions) -> Sequence[Weakness]:
        return [Weakness("it is done at once", "broker.hasty", "wait")] if options.hasty else ()

    def order(self, options: BrokerOptions) -> Order:
        orders: dict[str, Order] = {"total": "total", "per key": "per key", "none": "none"}
        return orders[options.order]

    def create(self, options: Any, context: ConnectorContext) -> Source:
        raise NotImplementedError


class LiveSource(BrokerSource):
    name: ClassVar[str] = "live"
    kind: ClassVar[SourceKind] = "live"


class FilesSource(BrokerSource):
    name: ClassVar[str] = "files"
    kind: ClassVar[SourceKind] = "replayable"


class BrokerSink(SinkFactory):
    name: ClassVar[str] = "broker"
    doc: ClassVar[str] = "takes rows and confirms them"
    options: ClassVar[type[BrokerOptions]] = BrokerOptions

    def weaknesses(self, options: BrokerOptions) -> Sequence[Weakness]:
        return [Weakness("nothing is written", "broker.hasty")] if options.hasty else ()

    def order(self, options: BrokerOptions) -> Order:
        return "none" if options.order == "none" else "total"

    def create(self, options: Any, context: ConnectorContext) -> Sink:
        raise NotImplementedError


class BlindSink(BrokerSink):
    name: ClassVar[str] = "blind"
    confirms: ClassVar[bool] = False


def program_of(sql: str, **arguments: Any) -> Program:
    manager = EventFluxManager(plugins=False)
    for source in (*builtin.register_source_factories(), BrokerSource(), LiveSource()):
        manager.context.add_source_factory(source.name, source)
    manager.context.add_source_factory("files", FilesSource())
    for sink in (*builtin.register_sink_factories(), BrokerSink(), BlindSink()):
        manager.context.add_sink_factory(sink.name, sink)
    return read_program(sql, manager.context, **arguments)


def source(name: str, extension: str = "broker", more: str = "") -> str:
    return (
        f"CREATE STREAM {name} (v LONG) WITH (type = 'source', extension = '{extension}'{more});\n"
    )


def sink(name: str = "Out", extension: str = "broker", more: str = "") -> str:
    return f"CREATE STREAM {name} (v LONG) WITH (type = 'sink', extension = '{extension}'{more});\n"


COPY = "INSERT INTO Out SELECT v FROM S;\n"


def only(sql: str) -> Guarantee:
    return next(g for g in guarantees(program_of(sql)) if g.sink == "Out")


@pytest.mark.parametrize("extension", ["broker", "files"])
@pytest.mark.parametrize("taker", ["broker", "log"])
def test_acknowledged_and_confirmed_is_at_least_once(extension: str, taker: str) -> None:
    found = only(source("S", extension) + sink("Out", taker) + COPY)
    assert (found.delivery, found.order, found.losses) == ("at-least-once", "total", ())
    assert found.line() == "at-least-once, in order"


WEAKER = {
    "dead letters that no sink gets": (
        source("S")
        + sink(more=", \"error.strategy\" = 'dlq', \"error.dlq.stream\" = 'Dead'")
        + f"CREATE STREAM Dead {DEAD};"
        + COPY,
        "no sink gets the dead letters of sink 'Out': what it refuses ends in Dead",
        (2, '"error.dlq.stream"'),
    ),
    "live": (
        source("S", "live") + sink() + COPY,
        "source 'S' (live) is live: what comes while nobody listens, or is under way, is gone",
        (1, "'live'"),
    ),
    "timer": (
        "CREATE STREAM S (v STRING) WITH (type = 'source', extension = 'timer');\n"
        + sink().replace("LONG", "STRING")
        + COPY,
        "source 'S' (timer) is live: what comes while nobody listens, or is under way, is gone",
        (1, "'timer'"),
    ),
    "an option of a source": (
        source("S", more=", broker.hasty = 'true'") + sink() + COPY,
        "broker.hasty of source 'S' (broker): it is done at once",
        (1, "broker.hasty = 'true'"),
    ),
    "an option of a sink": (
        source("S") + sink(more=", broker.hasty = 'true'") + COPY,
        "broker.hasty of sink 'Out' (broker): nothing is written",
        (2, "broker.hasty = 'true'"),
    ),
    "no confirmation": (
        source("S") + sink("Out", "blind") + COPY,
        "sink 'Out' (blind) gets no confirmation: what is under way may not arrive",
        (2, "'blind'"),
    ),
    "drop at the sink": (
        source("S") + sink(more=", \"error.strategy\" = 'drop'") + COPY,
        "error.strategy = 'drop' of sink 'Out': what the other side refuses is dropped",
        (2, '"error.strategy"'),
    ),
    "a window": (
        source("S")
        + sink()
        + "INSERT INTO Out SELECT sum(v) AS v FROM S WINDOW('tumbling', 1 MINUTE)\n;",
        "query 'query_1' keeps its state in memory: its open window ends with the process",
        (3, "WINDOW"),
    ),
    "a running sum": (
        source("S") + sink() + "INSERT INTO Out SELECT sum(v) AS v FROM S WITH (name = 'q');",
        "query 'q' keeps its state in memory: what it has summed up ends with the process",
        (3, "SELECT sum(v)"),
    ),
    "through streams, a view and a union": (
        source("S")
        + source("T", "live")
        + sink()
        + "CREATE VIEW V AS SELECT v FROM T UNION ALL SELECT v FROM S;\n"
        + "INSERT INTO Middle SELECT v FROM (SELECT v FROM V WHERE v > 0);\n"
        + "INSERT INTO Out SELECT v FROM Middle;",
        "source 'T' (live) is live: what comes while nobody listens, or is under way, is gone",
        (2, "'live'"),
    ),
    "errors of a live source": (
        source("S", "live")
        + "CREATE STREAM Out (v STRING) WITH (type = 'sink', extension = 'broker');\n"
        + "INSERT INTO Out SELECT errorMessage AS v FROM S.errors;",
        "source 'S' (live) is live: what comes while nobody listens, or is under way, is gone",
        (1, "'live'"),
    ),
    "notices about a connection": (
        source("S")
        + "CREATE STREAM Out (v STRING) WITH (type = 'sink', extension = 'broker');\n"
        + "INSERT INTO Out SELECT event AS v FROM S.connection;",
        "query 'query_1' reads S.connection: a notice is lost when the process ends before it has "
        "arrived",
        (3, "INSERT"),
    ),
    "dead letters that are only logged": (
        source("S", more=", \"error.strategy\" = 'dlq', \"error.dlq.stream\" = 'Out'")
        + f"CREATE STREAM Out {DEAD} WITH (type = 'sink', extension = 'broker');\n",
        "error.dlq.fallback-strategy = 'log' of stream 'S': a dead letter that is not taken is "
        "only logged at last",
        (1, '"error.dlq.stream"'),
    ),
    "dead letters of a query": (
        source("S")
        + f"CREATE STREAM Out {DEAD} WITH (type = 'sink', extension = 'broker');\n"
        + "INSERT INTO Other SELECT v / 0 AS v FROM S "
        "WITH (name = 'q', \"error.strategy\" = 'dlq', "
        "\"error.dlq.stream\" = 'Out', \"error.dlq.fallback-strategy\" = 'retry');",
        "error.dlq.fallback-strategy = 'retry' of query 'q': a dead letter that is not taken is "
        "only logged at last",
        (4, '"error.dlq.fallback-strategy"'),
    ),
}


@pytest.mark.parametrize("name", WEAKER)
def test_what_makes_it_at_most_once_is_named_with_its_place(name: str) -> None:
    sql, reason, (line, text) = WEAKER[name]
    found = only(sql)
    assert (found.delivery, [loss.reason for loss in found.losses]) == ("at-most-once", [reason])
    (error,) = not_at_least_once(program_of(sql))
    assert error.message == f"sink 'Out' is at-most-once: {reason}"
    assert error.position is not None
    assert error.position.line == line
    assert sql.splitlines()[line - 1][error.position.column - 1 :].startswith(text)
    (told,) = guarantees_data(program_of(sql))[0]["losses"]
    place = (error.position.line, error.position.column)
    assert (told["reason"], told["line"], told["column"]) == (reason, *place)


def test_memory_lives_in_the_process() -> None:
    sources = {one.name: one for one in builtin.register_source_factories()}
    sinks = {one.name: one for one in builtin.register_sink_factories()}
    for factory in (sources["memory"], sinks["memory"]):
        assert [weak.reason for weak in factory.weaknesses(None)] == [
            "its channel is gone when the process ends"
        ]


SAFE = {
    "what can't be processed has no result": (
        source("S", more=", \"error.strategy\" = 'drop'") + sink() + COPY
    ),
    "a sink that sets aside": (
        source("S")
        + sink(more=", \"error.strategy\" = 'dlq', \"error.dlq.stream\" = 'Dead'")
        + f"CREATE STREAM Dead {DEAD};"
        + sink("Letters")
        + "INSERT INTO Letters SELECT attemptCount AS v FROM Dead;"
        + COPY
    ),
    "a fallback that stops": (
        source(
            "S",
            more=", \"error.strategy\" = 'dlq', \"error.dlq.stream\" = 'Out', "
            "\"error.dlq.fallback-strategy\" = 'fail'",
        )
        + f"CREATE STREAM Out {DEAD} WITH (type = 'sink', extension = 'broker');"
    ),
    "another query's state": (
        source("S") + sink() + COPY + "INSERT INTO Sums SELECT sum(v) AS v FROM S;"
    ),
    "rows of the program itself": "CREATE STREAM S (v LONG);" + sink() + COPY,
    "another sink that confirms nothing": (
        source("S") + sink() + sink("Other", "blind") + COPY + COPY.replace("Out", "Other")
    ),
    "a sink that something weak reads too": (
        source("S") + sink() + sink("Log", "blind") + COPY + "INSERT INTO Log SELECT v FROM Out;"
    ),
}


@pytest.mark.parametrize("name", SAFE)
def test_what_does_not_lie_on_the_way_does_not_count(name: str) -> None:
    assert only(SAFE[name]).delivery == "at-least-once"


def test_all_reasons_of_all_sinks_are_told() -> None:
    sql = (
        source("S", "live")
        + source("T", more=", broker.hasty = 'true'")
        + sink("Out", "blind")
        + sink("Other")
        + "INSERT INTO Out SELECT v FROM S UNION ALL SELECT v FROM T;"
        + "INSERT INTO Other SELECT v FROM T;"
    )
    told = [error.message.partition(": ")[0] for error in not_at_least_once(program_of(sql))]
    assert told == ["sink 'Out' is at-most-once"] * 3 + ["sink 'Other' is at-most-once"]
    assert [g.line() for g in guarantees(program_of(sql))] == [
        "at-most-once, in order: source 'S' (live) is live; broker.hasty of source 'T' (broker); "
        "sink 'Out' (blind) gets no confirmation",
        "at-most-once, in order: broker.hasty of source 'T' (broker)",
    ]


def test_what_was_given_elsewhere_is_named_there() -> None:
    sql = source("S") + sink() + COPY
    program = program_of(sql, overrides={"S.broker.hasty": "true"})
    (error,) = not_at_least_once(program)
    assert error.position is None
    assert error.message.endswith("broker.hasty of source 'S' (broker): it is done at once (--set)")


@pytest.mark.parametrize(
    ("first", "second", "taker", "order"),
    [
        ("total", "total", "total", "total"),
        ("total", "per key", "total", "per key"),
        ("per key", "none", "total", "none"),
        ("total", "total", "none", "none"),
    ],
)
def test_the_weakest_order_on_the_way_is_that_of_the_sink(
    first: str, second: str, taker: str, order: str
) -> None:
    sql = (
        source("S", more=f", broker.order = '{first}'")
        + source("T", more=f", broker.order = '{second}'")
        + sink(more=f", broker.order = '{taker}'")
        + "INSERT INTO Out SELECT v FROM S UNION ALL SELECT v FROM T;"
    )
    assert only(sql).order == order


def test_queries_that_keep_their_state_in_memory_are_counted_in_a_line() -> None:
    sql = (
        source("S")
        + sink()
        + "INSERT INTO A SELECT v, count(*) AS n FROM S GROUP BY v;"
        + "INSERT INTO Out SELECT sum(n) AS v FROM A;"
    )
    found = only(sql)
    assert found.line() == "at-most-once, in order: 2 queries keep their state in memory"
    assert len(found.losses) == 2


def test_of_what_is_not_installed_nothing_is_known() -> None:
    sql = (
        "CREATE STREAM S (v LONG) WITH (type = 'source', extension = 'kafka', format = 'avro');\n"
        + sink()
        + COPY
    )
    program = program_of(sql, replace_external=True)
    (guarantee,) = guarantees(program)
    assert (guarantee.delivery, guarantee.unknown) == ("unknown", ("S",))
    (error,) = not_at_least_once(program)
    assert "sink 'Out' is not known to be at-least-once: the connector of 'S'" in error.message
    assert examine(sql, EventFluxManager(plugins=False).context).program is None
