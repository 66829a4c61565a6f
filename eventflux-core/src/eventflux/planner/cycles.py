"""Queries that feed each other: found and listed."""

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
