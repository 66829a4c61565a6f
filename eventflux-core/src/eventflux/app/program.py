"""From SQL to a program whose streams are wired: everything that can be wrong is found here.

It needs neither the compiler nor the runtime, so that checking a program is quick.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from eventflux.app.error_options import Handling, check_handling
from eventflux.app.option_texts import read_given
from eventflux.app.schemas import check_mappers, check_schemas
from eventflux.app.settings import app_name, merge_settings
from eventflux.app.wiring import MissingPackage, Wiring, wire
from eventflux.base.errors import Diagnostic, MissingPackageError, SqlError
from eventflux.planner import draft_plan, in_order
from eventflux.planner.plan import Plan
from eventflux.spi.registry import Registry


@dataclass(frozen=True, slots=True)
class Program:
    """A program without errors, its streams resolved to connectors, mappers and options."""

    name: str
    plan: Plan
    settings: dict[str, str]
    """From the file, the SQL and the command line together."""
    wiring: Wiring
    handlings: tuple[Handling, ...]
    """What each stream, and each query with options of its own, does with errors."""
    warnings: tuple[Diagnostic, ...]


def read_program(
    sql: str,
    registry: Registry,
    *,
    file: str = "<sql>",
    overrides: Mapping[str, str] | None = None,
    config: Mapping[str, Any] | None = None,
    replace_external: bool = False,
) -> Program:
    """Read SQL and resolve what it names.

    Args:
        file: what messages call the SQL.
        overrides: ``Stream.option`` or ``app.setting`` to its text; wins over the SQL.
        config: a parsed configuration file; the SQL wins over it.
        replace_external: connectors will not be used, so that their packages may be missing.

    Raises:
        SqlError: the SQL, an option or a setting is wrong; all problems together, packages
            that are missing among them.
        MissingPackageError: connectors or mappers are not installed, all together, and
            nothing else is wrong.
    """
    draft = draft_plan(sql, functions=registry.functions, name=file)
    plan = draft.plan
    given = read_given(plan, config, overrides, draft.unread)
    settings, setting_problems = merge_settings(
        given.app_config, plan.settings, given.app_overrides
    )
    wiring = wire(plan, registry, given, replaced=replace_external, unclear=draft.unclear_options)
    name = app_name(settings, file)
    check_schemas(wiring, name, draft.unclear_columns, registry)
    check_mappers(wiring, draft.unclear_columns, registry)
    handlings = tuple(_handlings(wiring))
    errors = check_handling(plan, handlings, draft.unclear_columns)
    wiring.problems += errors.problems
    wiring.warnings += errors.warnings
    problems = [*draft.problems, *given.problems, *setting_problems, *wiring.problems]
    if problems:
        raise SqlError(in_order([*problems, *map(_diagnostic, wiring.missing)]), sql, file)
    if wiring.missing:
        raise _all_missing([missing.error for missing in wiring.missing])
    return Program(name, plan, settings, wiring, handlings, (*draft.warnings, *wiring.warnings))


def _handlings(wiring: Wiring) -> Iterator[Handling]:
    for name, resolved in wiring.streams.items():
        stream = resolved.stream
        yield Handling(
            f"stream {name!r}", name, stream.role, resolved.common, resolved.texts, stream.place
        )


def _diagnostic(missing: MissingPackage) -> Diagnostic:
    return Diagnostic(missing.error.message, missing.position, missing.error.hint)


def _all_missing(missing: Sequence[MissingPackageError]) -> MissingPackageError:
    lines = dict.fromkeys(error.message for error in missing)
    packages = dict.fromkeys(package for error in missing for package in error.packages)
    return MissingPackageError("\n".join(lines), list(packages))
