"""CREATE TRIGGER: streams whose rows the app makes itself when a time has come (semantics 9.2)."""

from __future__ import annotations

from collections.abc import Iterator

from eventflux.base.durations import format_duration
from eventflux.base.errors import Diagnostic, OptionError
from eventflux.base.suggest import did_you_mean
from eventflux.base.trigger_columns import TRIGGER_SCHEMA
from eventflux.planner.cron_texts import wrong_cron
from eventflux.planner.describe import literal_text
from eventflux.planner.places import place_of
from eventflux.planner.plan import Stream, Trigger
from eventflux.planner.streams import PutIn, is_reserved, reserved_name
from eventflux.sql.ast import CreateTrigger, Property
from eventflux.sql.source import SourceText

CATCH_UP = "catch_up"
"""The option that has a trigger make up for each time that it missed."""


def trigger_stream(
    source: SourceText, statement: CreateTrigger, put_in: PutIn | None
) -> tuple[Stream, list[Diagnostic]]:
    """The stream of a trigger, and everything that is wrong in its definition; ``put_in`` puts
    variables into the value of its option."""
    problems: list[Diagnostic] = []
    name, when = statement.name, statement.when

    def report(offset: int, message: str, hint: str | None = None) -> None:
        problems.extend(source.problem(offset, message, hint).diagnostics)

    if is_reserved(name.text):
        report(name.start, *reserved_name(name.text))
    if when.cron is not None and (wrong := wrong_cron(when.cron)) is not None:
        report(when.start, *wrong)
    catches_up = False
    seen: set[str] = set()
    for option in statement.properties:
        if (problem := _problem_of(statement, option, seen)) is not None:
            report(option.start, *problem)
        elif option.value is not None:
            try:
                text = option.value if put_in is None else put_in(option.value)
            except OptionError as error:
                report(option.start, f"{name}: '{CATCH_UP}': {error.message}", error.hint)
                continue
            if text.lower() not in ("true", "false"):
                report(option.value_start, f"{CATCH_UP} is TRUE or FALSE, not {text!r}")
            catches_up = text.lower() == "true"
        seen.add(option.key.lower())
    stream = Stream(
        name=name.text,
        schema=TRIGGER_SCHEMA,
        role="internal",
        extension=None,
        format=None,
        event_time=None,
        declared=True,
        place=place_of(source, name.start),
        trigger=Trigger(when.every_ms, when.cron, catches_up),
    )
    return stream, problems


def _problem_of(
    statement: CreateTrigger, option: Property, seen: set[str]
) -> tuple[str, str | None] | None:
    key = option.key.lower()
    if key != CATCH_UP:
        hint = did_you_mean(key, [CATCH_UP])
        return f"a trigger has no option {option.key!r}", hint or f"it has one: {CATCH_UP}"
    if key in seen:
        return f"{statement.name} sets {key!r} twice", None
    if statement.when.kind == "start":
        return f"AT START misses nothing: {CATCH_UP} means nothing here", "leave it out"
    return None


def trigger_texts(trigger: Trigger) -> Iterator[str]:
    """When a trigger gives rows, in words, and what becomes of the times that it misses."""
    if trigger.every_ms is not None:
        yield f"a row every {format_duration(trigger.every_ms)}"
    elif trigger.cron is not None:
        yield f"a row at each time of {literal_text(trigger.cron)}"
    else:
        yield "a row at each start of the app"
        return
    if trigger.catch_up:
        yield "times that were missed: a row for each (catch_up)"
    else:
        yield "times that were missed: one row, for the first of them"
