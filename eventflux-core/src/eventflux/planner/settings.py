"""The settings of an app (``SET name = value``): one table of names, types and defaults."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

import msgspec

from eventflux.base.durations import format_duration, parse_duration
from eventflux.base.suggest import did_you_mean, nearest

Value = str | bool | int


class SettingType(msgspec.Struct, frozen=True):
    """A setting. The value of a ``duration`` is in milliseconds."""

    name: str
    kind: Literal["text", "bool", "duration", "choice", "zone"]
    default: Value
    doc: str
    choices: tuple[str, ...] = ()

    @property
    def default_text(self) -> str:
        """The default as it would be written in SQL; empty when there is none."""
        if self.kind == "duration" and not self.default:
            return ""
        if self.kind == "duration":
            return format_duration(int(self.default))
        return str(self.default).lower() if self.kind == "bool" else str(self.default)


SETTINGS: dict[str, SettingType] = {
    setting.name: setting
    for setting in (
        SettingType("app.name", "text", "", "the app's name in logs and counters"),
        SettingType(
            "app.time",
            "choice",
            "system",
            "what moves the clock of windows: the wall clock, or the event time of the rows",
            ("system", "event"),
        ),
        SettingType(
            "app.timezone",
            "zone",
            "",
            "where days begin: the time zone of windows of one or more whole days; without it UTC",
        ),
        SettingType(
            "app.flush.on.stop",
            "bool",
            False,
            "close all windows at the stop, rather than drop what they hold; where it is not set, "
            "only if a finite input without a watermark has ended",
        ),
        SettingType(
            "app.start.timeout",
            "duration",
            30_000,
            "how long unreachable connectors are tried for at the start",
        ),
        SettingType(
            "app.stop.timeout", "duration", 30_000, "how long a stop waits for rows under way"
        ),
        SettingType(
            "state.ttl",
            "duration",
            0,
            "how long state that nothing else bounds is kept after the last row of its key: groups "
            "without a window, keys of unique and firstUnique; without it for ever. A query's own "
            "goes before: WITH ('state.ttl' = '1 hour')",
        ),
        SettingType(
            "checkpoint.interval",
            "duration",
            10_000,
            "how often state is stored, where there is a state store",
        ),
        SettingType(
            "checkpoint.store",
            "text",
            "",
            "the state store; its options are settings too: checkpoint.dir of sqlite, which is "
            "the one that they mean by themselves",
        ),
    )
}

_OF_STORE = "checkpoint."
"""How the options of state stores begin: which there are is known where those are."""


def parse_setting(name: str, text: str) -> Value:
    """The typed value of a setting.

    Raises:
        KeyError: no setting is called so; the argument is the message, then a hint.
        ValueError: ``text`` is no value of it; the argument is the message, there may be a hint.
    """
    setting = SETTINGS.get(name)
    if setting is None:
        if name.startswith(_OF_STORE):
            return text
        if name.startswith("watermark."):
            raise KeyError(
                f"{name} is no setting of the app",
                f"it is an option of a stream: CREATE STREAM … WITH ('{name}' = …)",
            )
        raise KeyError(f"unknown setting {name!r}", did_you_mean(name, SETTINGS))
    if setting.kind == "bool":
        return _bool(setting, text)
    if setting.kind == "duration":
        return _duration(setting, text)
    if setting.kind == "choice":
        if text.lower() not in setting.choices:
            raise ValueError(
                f"{name} is one of {', '.join(map(repr, setting.choices))}, not {text!r}"
            )
        return text.lower()
    if not text.strip():
        raise ValueError(f"{name} can't be empty")
    if setting.kind == "zone":
        _zone(setting, text)
    return text


def read_setting(settings: Mapping[str, str], name: str) -> Value:
    """The value of a known setting in ``plan.settings``, or its default."""
    text = settings.get(name)
    return SETTINGS[name].default if text is None else parse_setting(name, text)


def time_zone(settings: Mapping[str, str]) -> ZoneInfo | None:
    """The time zone that ``app.timezone`` names, if it is set."""
    name = str(read_setting(settings, "app.timezone"))
    return ZoneInfo(name) if name else None


def _zone(setting: SettingType, text: str) -> ZoneInfo:
    try:
        return ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        close = nearest(text, sorted(available_timezones()))
        raise ValueError(
            f"{setting.name} is the name of a time zone, not {text!r}",
            f"did you mean {close!r}?" if close else "such as 'Europe/Berlin'",
        ) from None


def _bool(setting: SettingType, text: str) -> bool:
    if text.lower() not in ("true", "false"):
        raise ValueError(f"{setting.name} is TRUE or FALSE, not {text!r}")
    return text.lower() == "true"


def _duration(setting: SettingType, text: str) -> int:
    try:
        ms = parse_duration(text)
    except (ValueError, ArithmeticError) as error:
        message = f"{setting.name} is a duration such as '30s', not {text!r}"
        raise ValueError(message, str(error)) from None
    if ms <= 0:
        raise ValueError(f"{setting.name} must be more than 0")
    return ms
