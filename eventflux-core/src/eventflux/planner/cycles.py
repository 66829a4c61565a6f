"""Queries that feed each other: cycles, and the longest chain where there are none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence


def find_cycles(edges: Iterable[tuple[str, str]]) -> list[tuple[str, ...]]:
    """One cycle for each group of streams that reach each other, as ``(a, b, …, a)``."""
    following: dict[str, list[str]] = {}
    for source, target in edges:
        following.setdefault(source, []).append(target)
        following.setdefault(target, [])
    reported: set[str] = set()
    cycles: list[tuple[str, ...]] = []
    for start in following:
        if start in reported:
            continue
        path = _path(following, start)
        if path:
            cycles.append(path)
            reported |= _strongly_connected(following, start)
    return cycles


def longest_chain(edges: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """The streams of the longest way along edges that make no cycle."""
    following: dict[str, list[str]] = {}
    unseen: dict[str, int] = {}
    for source, target in edges:
        following.setdefault(source, []).append(target)
        unseen.setdefault(source, 0)
        unseen[target] = unseen.get(target, 0) + 1
    ready = [stream for stream, count in unseen.items() if not count]
    came_from: dict[str, str] = {}
    length = dict.fromkeys(unseen, 1)
    for stream in ready:
        for target in following.get(stream, ()):
            if length[stream] >= length[target]:
                length[target], came_from[target] = length[stream] + 1, stream
            unseen[target] -= 1
            if not unseen[target]:
                ready.append(target)
    if not length:
        return ()
    chain = [max(length, key=lambda stream: length[stream])]
    while chain[-1] in came_from:
        chain.append(came_from[chain[-1]])
    return tuple(reversed(chain))


def _path(following: Mapping[str, Sequence[str]], start: str) -> tuple[str, ...]:
    """The shortest way from ``start`` back to itself, or nothing."""
    came_from: dict[str, str] = {}
    queue = [start]
    for current in queue:
        for target in following[current]:
            if target == start:
                path = [start, current]
                while path[-1] != start:
                    path.append(came_from[path[-1]])
                return tuple(reversed(path)) if current != start else (start, start)
            if target not in came_from:
                came_from[target] = current
                queue.append(target)
    return ()


def _strongly_connected(following: Mapping[str, Sequence[str]], start: str) -> set[str]:
    backwards: dict[str, list[str]] = {stream: [] for stream in following}
    for source, targets in following.items():
        for target in targets:
            backwards[target].append(source)
    return _reachable(following, start) & _reachable(backwards, start)


def _reachable(following: Mapping[str, Sequence[str]], start: str) -> set[str]:
    seen, waiting = {start}, [start]
    while waiting:
        for target in following[waiting.pop()]:
            if target not in seen:
                seen.add(target)
                waiting.append(target)
    return seen
