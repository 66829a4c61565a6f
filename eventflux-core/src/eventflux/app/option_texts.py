"""The texts of a stream's options, from the file, the SQL and the command line."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from eventflux.app.settings import is_setting
from eventflux.base.error_columns import whose_errors
from eventflux.base.errors import Diagnostic, EventFluxError, Position
from eventflux.base.suggest import did_you_mean
from eventflux.planner.plan import Place, Plan

FIXED = frozenset({"type", "event.time"})
"""Decided by the SQL alone: the plan depends on them."""


@dataclass(frozen=True, slots=True)
class OptionText:
    """One option's text; ``origin`` says where it came from if that isn't the SQL."""

    text: str
    place: Place | None
    origin: str = ""

    @property
    def position(self) -> Position | None:
        return None if self.place is None else Position(self.place.line, self.place.column)


@dataclass(slots=True)
class Given:
    """All that was given from outside the SQL, sorted by what it is for."""

    app_config: dict[str, str] = field(default_factory=dict)
    app_overrides: dict[str, str] = field(default_factory=dict)
    streams_config: dict[str, dict[str, str]] = field(default_factory=dict)
    streams_overrides: dict[str, dict[str, str]] = field(default_factory=dict)
    problems: list[Diagnostic] = field(default_factory=list)

    def options_of(self, plan: Plan, stream: str) -> dict[str, OptionText]:
        """The options of one stream: those of the file, over them those of the SQL, over
        them those of the command line."""
        merged = {
            name: OptionText(text, None, "the file")
            for name, text in self.streams_config.get(stream, {}).items()
        }
        declared = plan.streams[stream]
        for name, option in declared.options.items():
            merged[name] = OptionText(option.text, option.place)
        for name, text in (("extension", declared.extension), ("format", declared.format)):
            if text is not None:
                merged[name] = OptionText(text, declared.binding_places.get(name, declared.place))
        for name, text in self.streams_overrides.get(stream, {}).items():
            merged[name] = OptionText(text, None, "--set")
        return merged


def read_given(
    plan: Plan,
    config: Mapping[str, Any] | None,
    overrides: Mapping[str, str] | None,
    unread: Collection[str] = (),
) -> Given:
    """Sort a parsed configuration file and ``--set`` arguments; name what they can't mean.

    Streams in ``unread`` may exist too: nothing is said of them.
    """
    given = Given()
    streams = {name for name in (*plan.streams, *unread) if whose_errors(name) is None}
    for name, text in (overrides or {}).items():
        if is_setting(name):
            given.app_overrides[name] = str(text)
            continue
        stream, dot, key = name.partition(".")
        if not dot or not key:
            given.problems.append(
                Diagnostic(
                    f"'{name}' names no stream option and no setting (--set)",
                    hint="write Stream.option=value or app.setting=value",
                )
            )
        elif _known_stream(streams, stream, "--set", given) and _free(key, "--set", given):
            given.streams_overrides.setdefault(stream, {})[key] = str(text)
    for table, content in (config or {}).items():
        if table not in ("app", "streams") or not isinstance(content, Mapping):
            given.problems.append(
                Diagnostic(
                    f"'{table}' is no table of a configuration file",
                    hint="it has [app] and [streams.<name>]",
                )
            )
        elif table == "app":
            given.app_config.update(_texts(content, given, "app"))
        else:
            _read_streams(streams, content, given)
    return given


def _read_streams(known: Collection[str], streams: Mapping[str, Any], given: Given) -> None:
    for stream, content in streams.items():
        if not _known_stream(known, stream, "the file", given):
            continue
        if not isinstance(content, Mapping):
            given.problems.append(Diagnostic(f"[streams.{stream}] is no table (the file)"))
            continue
        texts = _texts(content, given)
        given.streams_config[stream] = {
            key: text for key, text in texts.items() if _free(key, "the file", given)
        }


def _known_stream(known: Collection[str], stream: str, origin: str, given: Given) -> bool:
    if stream in known:
        return True
    given.problems.append(
        Diagnostic(f"no stream is called '{stream}' ({origin})", hint=did_you_mean(stream, known))
    )
    return False


def _free(key: str, origin: str, given: Given) -> bool:
    if key not in FIXED:
        return True
    given.problems.append(Diagnostic(f"'{key}' can be set in the SQL only ({origin})"))
    return False


def _texts(content: Mapping[str, Any], given: Given, prefix: str = "") -> dict[str, str]:
    """Values as texts; tables in tables are dotted names."""
    texts: dict[str, str] = {}
    for key, value in content.items():
        name = f"{prefix}.{key}" if prefix else key
        if isinstance(value, Mapping):
            texts.update(_texts(value, given, name))
        elif isinstance(value, bool):
            texts[name] = "true" if value else "false"
        elif isinstance(value, str | int | float):
            texts[name] = str(value)
        else:
            given.problems.append(
                Diagnostic(
                    f"'{name}' is a {type(value).__name__}, expected a text, a number or "
                    "true or false (the file)"
                )
            )
    return texts


def named_in(error: EventFluxError, texts: Mapping[str, OptionText]) -> OptionText | None:
    """The option that an error is about: the first one that it names, if any."""
    return next((t for n, t in texts.items() if f"'{n}'" in error.message), None)


def diagnostic(
    stream: str, error: EventFluxError, text: OptionText | None, place: Place | None
) -> Diagnostic:
    """A problem of a stream's options at the place of the option, else of the stream."""
    position = None if place is None else Position(place.line, place.column)
    origin = ""
    if text is not None:
        position, origin = text.position, f" ({text.origin})" if text.origin else ""
    return Diagnostic(f"stream '{stream}': {error.message}{origin}", position, error.hint)
