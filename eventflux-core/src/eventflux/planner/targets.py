"""Which targets of INSERT INTO are probably not what was meant."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from eventflux.base.errors import Diagnostic
from eventflux.base.side_streams import fed_from
from eventflux.base.suggest import nearest
from eventflux.planner.parts import Part
from eventflux.planner.plan import Stream
from eventflux.sql.source import SourceText


def doubtful_targets(
    source: SourceText, parts: Sequence[Part], streams: Mapping[str, Stream]
) -> Iterator[Diagnostic]:
    """A warning for each target that is a source, and for each stream that nobody declared and
    nobody reads while one of nearly its name is declared, and no query writes or reads it.

    Args:
        streams: those that are declared.
    """
    written = {part.target.stream for part in parts}
    read = {fed_from(part.reads) or part.reads for part in parts}
    idle = [s.name for s in streams.values() if s.role != "source" and s.name not in written | read]
    named = {part.target.stream: part.target for part in reversed(parts) if not part.target.view}
    for name, target in sorted(named.items()):
        if target.name is None:
            continue
        declared = streams.get(name)
        if declared is not None and declared.role == "source":
            yield source.warning(
                target.name.start,
                f"{name!r} is a source: what is inserted goes to those who read it, not outside",
                "a stream with type = 'sink' writes to the outside",
            )
        elif declared is None and name not in read and (meant := nearest(name, idle)):
            yield source.warning(
                target.name.start,
                f"stream {name!r} is declared nowhere, and no query reads it",
                f"did you mean {meant!r}?",
            )
