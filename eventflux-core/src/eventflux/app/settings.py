"""The settings of an app: ``SET app.…``, the table ``[app]`` of the file, ``--set app.…``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePath
from typing import Any, Literal

from eventflux.base.errors import Diagnostic, OptionError
from eventflux.base.suggest import did_you_mean
from eventflux.runtime.specs import Limits
from eventflux.spi.options import Duration, Options, option

NOT_YET = ("checkpoint.",)
"""Settings of parts that are not built yet."""


class AppSettings(Options, prefix="app"):
    """What an app may set."""

    name: str | None = option(None, doc="the app's name; by default the file's base name")
    time: Literal["system", "event"] = option(
        "system", doc="the clock: system, or event (the largest event time seen)"
    )
    start_timeout: Duration = option(
        Duration(30_000), doc="how long what is unreachable is tried again at start", low=1
    )
    stop_timeout: Duration = option(
        Duration(30_000), doc="how long a stop may take to confirm what is under way", low=1
    )
    flush_on_stop: bool = option(
        False, doc="at a stop close windows and give their rows, not drop them"
    )

    def limits(self) -> Limits:
        return Limits(start=self.start_timeout / 1000, stop=self.stop_timeout / 1000)


def is_setting(name: str) -> bool:
    """Whether ``--set`` means a setting by this name, and not a stream's option."""
    return name.startswith(("app.", "checkpoint."))


def read_settings(
    config: Mapping[str, str], sql: Mapping[str, str], overrides: Mapping[str, str]
) -> tuple[AppSettings, list[Diagnostic]]:
    """The settings from the file, the SQL and the command line, the last one winning;
    and what is wrong with them."""
    problems: list[Diagnostic] = []
    texts: dict[str, str] = {}
    specs = {spec.name: spec for spec in AppSettings.specs()}
    for origin, given in (("the file", config), ("SET", sql), ("--set", overrides)):
        for name, text in given.items():
            problem = _problem(specs, name, text)
            if problem is None:
                texts[name] = text
            else:
                problems.append(Diagnostic(f"{problem.message} ({origin})", hint=problem.hint))
    return AppSettings.parse(texts), problems


def _problem(specs: Mapping[str, Any], name: str, text: str) -> OptionError | None:
    if name.startswith(NOT_YET):
        return OptionError(f"setting '{name}' is not supported yet")
    if name not in specs:
        return OptionError(f"unknown setting '{name}'", did_you_mean(name, specs))
    try:
        specs[name].parse(text)
    except OptionError as error:
        return error
    return None


def app_name(settings: AppSettings, file: str) -> str:
    """The app's name; without a setting that of the file it came from."""
    if settings.name:
        return settings.name
    return PurePath(file).stem if file and not file.startswith("<") else "app"
