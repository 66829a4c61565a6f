"""Where a program keeps its state: what its ``checkpoint.…`` settings name, with its options."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from eventflux.app.origins import OptionText, named_in
from eventflux.base.errors import Diagnostic, EventFluxError, OptionError
from eventflux.base.suggest import did_you_mean
from eventflux.planner.settings import SETTINGS
from eventflux.spi.options import Options, covering
from eventflux.spi.registry import Registry
from eventflux.spi.state_store import StateStoreFactory

PREFIX = "checkpoint."
STORE = "checkpoint.store"
USUAL_STORE = "sqlite"
"""The store of a program that gives options of one and does not name it."""


class ResolvedStore(msgspec.Struct, frozen=True):
    """The state store of a program, its options typed."""

    name: str
    factory: StateStoreFactory
    options: Options


def resolve_store(
    settings: Mapping[str, OptionText], registry: Registry
) -> tuple[ResolvedStore | None, list[Diagnostic]]:
    """The store that the settings ask for, if they do, and what is wrong with it: settings of
    checkpoints that are none of every app are its options."""
    texts = {n: t for n, t in settings.items() if n.startswith(PREFIX) and n not in SETTINGS}
    named = settings.get(STORE)
    if named is None and not texts:
        return None, []
    name = USUAL_STORE if named is None else named.text
    try:
        factory = registry.state_store_factory(name)
    except EventFluxError as error:
        given = named or next(iter(texts.values()))
        return None, [given.origin.diagnostic(error.message, error.hint)]
    specs = factory.options.specs()
    known = [*(spec.name for spec in specs), *(n for n in SETTINGS if n.startswith(PREFIX))]
    unknown = [option for option in texts if covering(specs, option) is None]
    if unknown:
        return None, [
            texts[option].origin.diagnostic(
                f"unknown setting '{option}' (of the state store '{name}')",
                did_you_mean(option, known),
            )
            for option in unknown
        ]
    values = {option: text.text for option, text in texts.items()}
    problems = factory.options.problems(values)
    if problems:
        return None, [_diagnostic(problem, name, texts, named) for problem in problems]
    return ResolvedStore(name, factory, factory.options.parse(values)), []


def _diagnostic(
    problem: OptionError, name: str, texts: Mapping[str, OptionText], named: OptionText | None
) -> Diagnostic:
    message = f"state store '{name}': {problem.message}"
    given = named_in(problem, texts) or named
    if given is None:
        return Diagnostic(message, None, problem.hint)
    return given.origin.diagnostic(message, problem.hint)
