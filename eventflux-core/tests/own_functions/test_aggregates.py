"""Classes as aggregates: in every kind of window what the engine's own give."""

from __future__ import annotations

import dataclasses
import math
import sys
from collections.abc import Callable, Mapping
from decimal import Decimal
from types import ModuleType
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import eventflux
from eventflux import EventFluxManager, PluginError, SqlError, StateError
from eventflux.planner.bounds import bound_text
from eventflux.testing import AppRunner


class Plain:
    def __init__(self) -> None:
        self.values: list[int] = []

    def add(self, value: int) -> None:
        self.values.append(value)

    def result(self) -> int:
        return sum(self.values)


class Removing(Plain):
    def remove(self, value: int) -> None:
        self.values.remove(value)


class Merging(Plain):
    def merge(self, later: Merging) -> None:
        self.values += later.values


@dataclasses.dataclass
class Both:
    total: int = 0

    def add(self, value: int) -> None:
        self.total += value

    def remove(self, value: int) -> None:
        self.total -= value

    def merge(self, later: Both) -> None:
        self.total += later.total

    def result(self) -> int:
        return self.total


class Stored(msgspec.Struct):
    totals: dict[str, Decimal] = {}

    def add(self, value: int) -> None:
        self.totals["all"] = self.totals.get("all", Decimal(0)) + value

    def result(self) -> int:
        return int(self.totals.get("all", 0))


class Dumped:
    def __init__(self) -> None:
        self.seen = frozenset[tuple[int, int]]()

    def add(self, value: int) -> None:
        self.seen |= {(len(self.seen), value)}

    def result(self) -> int:
        return sum(value for _, value in self.seen)

    def dump(self) -> list[list[int]]:
        return sorted(map(list, self.seen))

    @staticmethod
    def load(data: list[list[int]]) -> Dumped:
        made = Dumped()
        made.seen = frozenset((place, value) for place, value in data)
        return made


VARIANTS: Mapping[str, type] = {
    "plain": Plain,
    "removing": Removing,
    "merging": Merging,
    "both": Both,
    "stored": Stored,
    "dumped": Dumped,
}
MANAGER = EventFluxManager(plugins=False)
for _name, _made in VARIANTS.items():
    MANAGER.aggregate(_made, name=_name)
WINDOWS = (
    "",
    "WINDOW('length', 3)",
    "WINDOW('time', 25)",
    "WINDOW('lengthBatch', 3)",
    "WINDOW('tumbling', 30)",
    "WINDOW('hop', 40, 20)",
    "WINDOW('session', 15)",
    "WINDOW('sort', 3, v)",
    "WINDOW('unique', k)",
    "WINDOW('externalTimeBatch', t, 30)",
)
Rows = list[tuple[str, int | None, int]]
ROWS: st.SearchStrategy[Rows] = st.lists(
    st.tuples(st.sampled_from("ab"), st.none() | st.sampled_from((1, 2, 3, 5)), st.integers(0, 12)),
    max_size=20,
)


def outcome(window: str, rows: Rows, cut: int | None) -> tuple[list[Any], list[str]]:
    """What comes out, each row the engine's own sums before ours; restored from what is stored
    behind so many rows."""
    names = list(VARIANTS)
    own = ", ".join(
        f"{name}(v) AS {name}, {name}(DISTINCT v) AS {name}_once, "
        f"{name}(v) FILTER (WHERE v > 1) AS {name}_some"
        for name in names
    )
    sql = f"""
        CREATE STREAM S (k STRING, v INT, t LONG);
        INSERT INTO T SELECT k, sum(v) AS s, sum(DISTINCT v) AS o, sum(v) FILTER (WHERE v > 1) AS f,
          {own} FROM S {window} GROUP BY k;
    """
    time = 1000
    with AppRunner(sql, ["T"], context=MANAGER.context) as runner:
        for place, (k, v, step) in enumerate(rows):
            if place == cut:
                runner.restore(runner.persist())
            time += step
            runner.send("S", (k, v, time), timestamp=time)
        runner.advance_to(time + 1000)
        return runner.rows("T"), names


@pytest.mark.usefixtures("programs_read_once")
@pytest.mark.parametrize("window", WINDOWS)
@settings(deadline=None, max_examples=25)
@given(rows=ROWS, cut=st.none() | st.integers(0, 20))
def test_a_sum_of_ones_own_is_a_sum(window: str, rows: Rows, cut: int | None) -> None:
    found, names = outcome(window, rows, cut)
    for _, *values in found:
        assert values[3:] == values[:3] * len(names)


def test_several_arguments_and_nulls(manager: EventFluxManager) -> None:
    @manager.aggregate(name="weighted")
    class Weighted:
        def __init__(self) -> None:
            self.total = self.weight = 0.0

        def add(self, value: float, weight: float | None) -> None:
            self.total += value * (1.0 if weight is None else weight)
            self.weight += 1.0 if weight is None else weight

        def result(self) -> float | None:
            return self.total / self.weight if self.weight else None

    sql = """
        CREATE STREAM S (v DOUBLE, w INT);
        INSERT INTO T SELECT weighted(v, w) AS m FROM S;
        INSERT INTO U SELECT weighted(v, w) AS m FROM S WINDOW('length', 2);
    """
    rows = [(1.0, 1), (4.0, 2), (None, 5), (3.0, None), (2.0, 0)]
    with AppRunner(sql, ["T", "U"], context=manager.context) as runner:
        for row in rows[:2]:
            runner.send("S", row)
        runner.restore(runner.persist())
        for row in rows[2:]:
            runner.send("S", row)
        assert [row[0] for row in runner.rows("T")] == [1.0, 3.0, 3.0, 3.0, 3.0]
        assert [row[0] for row in runner.rows("U")] == [1.0, 3.0, 4.0, 3.0, 3.0]


def test_the_size_of_a_running_one_is_its_own(manager: EventFluxManager) -> None:
    manager.aggregate(Plain, name="total")
    sql = "CREATE STREAM S (v INT); INSERT INTO T SELECT total(v) AS t, count(*) AS n FROM S;"
    with AppRunner(sql, context=manager.context) as runner:
        (query,) = runner.plan.queries
    assert bound_text(query) == "one state, with what total keeps"


@settings(deadline=None, max_examples=50)
@given(st.lists(st.integers(0, 4), max_size=20), st.sampled_from(WINDOWS[:7]))
def test_what_add_refuses_leaves_no_trace(values: list[int], window: str) -> None:
    def run(given: list[int]) -> list[Any]:
        manager = EventFluxManager(plugins=False)

        @manager.aggregate(name="product")
        class Product:
            def __init__(self) -> None:
                self.log = 0.0

            def add(self, value: int) -> None:
                self.log += math.log(value)

            def result(self) -> float:
                return round(math.exp(self.log), 3)

        sql = f"""
            CREATE STREAM S (v INT);
            INSERT INTO T SELECT product(v) AS p, count(*) AS n, sum(v) AS s FROM S {window};
        """
        with AppRunner(sql, ["T"], context=manager.context) as runner:
            for place, value in enumerate(given):
                if value is not SKIPPED:
                    runner.send("S", (value,), timestamp=1000 + place * 7)
            runner.advance_to(5000)
            return runner.rows("T")

    assert run(values) == run([value or SKIPPED for value in values])


SKIPPED: Any = object()


def test_what_fails_by_the_values_before_is_told_once(manager: EventFluxManager) -> None:
    @manager.aggregate(name="rising")
    class Rising:
        def __init__(self) -> None:
            self.last = 0

        def add(self, value: int) -> None:
            if value < self.last:
                raise ValueError(f"{value} after {self.last}")
            self.last = value

        def result(self) -> int:
            return self.last

    sql = """
        CREATE STREAM S (v INT);
        INSERT INTO T SELECT rising(v) AS r, count(*) AS n FROM S;
        INSERT INTO E SELECT errorMessage FROM S.errors;
    """
    with AppRunner(sql, ["T", "E"], context=manager.context) as runner:
        runner.send_many("S", [(2,), (1,), (3,)])
        assert runner.rows("T") == [(2, 1), (3, 3)]
        assert runner.rows("E") == [("1 after 2",)]


def test_what_another_class_has_stored_is_not_loaded() -> None:
    """It would lack what this one keeps."""

    class Total:
        def __init__(self) -> None:
            self.total = 0

        def add(self, value: int) -> None:
            self.total += value

        def result(self) -> int:
            return self.total

    class Counting(Total):
        def __init__(self) -> None:
            super().__init__()
            self.count = 0

    def runner(made: type) -> AppRunner:
        manager = EventFluxManager()
        manager.aggregate(made, name="total")
        sql = "CREATE STREAM S (v INT); INSERT INTO T SELECT total(v) AS t FROM S;"
        return AppRunner(sql, ["T"], context=manager.context)

    with runner(Total) as before:
        before.send("S", (1,))
        revision = before.persist()
    with runner(Total) as same, runner(Counting) as other:
        same.restore(revision)
        with pytest.raises(StateError, match="another version of EventFlux, or of an aggregate"):
            other.restore(revision)


def test_named_in_sql(monkeypatch: pytest.MonkeyPatch) -> None:
    @eventflux.aggregate
    class Total(Both):
        pass

    module = ModuleType("own_aggregates")
    vars(module)["Total"] = Total
    monkeypatch.setitem(sys.modules, module.__name__, module)
    sql = """
        CREATE FUNCTION total(v INT) RETURNS LONG LANGUAGE PYTHON AS 'own_aggregates:Total';
        CREATE STREAM S (v INT);
        INSERT INTO T SELECT total(v) + 1 AS t FROM S HAVING total(v) > 1;
    """
    with AppRunner(sql, ["T"]) as runner:
        runner.send_many("S", [(1,), (2,)])
        assert runner.rows("T") == [(4,)]


def test_a_class_that_is_not_decorated(
    manager: EventFluxManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = ModuleType("own_aggregates")
    vars(module)["Plain"] = Plain
    monkeypatch.setitem(sys.modules, module.__name__, module)
    sql = "CREATE FUNCTION p(v INT) RETURNS LONG LANGUAGE PYTHON AS 'own_aggregates:Plain';"
    with pytest.raises(SqlError, match="once it is decorated: @eventflux"):
        manager.create_app(sql)


def test_a_name_in_any_script(manager: EventFluxManager) -> None:
    manager.aggregate(Both, name="größe")
    sql = "CREATE STREAM S (v INT); INSERT INTO T SELECT größe(v) AS g, `GRÖßE`(v) AS h FROM S;"
    with AppRunner(sql, ["T"], context=manager.context) as runner:
        runner.send_many("S", [(1,), (2,)])
        assert runner.rows("T") == [(1, 1), (3, 3)]


class NoAdd:
    def result(self) -> int:
        return 1


class NeedsMore(Plain):
    def __init__(self, start: int) -> None:
        super().__init__()


class Odd(Plain):
    def __init__(self) -> None:
        super().__init__()
        self.seen: set[int] = set()


class Vague(Plain):
    def add(self, value: int) -> None:
        self.values.append(value)

    del add.__annotations__["value"]


@pytest.mark.parametrize(
    ("made", "message"),
    [
        (NoAdd, r"'NoAdd' has no add\(\)"),
        (NeedsMore, "can't be made: TypeError"),
        (Odd, "can't be stored: seen is of set"),
        (Vague, "parameter 'value' has no annotation"),
        (len, "is no class"),
    ],
)
def test_what_is_no_aggregate(made: Any, message: str) -> None:
    with pytest.raises(PluginError, match=message):
        eventflux.aggregate(made)


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("SELECT total(v, 1) AS t FROM S", "takes one argument, not 2"),
        ("SELECT total(*) AS t FROM S", r"total\(\*\) has no meaning"),
        ("SELECT total(s) AS t FROM S", "argument 1 of total is LONG, but s is STRING"),
        ("SELECT total(v ORDER BY s) AS t FROM S", "ORDER BY has no meaning in total"),
        ("SELECT s FROM S WHERE total(v) > 1", "the aggregate total can't stand in WHERE"),
        ("SELECT total(total(v)) AS t FROM S", "the aggregate total can't stand in the arguments"),
        (
            "SELECT v FROM S WINDOW('expression', 'total(v) < 3')",
            "window can't read",
        ),
    ],
)
def test_where_it_can_not_stand(manager: EventFluxManager, query: str, message: str) -> None:
    manager.aggregate(Plain, name="total")
    with pytest.raises(SqlError, match=message):
        manager.create_app(f"CREATE STREAM S (v INT, s STRING); INSERT INTO T {query};")


_: Callable[[type[Plain]], type[Plain]] = eventflux.aggregate
