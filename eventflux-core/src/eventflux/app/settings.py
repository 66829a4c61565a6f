"""The settings of an app: ``SET app.…``, the table ``[app]`` of the file, ``--set app.…``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import TYPE_CHECKING

from eventflux.app.origins import OptionText, put_in
from eventflux.base.errors import Diagnostic, OptionError
from eventflux.planner.settings import parse_setting, read_setting

if TYPE_CHECKING:
    from eventflux.runtime.specs import Limits


def is_setting(name: str) -> bool:
    """Whether ``--set`` means a setting by this name, and not a stream's option."""
    return name.startswith(("app.", "checkpoint."))


def merge_settings(
    layers: Sequence[Mapping[str, OptionText]], variables: Mapping[str, str]
) -> tuple[dict[str, OptionText], list[Diagnostic]]:
    """The settings of all layers, the strongest last, and what is wrong with some.

    Those of the SQL have been checked by the planner; nothing is put into them.
    """
    merged: dict[str, OptionText] = {}
    problems: list[Diagnostic] = []
    for layer in layers:
        for name, given in layer.items():
            try:
                merged[name] = (
                    given if given.origin.layer == "sql" else _checked(name, given, variables)
                )
            except OptionError as error:
                problems.append(given.origin.diagnostic(error.message, error.hint))
    return merged, problems


def _checked(name: str, given: OptionText, variables: Mapping[str, str]) -> OptionText:
    try:
        text = put_in(given, variables)
    except OptionError as error:
        raise OptionError(f"{name}: {error.message}", error.hint) from None
    try:
        parse_setting(name, text.text)
    except (KeyError, ValueError) as error:
        raise OptionError(*error.args) from None
    return text


def app_name(settings: Mapping[str, str], file: str) -> str:
    """The app's name; without a setting the base name of the file it came from."""
    named = read_setting(settings, "app.name")
    if named:
        return str(named)
    return PurePath(file).stem if file and not file.startswith("<") else "app"


def has_event_time(settings: Mapping[str, str]) -> bool:
    """Whether rows move the app's clock."""
    return read_setting(settings, "app.time") == "event"


def flushes_on_stop(settings: Mapping[str, str]) -> bool | None:
    """Whether a stop closes windows; ``None`` where nothing is said of it."""
    name = "app.flush.on.stop"
    return bool(read_setting(settings, name)) if name in settings else None


def checkpoint_interval(settings: Mapping[str, str]) -> float:
    """Seconds between checkpoints."""
    return int(read_setting(settings, "checkpoint.interval")) / 1000


def limits_of(settings: Mapping[str, str]) -> Limits:
    """How long a start and a stop may take."""
    from eventflux.runtime.specs import Limits  # here, as checking a program does without

    return Limits(
        start=int(read_setting(settings, "app.start.timeout")) / 1000,
        stop=int(read_setting(settings, "app.stop.timeout")) / 1000,
    )
