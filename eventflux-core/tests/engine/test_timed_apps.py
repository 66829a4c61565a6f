"""The invariants, over apps in which triggers, OUTPUT, EMIT, named windows and rows that leave
windows come together.

What each of these gives by itself is compared with models elsewhere; here an app whose events come
one by one stands for what is right.
"""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given, note
from hypothesis import strategies as st

from .generated.apps import Action, App, Batch, Row
from .generated.timed_apps import timed_actions, timed_apps
from .harness import Compiled, compiled
from .profile import examples
from .test_invariants import assert_every_row_is_accounted_for, perform

Run = tuple[App, list[Action]]

LATER = 4_000
"""When inputs that have been silent hold no others back."""


@st.composite
def runs(draw: st.DrawFn, batches: bool = True) -> Run:
    app = draw(timed_apps())
    return app, draw(timed_actions(app, batches))


def performed(sql: str, todo: Sequence[Action], size: int = 1) -> Compiled:
    return perform(compiled(sql), todo, size)


def held(app: Compiled) -> dict[str, dict[bytes, bytes]]:
    """All state but how far watermarks have come, with which stands when an input that holds no
    other back was last heard of: of that only batches take note."""
    return {state: records for state, records in app.saved().items() if state != "watermarks"}


def assert_alike(app: Compiled, other: Compiled) -> None:
    """All they have given, and all that they hold."""
    assert app.take() == other.take()
    assert app.failures == other.failures
    assert app.program.next_due == other.program.next_due
    assert app.counters() == other.counters()
    one, another = app.program.insight(), other.program.insight()
    assert (one.holdings, one.triggers) == (another.holdings, another.triggers)
    assert held(app) == held(other)


@given(run=runs())
@examples(150)
def test_batch_boundaries_do_not_show(run: Run) -> None:
    app, todo = run
    note(app.sql)
    for size in (3, 1000):
        one_by_one, together = performed(app.sql, todo), performed(app.sql, todo, size)
        assert_every_row_is_accounted_for(together.counters())
        assert_alike(together, one_by_one)


@given(run=runs(batches=False))
@examples(60)
def test_a_batch_of_one_is_a_row(run: Run) -> None:
    app, todo = run
    note(app.sql)
    alone = [Batch(a.stream, (a.values,), a.time) if isinstance(a, Row) else a for a in todo]
    assert_alike(performed(app.sql, alone), performed(app.sql, todo))


@given(run=runs())
@examples(40)
def test_two_runs_are_the_same(run: Run) -> None:
    app, todo = run
    note(app.sql)
    first, second = (performed(app.sql, todo, 3) for _ in "ab")
    assert first.take() == second.take()
    assert first.failures == second.failures
    assert first.saved() == second.saved()


@given(run=runs(), data=st.data())
@examples(150)
def test_snapshot_and_restore_do_not_show(run: Run, data: st.DataObject) -> None:
    app, todo = run
    note(app.sql)
    border = data.draw(st.integers(0, len(todo)), label="border")
    before, whole = (performed(app.sql, todo[:border]) for _ in range(2))
    after = compiled(app.sql)
    if data.draw(st.booleans(), label="into an app that has run"):
        perform(after, todo)
        after.take()
        after.failures.clear()
    saved = before.saved()
    after.restore(saved)
    assert after.saved() == saved
    whole.take()
    whole.failures.clear()
    for engine in (whole, after):
        perform(engine, todo[border:])
        engine.advance(LATER)
        engine.program.flush()
    assert after.take() == whole.take()
    assert after.failures == whole.failures
    assert after.saved() == whole.saved()
