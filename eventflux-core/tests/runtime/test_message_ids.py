"""Message ids that are made when somebody looks."""

from __future__ import annotations

from eventflux.runtime.message_ids import MessageIds, SourceId, joined


def test_ids_are_like_a_list_of_texts() -> None:
    ids = MessageIds("run", 10, 5)
    whole = list(ids)
    assert whole == [f"run-{n:012x}" for n in range(10, 15)]
    assert len(ids) == 5
    assert ids[0] == whole[0]
    assert ids[-1] == whole[-1]
    assert list(ids[1:3]) == whole[1:3]
    assert list(ids[::2]) == whole[::2]


def test_consecutive_parts_stay_unmade() -> None:
    ids = MessageIds("run", 0, 6)
    assert isinstance(joined([ids[:2], ids[2:3], ids[3:]]), MessageIds)
    assert list(joined([ids[:2], ids[2:]])) == list(ids)


def test_other_parts_are_listed_in_order() -> None:
    ids = MessageIds("run", 0, 6)
    assert list(joined([ids[3:], ids[:3]])) == [*ids[3:], *ids[:3]]
    assert list(joined([["a"], ids[:1], ["b"]])) == ["a", ids[0], "b"]
    assert list(joined([ids[:1], ["b"]])) == [ids[0], "b"]


def test_ids_of_results_stay_short_and_apart() -> None:
    assert SourceId("a").results("Out", 2) == ["a-Out-0", "a-Out-1"]
    long = "x" * 250
    ids = [*SourceId(long).results("Out", 2), *SourceId(long + "y").results("Out", 2)]
    ids += SourceId(long).results("Out2", 2)
    assert len(set(ids)) == 6
    assert max(map(len, ids)) < 60
    assert SourceId(long).results("Out", 2) == ids[:2]


def test_results_of_one_message_are_numbered_on() -> None:
    source = SourceId("a")
    assert source.results("Out", 1) + source.results("Out", 2) == ["a-Out-0", "a-Out-1", "a-Out-2"]
    assert source.results("Out2", 1) == ["a-Out2-0"]
