"""The texts of options and settings, sorted by what they are for; what they can't be for."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

import msgspec

from eventflux.app.config_file import Config, Keys
from eventflux.app.environment import Environment, named_options, read_environment
from eventflux.app.origins import SET, OptionText, Origin, option_text
from eventflux.app.settings import is_setting
from eventflux.base.errors import Diagnostic, OptionError
from eventflux.base.side_streams import owner_of
from eventflux.base.suggest import did_you_mean, nearest
from eventflux.planner.planning import Draft
from eventflux.planner.streams import SETTING_NAMES
from eventflux.spi.options import OptionSpec

FIXED = frozenset({"type", "event.time"})
"""Decided by the SQL alone: the plan depends on them."""
BINDINGS = ("extension", "format")
_TABLES = ("streams", *SETTING_NAMES)

Texts = dict[str, OptionText]


class StreamTexts(msgspec.Struct):
    """All that is given of the options of one stream, layer by layer."""

    config: Texts = msgspec.field(default_factory=dict)
    environment: Texts = msgspec.field(default_factory=dict)
    """By their names in the variables."""
    sql: Texts = msgspec.field(default_factory=dict)
    overrides: Texts = msgspec.field(default_factory=dict)

    def bindings(self) -> Texts:
        """The connector and the format, of those that are named."""
        environment = {name.lower(): text for name, text in self.environment.items()}
        merged = {**self.config, **environment, **self.sql, **self.overrides}
        return {name: merged[name] for name in BINDINGS if name in merged}

    def options(
        self, specs: Iterable[OptionSpec], others: Iterable[OptionSpec], columns: Collection[str]
    ) -> tuple[Texts, list[tuple[OptionError, OptionText]]]:
        """The other options, the strongest text of each, and what is wrong with some.

        Args:
            specs: the options that the stream has.
            others: options that are known, but not of this stream.
            columns: the names of its columns.
        """
        given = {**self.config, **self.sql, **self.overrides}
        variables = {n: t for n, t in self.environment.items() if n.lower() not in BINDINGS}
        members = {*columns, *(name.rpartition(".")[2] for name in given)}
        named, wrong = named_options(variables, specs, others, members)
        fixed = [name for name in FIXED if name in named]
        wrong += [(OptionError(f"'{n}' can be set in the SQL only"), named.pop(n)) for n in fixed]
        merged = {**self.config, **named, **self.sql, **self.overrides}
        return {name: text for name, text in merged.items() if name not in BINDINGS}, wrong


class Given(msgspec.Struct):
    """All that was given, sorted by what it is for; ``problems`` are those of what is outside
    the SQL."""

    streams: dict[str, StreamTexts] = msgspec.field(default_factory=dict)
    settings_config: Texts = msgspec.field(default_factory=dict)
    settings_environment: Texts = msgspec.field(default_factory=dict)
    settings_overrides: Texts = msgspec.field(default_factory=dict)
    problems: list[Diagnostic] = msgspec.field(default_factory=list)
    warnings: list[Diagnostic] = msgspec.field(default_factory=list)

    def of(self, stream: str) -> StreamTexts:
        return self.streams.setdefault(stream, StreamTexts())


def read_given(
    draft: Draft,
    config: Config,
    environment: Mapping[str, str],
    overrides: Mapping[str, str],
) -> Given:
    """Sort the options of the SQL, a configuration, the variables of the environment and
    ``--set`` arguments; name what they can't mean."""
    given = Given()
    streams = {name for name in draft.plan.streams if owner_of(name) is None}
    reader = _Reader(given, streams, draft.unread)
    _read_sql(given, draft)
    reader.read_config(config)
    reader.take_environment(read_environment(environment, reader.streams, draft.unread))
    reader.read_overrides(overrides)
    return given


def _read_sql(given: Given, draft: Draft) -> None:
    for name, options in draft.options.items():
        given.of(name).sql.update(
            {key: OptionText(o.text, Origin("sql", o.place)) for key, o in options.items()}
        )
    for name, stream in draft.plan.streams.items():
        for key, text in (("extension", stream.extension), ("format", stream.format)):
            if text is not None:
                place = stream.binding_places.get(key, stream.place)
                given.of(name).sql[key] = option_text(text, Origin("sql", place))


class _Reader(msgspec.Struct):
    given: Given
    streams: Collection[str]
    unread: Collection[str]

    def read_overrides(self, overrides: Mapping[str, str]) -> None:
        for name, value in overrides.items():
            text = option_text(str(value), SET)
            if is_setting(name):
                self.given.settings_overrides[name] = text
                continue
            stream, dot, key = name.partition(".")
            if not dot or not key:
                self.report(
                    SET,
                    f"'{name}' names no stream option and no setting",
                    "write Stream.option=value or app.setting=value",
                )
            elif self.is_stream(stream, SET) and self.is_free(key, SET):
                self.given.of(stream).overrides[key] = text

    def take_environment(self, environment: Environment) -> None:
        self.given.settings_environment.update(environment.settings)
        for stream, texts in environment.streams.items():
            self.given.of(stream).environment.update(texts)
        self.given.problems.extend(environment.problems)
        self.given.warnings.extend(environment.warnings)

    def read_config(self, config: Config) -> None:
        for table, content in config.content.items():
            if table not in _TABLES or not isinstance(content, Mapping):
                message = f"'{table}' is no table of a configuration file"
                near = nearest(str(table), _TABLES)
                hint = f"did you mean '{near}'?" if near else "it has [app] and [streams.<name>]"
                self.report(config.origin(table), message, hint)
            elif table != "streams":
                texts = self.texts(config, content, (table,), table)
                self.given.settings_config.update(texts)
            else:
                self.read_streams(config, content)

    def read_streams(self, config: Config, streams: Mapping[str, Any]) -> None:
        for stream, content in streams.items():
            origin = config.origin("streams", stream)
            if not self.is_stream(stream, origin):
                continue
            if not isinstance(content, Mapping):
                self.report(origin, f"[streams.{stream}] is no table")
                continue
            texts = self.texts(config, content, ("streams", stream))
            free = {name: t for name, t in texts.items() if self.is_free(name, t.origin)}
            self.given.of(stream).config.update(free)

    def texts(
        self, config: Config, content: Mapping[str, Any], keys: Keys, prefix: str = ""
    ) -> Texts:
        """Values as texts; tables in tables are dotted names."""
        texts: Texts = {}
        for key, value in content.items():
            name = f"{prefix}.{key}" if prefix else key
            origin = config.origin(*keys, key)
            inner: Texts = {}
            if isinstance(value, Mapping):
                inner = self.texts(config, value, (*keys, key), name)
            elif isinstance(value, bool):
                inner = {name: option_text("true" if value else "false", origin)}
            elif isinstance(value, str | int | float):
                inner = {name: option_text(str(value), origin)}
            else:
                message = f"'{name}' is a {type(value).__name__}"
                self.report(origin, f"{message}, expected a text, a number or true or false")
            for twice in texts.keys() & inner.keys():
                self.report(inner[twice].origin, f"'{twice}' is given twice")
            texts.update(inner)
        return texts

    def is_stream(self, stream: str, origin: Origin) -> bool:
        if stream in self.streams or stream in self.unread:
            return True
        message = f"no stream is called '{stream}'"
        self.report(origin, message, did_you_mean(str(stream), self.streams))
        return False

    def is_free(self, key: str, origin: Origin) -> bool:
        if key in FIXED:
            self.report(origin, f"'{key}' can be set in the SQL only")
        return key not in FIXED

    def report(self, origin: Origin, message: str, hint: str | None = None) -> None:
        self.given.problems.append(origin.diagnostic(message, hint))
