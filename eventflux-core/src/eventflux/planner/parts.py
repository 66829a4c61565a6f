"""A program's SELECTs one by one: views, WITH, subqueries in FROM and UNION ALL taken apart.

Each SELECT becomes a part, and reads one stream and writes one. A view is a stream of its
name; what stands in WITH or in parentheses goes through a stream without a name that others
could use. The parts stand in the order of declaration, each behind those that it reads.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from eventflux.planner.scope import NAMELESS
from eventflux.sql.ast import (
    DEFAULT_TARGET,
    Body,
    Events,
    Name,
    Query,
    Select,
    Source,
    Statement,
    Subquery,
    View,
)


class Target(msgspec.Struct, frozen=True):
    """Where the rows of a part go."""

    stream: str
    shown: str
    """What messages call it."""
    name: Name | None
    """The name where it is written, if it is."""
    columns: tuple[Name, ...] | None
    """The columns that it lists for the values, if it does."""
    view: bool
    unnamed_of: str | None
    """The query that a stream without a name belongs to."""
    events: Events | None = None
    """Which rows go there, if not those that enter a window alone."""


class Part(msgspec.Struct, frozen=True):
    """One SELECT."""

    name: str
    select: Select
    reads: str
    reads_shown: str
    """What messages and expressions call the stream that it reads."""
    reads_unnamed: bool
    target: Target
    start: int
    end: int
    first: Part | None
    """The first SELECT of its UNION ALL, which names the columns; ``None`` for that itself."""
    named: bool
    """Whether the program gives its query a name."""
    statement: int
    """Where the statement starts that it is of."""
    kept: bool
    """Whether it belongs to the plan; what nothing reads is looked at and left out."""

    @property
    def columns(self) -> tuple[Name, ...] | None:
        return self.target.columns

    @property
    def read_name(self) -> Name | None:
        """The name that has to be known to the program."""
        source = self.select.source
        return source.stream if isinstance(source, Source) and not self.reads_unnamed else None


class Parts(msgspec.Struct, frozen=True):
    parts: tuple[Part, ...]
    unread: tuple[Name, ...]
    """The names of WITH that nothing reads."""


def take_apart(
    statements: Iterable[Statement], streams: Iterable[str], names: Mapping[int, str]
) -> Parts:
    """The parts of a program; ``streams`` are the names of the declared streams, ``names``
    those of the queries that have one of their own, by where the query starts."""
    apart = _Apart(set(streams), reserved=set(names.values()))
    queries = [statement for statement in statements if isinstance(statement, Query | View)]
    for query in queries:
        apart.streams.add(query.name.text if isinstance(query, View) else _target_name(query))
    number = 0
    for query in queries:
        apart.statement = query.start
        if isinstance(query, View):
            apart.named = True
            apart.view(query)
        else:
            number += 1
            own = names.get(query.start)
            apart.named = own is not None
            apart.query(query, own or free(f"query_{number}", apart.reserved))
    return Parts(tuple(apart.parts), tuple(apart.unread))


def _target_name(query: Query) -> str:
    return query.target.text if query.target is not None else DEFAULT_TARGET


class _Common(msgspec.Struct):
    """A query of WITH: it gets its parts when it is first read."""

    view: View
    names: Mapping[str, _Common]
    """Those that it may read itself: the ones before it."""
    stream: str | None = None


class _Apart(msgspec.Struct):
    streams: set[str]
    """The names that streams have already."""
    names: set[str] = msgspec.field(default_factory=set)
    """Those that parts have already."""
    reserved: set[str] = msgspec.field(default_factory=set)
    """The names that queries have of their own."""
    named: bool = False
    statement: int = 0
    parts: list[Part] = msgspec.field(default_factory=list)
    commons: list[tuple[_Common, str]] = msgspec.field(default_factory=list)
    """Those of the statement that is taken apart, each with the query that it stands in."""
    unread: list[Name] = msgspec.field(default_factory=list)
    keeps: bool = True

    def query(self, query: Query, name: str) -> None:
        stream = _target_name(query)
        target = Target(stream, stream, query.target, query.columns, False, None, query.events)
        self.body(query.body, target, name, name, {}, (query.start, query.end))
        self.leave_out()

    def view(self, view: View) -> None:
        name = view.name.text
        target = Target(name, name, view.name, view.columns, True, None)
        self.body(view.body, target, name, name, {}, (view.start, view.end))
        self.leave_out()

    def body(
        self,
        body: Body,
        target: Target,
        name: str,
        owner: str,
        names: Mapping[str, _Common],
        whole: tuple[int, int] | None = None,
    ) -> None:
        """Add the parts of ``body``, called ``name`` and in a query called ``owner``; ``whole``
        is where the statement starts and ends that it is all of."""
        commons = dict(names)
        for view in body.views:
            common = commons[view.name.text] = _Common(view, dict(commons))
            self.commons.append((common, owner))
        first: Part | None = None
        single = len(body.selects) == 1
        for number, select in enumerate(body.selects, 1):
            part_name = free(name if single else f"{name}/{number}", self.names)
            start, end = whole if whole and single else (select.start, select.end)
            reads, shown, unnamed = self.source(select.source, owner, commons)
            part = Part(
                name=part_name,
                select=select,
                reads=reads,
                reads_shown=shown,
                reads_unnamed=unnamed,
                target=target,
                start=start,
                end=end,
                first=first,
                named=self.named,
                statement=self.statement,
                kept=self.keeps,
            )
            self.parts.append(part)
            first = first or part

    def leave_out(self) -> None:
        """Add the parts of what nothing reads of the WITH of a statement, not to be kept."""
        self.keeps = False
        while self.commons:
            common, owner = self.commons.pop()
            if common.stream is None:
                self.unread.append(common.view.name)
                self.common(common, owner)
        self.keeps = True

    def source(
        self, source: Source | Subquery, owner: str, names: Mapping[str, _Common]
    ) -> tuple[str, str, bool]:
        """The stream that a FROM reads, what it is called there, and whether it has no name."""
        if isinstance(source, Source):
            common = names.get(source.stream.text)
            if common is None:
                return source.stream.text, source.stream.text, False
            return self.common(common, owner), source.stream.text, True
        stream = self.unnamed(source.body, source.alias, owner, names)
        return stream, source.alias.text if source.alias else NAMELESS, True

    def common(self, common: _Common, owner: str) -> str:
        """The stream of a query of WITH, which gets its parts now if it has none yet, after
        those that it reads."""
        for needed in _needed(common):
            needed.stream = self.unnamed(needed.view.body, needed.view, owner, needed.names)
        assert common.stream is not None, "it is the last of those needed"
        return common.stream

    def unnamed(
        self, body: Body, named: View | Name | None, owner: str, names: Mapping[str, _Common]
    ) -> str:
        """Add the parts of a subquery; gives the stream that they write."""
        name = named.name if isinstance(named, View) else named
        columns = named.columns if isinstance(named, View) else None
        shown = NAMELESS if name is None else name.text
        stream = free(f"{owner}/{'subquery' if name is None else name.text}", self.streams)
        target = Target(stream, shown, name, columns, False, owner)
        self.body(body, target, stream, owner, names)
        return stream


def _needed(common: _Common) -> list[_Common]:
    """``common`` and what it reads of WITH, as far as they have no parts, in their order."""
    found: dict[int, _Common] = {}
    waiting = [common]
    while waiting:
        current = waiting.pop()
        if current.stream is None and id(current) not in found:
            found[id(current)] = current
            waiting.extend(_read(current.view.body, current.names))
    return sorted(found.values(), key=lambda needed: needed.view.start)


def _read(body: Body, names: Mapping[str, _Common]) -> Iterator[_Common]:
    """Those of ``names`` that ``body`` reads, in its subqueries too."""
    for view in body.views:
        yield from _read(view.body, names)
        names = {name: common for name, common in names.items() if name != view.name.text}
    for select in body.selects:
        if isinstance(select.source, Subquery):
            yield from _read(select.source.body, names)
        elif select.source.stream.text in names:
            yield names[select.source.stream.text]


def free(name: str, taken: set[str]) -> str:
    """``name``, or something like it that is not among ``taken``; it is from now on."""
    found, count = name, 1
    while found in taken:
        count += 1
        found = f"{name}_{count}"
    taken.add(found)
    return found
