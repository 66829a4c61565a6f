"""The settings of an app: ``SET app.…``, the table ``[app]`` of the file, ``--set app.…``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePath
from typing import TYPE_CHECKING

from eventflux.base.errors import Diagnostic
from eventflux.planner.settings import parse_setting, read_setting

if TYPE_CHECKING:
    from eventflux.runtime.specs import Limits


def is_setting(name: str) -> bool:
    """Whether ``--set`` means a setting by this name, and not a stream's option."""
    return name.startswith(("app.", "checkpoint."))


def merge_settings(
    config: Mapping[str, str], sql: Mapping[str, str], overrides: Mapping[str, str]
) -> tuple[dict[str, str], list[Diagnostic]]:
    """The settings of the file, over them those of the SQL (which the planner has checked),
    over them those of the command line; and what is wrong with the others."""
    merged: dict[str, str] = {}
    problems: list[Diagnostic] = []
    for origin, given in (("the file", config), ("", sql), ("--set", overrides)):
        for name, text in given.items():
            try:
                if origin:
                    parse_setting(name, text)
                merged[name] = text
            except (KeyError, ValueError) as error:
                hint = error.args[1] if len(error.args) > 1 else None
                problems.append(Diagnostic(f"{error.args[0]} ({origin})", hint=hint))
    return merged, problems


def app_name(settings: Mapping[str, str], file: str) -> str:
    """The app's name; without a setting the base name of the file it came from."""
    named = read_setting(settings, "app.name")
    if named:
        return str(named)
    return PurePath(file).stem if file and not file.startswith("<") else "app"


def has_event_time(settings: Mapping[str, str]) -> bool:
    """Whether rows move the app's clock."""
    return read_setting(settings, "app.time") == "event"


def flushes_on_stop(settings: Mapping[str, str]) -> bool:
    return bool(read_setting(settings, "app.flush.on.stop"))


def limits_of(settings: Mapping[str, str]) -> Limits:
    """How long a start and a stop may take."""
    from eventflux.runtime.specs import Limits  # here, as checking a program does without

    return Limits(
        start=int(read_setting(settings, "app.start.timeout")) / 1000,
        stop=int(read_setting(settings, "app.stop.timeout")) / 1000,
    )
