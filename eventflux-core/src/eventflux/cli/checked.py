"""Programs on the command line and what can be said of them, whoever is told."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from eventflux.base.errors import Diagnostic, MissingPackageError, OptionError

if TYPE_CHECKING:
    from eventflux.app.config_file import Config
    from eventflux.app.program import Program
    from eventflux.spi.registry import Registry


class Requirement(StrEnum):
    """What ``--require`` can ask for."""

    BOUNDED_STATE = "bounded-state"
    AT_LEAST_ONCE = "at-least-once"


@dataclass(frozen=True, slots=True)
class Checked:
    """One file and what was found; ``program`` is there if nothing is wrong."""

    name: str
    sql: str
    secrets: frozenset[str]
    problems: Sequence[Diagnostic]
    warnings: Sequence[Diagnostic] = ()
    program: Program | None = None
    missing: MissingPackageError | None = None
    """Set if packages to install are all that is wrong."""


def check_all(
    files: Sequence[Path], registry: Registry, overrides: Mapping[str, str], config: Path | None
) -> list[Checked]:
    """Check programs; what is wrong with the configuration file is said once."""
    from eventflux.app.config_file import config_of

    try:
        read = config_of(config)
    except OptionError as error:  # it is wrong whatever the programs say
        told = Diagnostic(error.message, None, error.hint)
        return [Checked(str(config), "", frozenset(), [told])]
    return [_check(file, registry, overrides, read) for file in files]


def _check(file: Path, registry: Registry, overrides: Mapping[str, str], config: Config) -> Checked:
    from eventflux.app.program import examine
    from eventflux.cli.program import find_modules_beside, read_text, shown_name

    name = shown_name(file)
    sql = ""
    try:
        sql = read_text(file)
        find_modules_beside(file)
        found = examine(sql, registry, file=name, overrides=overrides, config=config)
    except OptionError as error:
        return Checked(name, sql, frozenset(), [Diagnostic(error.message, None, error.hint)])
    # What is doubtful may only seem so where a part of the program could not be read.
    warnings = () if found.problems else found.warnings
    return Checked(name, sql, found.secrets, found.problems, warnings, found.program, found.missing)


def with_clocks(checked: Checked) -> Checked:
    """With a warning for each window that goes by the wall clock although its rows have times,
    and for each that gets rows too late for it."""
    from eventflux.planner.clocks import ignored_event_times
    from eventflux.planner.late_behind import rows_late_behind
    from eventflux.runtime.stream_options import StreamOptions

    if (program := checked.program) is None:
        return checked
    lateness = {
        name: int(stream.common.watermark_lateness)
        for name, stream in program.wiring.streams.items()
        if isinstance(stream.common, StreamOptions)
    }
    found = [
        *ignored_event_times(program.plan, program.settings),
        *rows_late_behind(program.plan, lateness),
    ]
    return replace(checked, warnings=[*checked.warnings, *found])


def with_requirements(checked: Checked, required: Collection[Requirement]) -> Checked:
    """With a warning for each state that is unbounded, and an error for each thing that is not
    as ``required``."""
    from eventflux.planner.bounds import unbounded_state

    program = checked.program
    if program is None:
        return checked
    unbounded, errors = unbounded_state(program.plan), []
    if Requirement.BOUNDED_STATE in required:
        errors += [replace(warning, severity="error") for warning in unbounded]
        unbounded = ()
    if Requirement.AT_LEAST_ONCE in required:
        from eventflux.app.guarantees import not_at_least_once

        errors += not_at_least_once(program)
    warnings = [*checked.warnings, *unbounded]
    if errors:
        return replace(checked, problems=errors, warnings=warnings, program=None)
    return replace(checked, warnings=warnings)
