"""Error strategies as a whole: dead-letter streams, options that do nothing, cycles."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from itertools import pairwise

import msgspec

from eventflux.app.origins import OptionText, told_of
from eventflux.base.error_columns import DEAD_LETTER_COLUMNS
from eventflux.base.errors import Diagnostic, OptionError
from eventflux.base.side_streams import fed_from, owner_of
from eventflux.base.suggest import did_you_mean
from eventflux.base.types import Schema
from eventflux.planner.cycles import find_cycles
from eventflux.planner.plan import Place, Plan
from eventflux.runtime.stream_options import ErrorOptions

_COLUMNS_HINT = "a stream of dead letters has " + ", ".join(
    f"{column.name} {column.type}" for column in DEAD_LETTER_COLUMNS
)


class Handling(msgspec.Struct, frozen=True):
    """What a stream or a query does with errors. ``stream`` is where they arise."""

    owner: str
    """``stream 'S'`` or ``query 'q'``."""
    stream: str
    role: str
    """``source``, ``sink``, ``internal`` or ``query``."""
    options: ErrorOptions
    texts: Mapping[str, OptionText]
    place: Place
    query: str | None = None
    """The name of the query, if it is one."""
    own: Collection[str] | None = None
    """The options that are its own; all, if that is not said."""

    def sets(self, *prefixes: str) -> Iterator[str]:
        """The options that it sets itself and that start so."""
        names = self.texts if self.own is None else self.own
        return (name for name in names if name.startswith(prefixes))

    def told(self, name: str, error: OptionError, *, warning: bool = False) -> Diagnostic:
        """A problem of an option, at its place."""
        found = told_of(self.owner, error, self.texts.get(name), self.place)
        return found.as_warning() if warning else found


class Checked(msgspec.Struct):
    """What is wrong, and what is doubtful."""

    problems: list[Diagnostic]
    warnings: list[Diagnostic]


def check_handling(
    plan: Plan, handlings: Collection[Handling], unclear_columns: Collection[str]
) -> Checked:
    """Look at all error options together. Nothing is said of the columns of ``unclear_columns``."""
    problems: list[Diagnostic] = []
    warnings: list[Diagnostic] = []
    for handling in handlings:
        for name, error in _contradictions(handling):
            problems.append(handling.told(name, error))
        if handling.options.error_dlq_stream is not None:
            wrong = _dead_letter_problem(plan, handling.options.error_dlq_stream, unclear_columns)
            if wrong is not None:
                problems.append(handling.told("error.dlq.stream", wrong))
        for name, error in _idle(handling):
            warnings.append(handling.told(name, error, warning=True))
    problems += _cycles(plan, handlings)
    return Checked(problems, warnings)


def error_edges(handlings: Collection[Handling]) -> dict[tuple[str, str], Handling]:
    """Where rows of errors go: (stream where they arise, dead-letter stream)."""
    return {
        (handling.stream, handling.options.error_dlq_stream): handling
        for handling in handlings
        if handling.options.error_dlq_stream is not None
    }


def stream_edges(plan: Plan) -> list[tuple[str, str]]:
    """Where rows go by the queries, and to the streams of errors and late rows that are read."""
    edges = [(query.source, query.target) for query in plan.queries]
    edges += [(owner, name) for name in plan.streams if (owner := fed_from(name))]
    return edges


def _contradictions(handling: Handling) -> Iterator[tuple[str, OptionError]]:
    options = handling.options
    if options.error_strategy == "dlq" and options.error_dlq_stream is None:
        yield (
            "error.strategy",
            OptionError(
                "error.strategy 'dlq' needs an error.dlq.stream",
                "name a stream of this program that takes what can't be processed",
            ),
        )
    if options.error_strategy is None and options.error_dlq_stream is not None:
        yield (
            "error.dlq.stream",
            OptionError(
                "option 'error.dlq.stream' needs an error.strategy",
                "error.strategy = 'dlq' puts there what can't be processed",
            ),
        )
    if options.error_retry_max_attempts == 0:
        yield (
            "error.retry.max-attempts",
            OptionError(
                "option 'error.retry.max-attempts' must be at least 1, or -1 without end, got '0'",
                "it counts the tries after the first",
            ),
        )
    for prefix, first, longest in (
        ("error.retry", options.error_retry_initial_delay, options.error_retry_max_delay),
        (
            "error.dlq.fallback-retry",
            options.error_dlq_fallback_retry_initial_delay,
            options.error_dlq_fallback_retry_max_delay,
        ),
    ):
        if first > longest:
            yield (
                f"{prefix}.initial-delay",
                OptionError(
                    f"option '{prefix}.initial-delay' is longer than {prefix}.max-delay",
                    "delays grow from the first to the longest",
                ),
            )


def _dead_letter_problem(
    plan: Plan, name: str, unclear_columns: Collection[str]
) -> OptionError | None:
    stream = plan.streams.get(name)
    if stream is None or owner_of(name) is not None:
        known = [s.name for s in plan.streams.values() if owner_of(s.name) is None]
        return OptionError(f"error.dlq.stream names {name!r}, which is no stream of this program",
                           did_you_mean(name, known) if known else _COLUMNS_HINT)  # fmt: skip
    if stream.role == "source":
        return OptionError(
            f"error.dlq.stream names {name!r}, which is a source",
            "a dead-letter stream is internal or a sink",
        )
    if name in unclear_columns:
        return None
    wrong = _wrong_columns(stream.schema)
    if not wrong:
        return None
    return OptionError(f"{name!r} can't take dead letters: {'; '.join(wrong)}", _COLUMNS_HINT)


def _wrong_columns(schema: Schema) -> list[str]:
    wrong: list[str] = []
    needed = {column.name for column in DEAD_LETTER_COLUMNS}
    missing: list[str] = []
    for column in DEAD_LETTER_COLUMNS:
        found = schema.find(column.name)
        if found is None:
            near = next((n for n in schema.names if n.lower() == column.name.lower()), None)
            missing.append(column.name + (f" but {near}" if near else ""))
        elif found.type is not column.type:
            wrong.append(f"{column.name} is {found.type}, not {column.type}")
    if missing:
        wrong.insert(0, f"it has no column {', '.join(missing)}")
    wrong += [
        f"its further column {column.name} is NOT NULL"
        for column in schema.columns
        if column.name not in needed and not column.nullable
    ]
    return wrong


def _idle(handling: Handling) -> Iterator[tuple[str, OptionError]]:
    """Options that are set and do nothing."""
    options, role = handling.options, handling.role
    strategy = options.error_strategy
    set_aside = options.error_dlq_stream is not None and strategy in ("dlq", "retry")
    worn = role == "source" and options.error_dlq_stream is not None and strategy == "fail"
    idle = any(handling.sets("error.dlq.stream"))
    if idle and strategy in ("drop", "fail") and not worn:
        yield (
            "error.dlq.stream",
            OptionError(
                f"error.dlq.stream does nothing under error.strategy = '{strategy}'",
                "'dlq' or 'retry' put there what can't be processed",
            ),
        )
    for name in handling.sets("error.retry."):
        if role == "sink" or (role == "source" and strategy == "retry"):
            continue
        if role == "source" and (set_aside or worn) and name == "error.retry.max-attempts":
            continue
        why = "under this error.strategy"
        hint = "'retry' tries again what may work later"
        if role in ("internal", "query"):
            why = "here: nothing that a query does can be tried again"
            hint = "an expression that fails once always fails"
        yield name, OptionError(f"{name} does nothing {why}", hint)
    for name in handling.sets("error.dlq.fallback-"):
        if not (set_aside or worn):
            error = OptionError(f"{name} does nothing without dead letters", "set error.dlq.stream")
            yield name, error
        elif "-retry." in name and options.error_dlq_fallback_strategy != "retry":
            yield (
                name,
                OptionError(
                    f"{name} does nothing under error.dlq.fallback-strategy = "
                    f"'{options.error_dlq_fallback_strategy}'",
                    "'retry' sends dead letters again",
                ),
            )


def _cycles(plan: Plan, handlings: Collection[Handling]) -> Iterator[Diagnostic]:
    """Dead letters that come back to where they arose. Cycles without any are the planner's."""
    ordinary = stream_edges(plan)
    if find_cycles(ordinary):
        return
    letters = error_edges(handlings)
    for cycle in find_cycles([*letters, *ordinary]):
        closing = next(letters[edge] for edge in pairwise(cycle) if edge in letters)
        error = OptionError(
            f"dead letters come back to where they arise: {' -> '.join(cycle)}",
            "name an error.dlq.stream that leads elsewhere",
        )
        yield closing.told("error.dlq.stream", error)
