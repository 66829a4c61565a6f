"""The state store ``sqlite``: what it refuses, damage, and any changes beside a model of them; the
rules of all stores are in the conformance kit."""

from __future__ import annotations

import contextlib
import random
import resource
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventflux.base.state_records import Change, Cleared, StateChange, apply
from eventflux.builtin.sqlite.factory import SqliteStoreFactory, SqliteStoreOptions
from eventflux.builtin.sqlite.store import SqliteStore
from eventflux.spi import Misconfigured
from eventflux.spi.state_store import Damaged, StateStore, StateStoreContext

Content = dict[str, dict[bytes, bytes]]


def store_in(directory: Path, app: str = "orders") -> StateStore:
    options = SqliteStoreOptions.parse({"checkpoint.dir": str(directory)})
    return SqliteStoreFactory().create(options, StateStoreContext(app))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[StateStore]:
    store = store_in(tmp_path)
    store.open()
    yield store
    store.close()


def publish(store: StateStore, *changes: StateChange, after: int | None = None) -> int:
    store.begin(after)
    store.write(changes)
    return store.publish(b"manifest").revision


def content(store: StateStore, revision: int, *states: str) -> Content:
    return {state: dict(store.records(revision, state)) for state in states}


def reopened(tmp_path: Path, **how: Any) -> StateStore:
    store = store_in(tmp_path)
    store.open(**how)
    return store


KEYS = st.sampled_from([b"", b"\xff", b"\xff\xff", b"a", b"a\xff", b"ab", b"b"])
CHANGES = st.lists(
    st.one_of(
        st.builds(Change, st.sampled_from("xy"), KEYS, st.none() | st.binary(max_size=3)),
        st.builds(Cleared, st.sampled_from("xy"), KEYS),
    ),
    max_size=8,
)


@settings(deadline=None)
@given(cuts=st.lists(CHANGES, min_size=1, max_size=7))
def test_each_kept_checkpoint_is_what_its_changes_make(
    cuts: list[list[StateChange]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    store = store_in(tmp_path_factory.mktemp("state"))
    store.open()
    model: Content = {}
    models: dict[int, Content] = {}
    revision: int | None = None
    for changes in cuts:
        apply(changes, model)
        revision = publish(store, *changes, after=revision)
        models[revision] = {state: dict(model.get(state, {})) for state in "xy"}
    assert len(store.kept()) == min(3, len(cuts))
    for kept in store.kept():
        assert content(store, kept.revision, "x", "y") == models[kept.revision]
    store.close()


def test_the_file_alone_has_what_is_published(store: StateStore, tmp_path: Path) -> None:
    """What SQLite has in a log of its own may be left out of a copy, or be cut short unnoticed."""
    revision = publish(store, Change("a", b"1", b"one"))
    (tmp_path / "copy.sqlite").write_bytes((tmp_path / "orders.sqlite").read_bytes())
    copy = store_in(tmp_path, "copy")
    copy.open()
    assert content(copy, revision, "a") == {"a": {b"1": b"one"}}
    copy.close()


def test_a_fresh_start_finds_nothing_and_keeps_the_old_history_aside(
    store: StateStore, tmp_path: Path
) -> None:
    publish(store, Change("a", b"1", b"one"))
    store.close()
    anew = reopened(tmp_path, fresh=True)
    assert list(anew.kept()) == []
    anew.close()
    (tmp_path / "orders.sqlite.old").rename(tmp_path / "orders.sqlite")
    again = reopened(tmp_path)
    assert content(again, 1, "a") == {"a": {b"1": b"one"}}
    again.close()


def test_a_fresh_start_that_came_to_nothing_leaves_the_old_history_aside(
    store: StateStore, tmp_path: Path
) -> None:
    publish(store, Change("a", b"1", b"one"))
    store.close()
    for _ in range(2):
        reopened(tmp_path, fresh=True).close()
    (tmp_path / "orders.sqlite.old").rename(tmp_path / "orders.sqlite")
    again = reopened(tmp_path)
    assert content(again, 1, "a") == {"a": {b"1": b"one"}}
    again.close()


def test_apps_share_a_directory(store: StateStore, tmp_path: Path) -> None:
    other = store_in(tmp_path, "../other/app")
    other.open()
    first = publish(other, Change("a", b"1", b"one"))
    assert list(store.kept()) == []
    assert content(other, first, "a") == {"a": {b"1": b"one"}}
    assert len(list(tmp_path.glob("*.sqlite"))) == 2
    other.close()


# Refusals


def test_a_second_holder_is_refused_by_name(store: StateStore, tmp_path: Path) -> None:
    second = store_in(tmp_path)
    with pytest.raises(Misconfigured, match=r"process \d+ on .* has the state in .* in use"):
        second.open()
    second.close()
    store.close()
    again = reopened(tmp_path)
    again.close()


def test_a_directory_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    store = store_in(tmp_path / "file")
    with pytest.raises(Misconfigured, match="can't be used"):
        store.open()


def test_a_database_of_something_else_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "orders.sqlite"
    connection = sqlite3.connect(path)
    connection.executescript("CREATE TABLE theirs (x); INSERT INTO theirs VALUES (1)")
    connection.close()
    before = path.read_bytes()
    for fresh in (False, True):
        store = store_in(tmp_path)
        with pytest.raises(Misconfigured, match="is a database of something else"):
            store.open(fresh=fresh)
        store.close()
    assert path.read_bytes() == before


def test_another_layout_is_refused(store: StateStore, tmp_path: Path) -> None:
    store.close()
    connection = sqlite3.connect(tmp_path / "orders.sqlite")
    connection.execute("PRAGMA user_version = 9")
    connection.close()
    refused = store_in(tmp_path)
    with pytest.raises(Misconfigured, match="has layout 9") as told:
        refused.open()
    refused.close()
    assert "--fresh" in str(told.value.hint)
    anew = reopened(tmp_path, fresh=True)
    assert publish(anew, Change("a", b"1", b"one")) == 1
    assert (tmp_path / "orders.sqlite.old").exists()
    anew.close()


def test_a_lock_that_is_none_is_named(tmp_path: Path) -> None:
    (tmp_path / "orders.lock").write_bytes(b"no database at all, but a text of some length")
    with pytest.raises(Misconfigured, match="can't be used: file is not a database"):
        reopened(tmp_path)


# Damage


def damaged_in(path: Path, statement: str) -> None:
    connection = sqlite3.connect(path)
    assert connection.execute(statement).rowcount == 1
    connection.commit()
    connection.close()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE changes SET value = X'00' WHERE revision = 2",
        "UPDATE changes SET key = X'00' WHERE revision = 2",
        "UPDATE changes SET revision = 9 WHERE revision = 2",
        "UPDATE changes SET value = 'text' WHERE revision = 2",
        "DELETE FROM changes WHERE revision = 2",
        "DELETE FROM cleared WHERE revision = 2",
        "UPDATE cleared SET prefix = X'31' WHERE revision = 2",
        "UPDATE checkpoints SET parts = CAST(replace(parts, 2, 3) AS BLOB) WHERE revision = 2",
    ],
)
def test_damage_of_the_newest_leaves_the_one_before(
    store: StateStore, tmp_path: Path, statement: str
) -> None:
    first = publish(store, Change("a", b"1", b"one"), Change("a", b"x", b"gone"))
    second = publish(store, Cleared("a", b"x"), Change("a", b"2", b"two"), after=first)
    store.close()
    damaged_in(tmp_path / "orders.sqlite", statement)
    again = reopened(tmp_path)
    with pytest.raises(Damaged):
        content(again, second, "a")
    assert content(again, first, "a") == {"a": {b"1": b"one", b"x": b"gone"}}
    third = publish(again, Change("a", b"3", b"three"), after=first)
    assert content(again, third, "a") == {"a": {b"1": b"one", b"x": b"gone", b"3": b"three"}}
    assert [kept.revision for kept in again.kept()] == [third, first]
    assert len(list(tmp_path.glob("*.damaged-*"))) == 1
    again.close()


@pytest.mark.parametrize("moves", range(3))
def test_a_process_that_dies_while_it_leaves_a_damaged_database_loses_nothing(
    store: StateStore, tmp_path: Path, moves: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = publish(store, Change("a", b"1", b"one"))
    publish(store, Change("a", b"2", b"two"), after=first)
    store.close()
    damaged_in(tmp_path / "orders.sqlite", "UPDATE changes SET value = X'00' WHERE revision = 2")
    dying = reopened(tmp_path)
    with pytest.raises(Damaged):
        content(dying, 2, "a")
    replace, left = Path.replace, iter(range(moves))

    def dies(path: Path, target: Path) -> Path:
        if next(left, None) is None:
            raise KeyboardInterrupt
        return replace(path, target)

    with monkeypatch.context() as patched, contextlib.suppress(KeyboardInterrupt):
        patched.setattr(Path, "replace", dies)
        dying.begin(first)
    dying.close()
    again = reopened(tmp_path)
    assert content(again, first, "a") == {"a": {b"1": b"one"}}
    again.close()


def test_a_damaged_manifest_is_named(store: StateStore, tmp_path: Path) -> None:
    first = publish(store, Change("a", b"1", b"one"))
    publish(store, after=first)
    store.close()
    damaged_in(
        tmp_path / "orders.sqlite", "UPDATE checkpoints SET manifest = X'00' WHERE revision = 2"
    )
    again = reopened(tmp_path)
    newest, older = again.kept()
    assert newest.damage == "its manifest has another checksum"
    assert older.damage is None
    again.close()


def test_one_that_is_missing_is_named(store: StateStore, tmp_path: Path) -> None:
    first = publish(store, Change("a", b"1", b"one"))
    second = publish(store, Change("a", b"2", b"two"), after=first)
    third = publish(store, Change("a", b"3", b"three"), after=second)
    store.close()
    damaged_in(tmp_path / "orders.sqlite", f"DELETE FROM checkpoints WHERE revision = {second}")
    again = reopened(tmp_path)
    with pytest.raises(Damaged, match=f"the one before revision {third} is missing"):
        content(again, third, "a")
    again.close()
    damaged_in(tmp_path / "orders.sqlite", f"DELETE FROM checkpoints WHERE revision = {third}")
    again = reopened(tmp_path)
    assert [(kept.revision, kept.damage) for kept in again.kept()] == [
        (third, "it is missing"),
        (first, None),
    ]
    again.close()


def test_damage_of_the_base_damages_all(store: StateStore, tmp_path: Path) -> None:
    first = publish(store, Change("a", b"1", b"one"))
    second = publish(store, Change("a", b"2", b"two"), after=first)
    store.close()
    damaged_in(tmp_path / "orders.sqlite", "UPDATE base SET value = X'00'")
    again = reopened(tmp_path)
    for revision in (first, second):
        with pytest.raises(Damaged):
            content(again, revision, "a")
    third = publish(again, Change("a", b"3", b"three"))
    assert content(again, third, "a") == {"a": {b"3": b"three"}}
    again.close()


def read_all(store: StateStore) -> None:
    store.open()
    for kept in store.kept():
        content(store, kept.revision, "a")


@pytest.mark.parametrize("how", ["cut short", "overwritten", "no database"])
def test_of_a_database_that_is_unreadable_a_new_history_can_begin(
    store: StateStore, tmp_path: Path, how: str
) -> None:
    publish(store, *(Change("a", b"%d" % n, b"x" * 100) for n in range(1000)))
    store.close()
    path = tmp_path / "orders.sqlite"
    whole = path.read_bytes()
    if how == "cut short":
        path.write_bytes(whole[: len(whole) // 2])
    elif how == "overwritten":
        path.write_bytes(whole[:100] + bytes(4000) + whole[4100:])
    else:
        path.write_bytes(b"no database at all, but some text that is here for its length" * 99)
    again = store_in(tmp_path)
    with pytest.raises(Damaged):
        read_all(again)
    again.close()
    anew = reopened(tmp_path, fresh=True)
    first = publish(anew, Change("a", b"1", b"one"))
    assert content(anew, first, "a") == {"a": {b"1": b"one"}}
    assert (tmp_path / "orders.sqlite.old").exists()
    anew.close()


def test_flipped_bits_never_give_other_records(store: StateStore, tmp_path: Path) -> None:
    """Wherever a bit of the file is flipped: what is read is as it was written, or damaged, and
    none that is kept is passed over."""
    first = publish(store, Change("a", b"1", b"one"), Change("b", b"1", b"of another"))
    second = publish(store, Change("a", b"2", b"two"), Cleared("b", b"1"), after=first)
    store.close()
    written = {
        first: {"a": {b"1": b"one"}, "b": {b"1": b"of another"}},
        second: {"a": {b"1": b"one", b"2": b"two"}, "b": {}},
    }
    path = tmp_path / "orders.sqlite"
    whole = path.read_bytes()
    used = [place for place, byte in enumerate(whole) if byte]
    generator, damages = random.Random(7), 0
    for place in generator.sample(used, 150):
        flipped = whole[place] ^ 1 << generator.randrange(8)
        path.write_bytes(whole[:place] + bytes([flipped]) + whole[place + 1 :])
        again = store_in(tmp_path)
        try:
            again.open()
            kept = again.kept()
            assert kept[0].revision >= second
            for one in kept:
                if one.damage is None:
                    assert content(again, one.revision, "a", "b") == written[one.revision]
        except (Damaged, Misconfigured):
            damages += 1
        finally:
            again.close()
    assert damages > 50


@pytest.mark.parametrize("bytes_left", [4096, 12_000])
def test_a_database_that_could_not_be_made_is_made_later(tmp_path: Path, bytes_left: int) -> None:
    store_in(tmp_path, "another").open()  # the directory can be used
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    store = store_in(tmp_path)
    Path(store.place).with_suffix(".lock").touch()
    resource.setrlimit(resource.RLIMIT_FSIZE, (bytes_left, hard))
    try:
        with pytest.raises(Misconfigured, match="can't be used"):
            store.open()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    store.close()
    again = reopened(tmp_path)
    assert publish(again, Change("a", b"1", b"one")) == 1
    again.close()


def gone(path: Path) -> None:
    path.unlink()


def emptied(path: Path) -> None:
    path.unlink()
    path.write_bytes(b"")


def directory_gone(path: Path) -> None:
    shutil.rmtree(path.parent)


def overwritten(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(bytes(16_000))


@pytest.mark.parametrize("harm", [gone, emptied, directory_gone, overwritten])
def test_what_is_lost_while_it_is_open_is_written_anew(
    tmp_path: Path, harm: Callable[[Path], None]
) -> None:
    directory = tmp_path / "state"
    store = reopened(directory)
    first = publish(store, Change("a", b"1", b"one"))
    store.close()
    store.open()  # nothing of it is in memory
    harm(directory / "orders.sqlite")
    with pytest.raises(Damaged):
        publish(store, Change("a", b"2", b"two"), after=first)
    store.abandon()
    revision = publish(store, Change("a", b"1", b"one"), Change("a", b"2", b"two"))
    store.close()
    again = reopened(directory)
    assert content(again, revision, "a") == {"a": {b"1": b"one", b"2": b"two"}}
    again.close()


def test_a_lock_that_is_deleted_is_taken_again(store: StateStore, tmp_path: Path) -> None:
    lock = tmp_path / "orders.lock"
    lock.unlink()
    first = publish(store, Change("a", b"1", b"one"))
    second = store_in(tmp_path)
    with pytest.raises(Misconfigured, match="in use"):
        second.open()
    lock.unlink()
    second.open()
    with pytest.raises(Misconfigured, match="in use"):
        publish(store, Change("a", b"2", b"two"), after=first)
    store.abandon()
    second.close()
    assert publish(store, Change("a", b"2", b"two"), after=first) == first + 1


def test_a_full_disk_fails_the_checkpoint_and_the_next_one_works(store: StateStore) -> None:
    first = publish(store, Change("a", b"1", b"one"))
    assert isinstance(store, SqliteStore)
    connection = store._open  # a limit of its own: no other connection can set it
    [pages] = connection.execute("PRAGMA page_count").fetchone()
    connection.execute(f"PRAGMA max_page_count = {pages + 2}")
    with pytest.raises(sqlite3.OperationalError, match="full"):
        publish(store, *(Change("a", b"%d" % n, bytes(1000)) for n in range(1000)), after=first)
    store.abandon()
    assert content(store, first, "a") == {"a": {b"1": b"one"}}
    connection.execute("PRAGMA max_page_count = 100000")
    second = publish(store, Change("a", b"2", b"two"), after=first)
    assert content(store, second, "a") == {"a": {b"1": b"one", b"2": b"two"}}
