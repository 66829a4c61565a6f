"""The options and settings that are in force, and where each value comes from."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from eventflux.app.origins import DEFAULT, OptionText, Origin
from eventflux.app.program import Program
from eventflux.app.wiring import ResolvedStream
from eventflux.base.redaction import HIDDEN, without_credentials
from eventflux.planner.settings import SETTINGS
from eventflux.spi.options import Options, OptionSpec, covering


class Effective(msgspec.Struct, frozen=True):
    """One option or setting. ``value`` is shown as ``***`` where it is secret."""

    name: str
    value: str
    secret: bool
    origin: Origin
    references: tuple[str, ...] = ()
    """What was put into it: the ``NAME`` of each ``${NAME}``, ``file:/path``."""


def effective_options(resolved: ResolvedStream) -> Iterator[Effective]:
    """The options of a stream, those that nobody set with their defaults; options that are
    neither set nor have a default are left out."""
    factories = (resolved.factory, resolved.mapper_factory)
    groups: list[type[Options]] = [f.options for f in factories if f is not None]
    specs = [spec for group in (*groups, type(resolved.common)) for spec in group.specs()]
    unset = [spec for spec in specs if spec.name not in resolved.texts and spec.default_text]
    for name, text in resolved.texts.items():
        yield _given(name, text, covering(specs, name))
    for spec in unset:
        yield Effective(spec.name, spec.default_text, spec.secret, DEFAULT)


def effective_of_queries(program: Program) -> Iterator[tuple[str, list[Effective]]]:
    """The queries that have options of their own, with those: others are of their streams."""
    for handling in program.handlings:
        if handling.query is not None:
            yield handling.query, [_given(n, handling.texts[n], None) for n in handling.own or ()]


def effective_settings(program: Program) -> Iterator[Effective]:
    """The settings that are set, then the others with their defaults."""
    for name, text in program.setting_texts.items():
        yield _given(name, text, None)
    for setting in SETTINGS.values():
        if setting.name not in program.setting_texts and setting.default_text:
            yield Effective(setting.name, setting.default_text, False, DEFAULT)


def _given(name: str, text: OptionText, spec: OptionSpec | None) -> Effective:
    secret = text.from_file or (spec is not None and spec.secret)
    value = HIDDEN if secret else without_credentials(text.text)
    return Effective(name, value, secret, text.origin, text.references)
