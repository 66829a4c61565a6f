"""From SQL to a program whose streams are wired: everything that can be wrong is found here.

It needs neither the compiler nor the runtime, so that checking a program is quick.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain

import msgspec

from eventflux.app.config_file import ConfigLike, config_of
from eventflux.app.error_options import Handling, check_handling
from eventflux.app.option_texts import Given, read_given
from eventflux.app.origins import OptionText, Origin, option_text
from eventflux.app.query_errors import home_of, query_handling
from eventflux.app.schemas import check_mappers, check_schemas
from eventflux.app.settings import app_name, flushes_on_stop, merge_settings
from eventflux.app.state_store import ResolvedStore, resolve_store
from eventflux.app.substitution import substitute
from eventflux.app.watermarks import check_watermarks
from eventflux.app.wiring import Wiring, wire
from eventflux.base.errors import Diagnostic, MissingPackageError, SqlError, UsageError, redacted
from eventflux.base.redaction import Redaction
from eventflux.planner import Draft, draft_plan, in_order
from eventflux.planner.plan import Plan
from eventflux.planner.settings import read_setting
from eventflux.planner.state_ttl import with_default_ttl
from eventflux.spi.own_aggregates import SqlCallable
from eventflux.spi.registry import Registry


class Program(msgspec.Struct, frozen=True):
    """A program without errors, its streams resolved to connectors, mappers and options."""

    name: str
    plan: Plan
    settings: dict[str, str]
    """Those that are set, wherever they come from."""
    setting_texts: dict[str, OptionText]
    """The same, with where each comes from."""
    wiring: Wiring
    handlings: tuple[Handling, ...]
    """What each stream, and each query with options of its own, does with errors."""
    warnings: tuple[Diagnostic, ...]
    store: ResolvedStore | None = None
    """Where it keeps its state, if it does."""
    replaced: bool = False
    """Whether connectors are left out: sources are inputs of the API then."""
    functions: Mapping[str, SqlCallable] = msgspec.field(default_factory=dict)
    """Those in Python that it defines itself, by lower-case name."""


class Examined(msgspec.Struct, frozen=True):
    """What can be said of a program: ``program`` is there if nothing is wrong."""

    program: Program | None
    problems: tuple[Diagnostic, ...]
    """Everything that is wrong, packages that are missing among it, in the order of the text."""
    warnings: tuple[Diagnostic, ...]
    secrets: frozenset[str]
    """The names of the options whose values are not shown."""
    missing: MissingPackageError | None = None
    """Set if packages to install are all that is wrong."""


def read_program(
    sql: str,
    registry: Registry,
    *,
    file: str = "<sql>",
    overrides: Mapping[str, str] | None = None,
    config: ConfigLike | None = None,
    environment: Mapping[str, str] | None = None,
    replace_external: bool = False,
) -> Program:
    """Read SQL and resolve what it names; the arguments are those of :func:`examine`.

    Raises:
        SqlError: the SQL, an option or a setting is wrong; all problems together, packages
            that are missing among them.
        MissingPackageError: connectors or mappers are not installed, all together, and
            nothing else is wrong.
        OptionError: the configuration file can't be read.
        UsageError: ``sql`` is no text, or the name of a file.
    """
    if not isinstance(sql, str) or (len(sql.split()) == 1 and sql.lower().endswith(".sql")):
        shown = repr(sql) if isinstance(sql, str) else type(sql).__name__
        raise UsageError(
            f"a program is given as its text, got {shown}",
            'of a file: pathlib.Path("orders.sql").read_text(encoding="utf-8")',
        )
    examined = examine(
        sql,
        registry,
        file=file,
        overrides=overrides,
        config=config,
        environment=environment,
        replace_external=replace_external,
    )
    if examined.program is not None:
        return examined.program
    if examined.missing is not None:
        raise examined.missing
    raise SqlError(examined.problems, sql, file, examined.secrets)


def examine(
    sql: str,
    registry: Registry,
    *,
    file: str = "<sql>",
    overrides: Mapping[str, str] | None = None,
    config: ConfigLike | None = None,
    environment: Mapping[str, str] | None = None,
    replace_external: bool = False,
) -> Examined:
    """Read SQL, resolve what it names, and tell all that is wrong or doubtful.

    Args:
        file: what messages call the SQL.
        overrides: ``Stream.option`` or ``app.setting`` to its text; wins over the SQL.
        config: a configuration, parsed or as a file; the environment wins over it.
        environment: variables in place of the process's own; the SQL wins over them.
        replace_external: connectors will not be used, so that their packages may be missing.

    Raises:
        OptionError: the configuration file can't be read.
    """
    variables = os.environ if environment is None else environment
    draft = draft_plan(
        sql,
        functions=registry.callables,
        name=file,
        put_in=lambda text: substitute(text, variables),
    )
    given = read_given(draft, config_of(config), variables, overrides or {})
    settings, setting_problems = merge_settings(_setting_layers(draft, given), variables)
    store, store_problems = resolve_store(settings, registry)
    unclear = draft.unclear_options
    wiring = wire(
        draft.plan, registry, given, variables, replaced=replace_external, unclear=unclear
    )
    texts = {name: text.text for name, text in settings.items()}
    name = app_name(texts, file)
    check_schemas(wiring, name, draft.unclear_columns)
    check_mappers(wiring, draft.unclear_columns, registry)
    check_watermarks(wiring, unclear)
    handlings = tuple(_handlings(draft, wiring, variables))
    errors = check_handling(draft.plan, handlings, draft.unclear_columns)
    wiring.problems += errors.problems
    wiring.warnings += errors.warnings
    problems = [
        *draft.problems,
        *given.problems,
        *setting_problems,
        *store_problems,
        *wiring.problems,
    ]
    wrong = in_order([*problems, *(missing.diagnostic for missing in wiring.missing)])
    written = set(chain.from_iterable(draft.options.values())) if wrong else set()
    secrets = registry.secret_options(written)

    def redact(found: Sequence[Diagnostic]) -> tuple[Diagnostic, ...]:
        return tuple(redacted(found, Redaction(sql, secrets))) if found else ()

    doubtful = [*draft.warnings, *given.warnings, *wiring.warnings]
    if store is not None:
        doubtful += _without_effect(settings, handlings)
    warnings = redact(doubtful)
    program = None
    if not wrong:
        ttl = int(read_setting(texts, "state.ttl"))
        plan = with_default_ttl(draft.plan, ttl) if ttl else draft.plan
        program = Program(
            name,
            plan,
            texts,
            settings,
            wiring,
            handlings,
            warnings,
            store,
            replace_external,
            draft.functions,
        )
    lacking = [missing.error for missing in wiring.missing]
    return Examined(
        program,
        redact(wrong),
        warnings,
        secrets,
        _all_missing(lacking) if lacking and not problems else None,
    )


def _without_effect(
    settings: Mapping[str, OptionText], handlings: Sequence[Handling]
) -> Iterator[Diagnostic]:
    """Warnings of what does nothing in a program with a state store."""
    flush = settings.get("app.flush.on.stop")
    if flush is not None and flushes_on_stop({"app.flush.on.stop": flush.text}):
        yield flush.origin.diagnostic(
            "app.flush.on.stop does nothing with a state store: windows that are open at a "
            "stop go on after the restart",
            "leave it out; stop(flush=True) closes them",
        ).as_warning()
    for handling in handlings:
        text = handling.texts.get("on.fail")
        if text is not None and handling.options.on_fail == "stream":
            yield text.origin.diagnostic(
                f"on.fail = 'stream' of {handling.owner} stops the app where there is a state "
                "store: behind what has failed no checkpoint can be published",
                "error.strategy = 'dlq' sets aside what fails, and goes on",
            ).as_warning()


def _handlings(draft: Draft, wiring: Wiring, variables: Mapping[str, str]) -> Iterator[Handling]:
    """What each stream, and each query with options of its own, does with errors."""
    for name, resolved in wiring.streams.items():
        stream = resolved.stream
        yield Handling(
            f"stream {name!r}", name, stream.role, resolved.common, resolved.texts, stream.place
        )
    for query in draft.plan.queries:
        own = draft.query_options.get(query.name)
        home = wiring.streams.get(home_of(draft.plan, query.source))
        if own is not None and home is not None:
            handling, problems = query_handling(query, own, variables, home)
            wiring.problems += problems
            if handling is not None:
                yield handling


def _setting_layers(draft: Draft, given: Given) -> list[Mapping[str, OptionText]]:
    sql = {
        name: option_text(text, Origin("sql", draft.setting_places.get(name)))
        for name, text in draft.plan.settings.items()
    }
    return [given.settings_config, given.settings_environment, sql, given.settings_overrides]


def _all_missing(missing: Sequence[MissingPackageError]) -> MissingPackageError:
    lines = dict.fromkeys(error.message for error in missing)
    packages = dict.fromkeys(package for error in missing for package in error.packages)
    return MissingPackageError("\n".join(lines), list(packages))
