"""Resolves the streams of a plan against the registry: connectors, mappers, typed options."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Generic, TypeVar

import msgspec
from msgspec.structs import replace

from eventflux.app.creation import broken_factory
from eventflux.app.misplaced import misplaced
from eventflux.app.option_texts import Given, StreamTexts
from eventflux.app.origins import OptionText, diagnostic, named_in, put_in
from eventflux.base.errors import (
    Diagnostic,
    EventFluxError,
    MissingPackageError,
    OptionError,
    PlannedError,
    PluginError,
)
from eventflux.base.suggest import nearest
from eventflux.planner.plan import Plan, Stream
from eventflux.runtime.stream_options import (
    ErrorOptions,
    SinkStreamOptions,
    SourceStreamOptions,
    StreamOptions,
)
from eventflux.spi.mapper import SinkMapperFactory, SourceMapperFactory
from eventflux.spi.options import Options, OptionSpec, covering, unknown_column, unknown_option
from eventflux.spi.registry import Registry
from eventflux.spi.sink import SinkFactory
from eventflux.spi.source import SourceFactory

OptionsT = TypeVar("OptionsT", bound=Options)


class ResolvedStream(msgspec.Struct, frozen=True):
    """One stream with its options typed. ``factory`` and ``mapper_factory`` are ``None`` for
    an internal stream, and where a replaced one's package is not installed;
    ``mapper_factory`` also where rows are exchanged, not payloads."""

    stream: Stream
    common: ErrorOptions
    connector: str
    factory: SourceFactory | SinkFactory | None = None
    connector_options: Options | None = None
    mapper_factory: SourceMapperFactory | SinkMapperFactory | None = None
    mapper_options: Options | None = None
    texts: Mapping[str, OptionText] = msgspec.field(default_factory=dict)
    """The options as they were written, by name."""
    connector_by: str = ""
    """Who brings the connector, in words."""
    known_options: Options | None = None
    """``connector_options``, or where some are wrong those that are not; see
    :meth:`Options.partly`."""

    @property
    def notes(self) -> Sequence[str]:
        """What the connector says of a stream with these options, for ``explain``."""
        if self.factory is None or self.connector_options is None:
            return ()
        try:
            return tuple(map(str, self.factory.notes(self.connector_options)))
        except (Exception, SystemExit) as error:
            return (broken_factory(self.connector_by, "notes", error).message,)


class Wiring(msgspec.Struct):
    """All streams resolved, and what is wrong. ``missing`` are packages to install."""

    streams: dict[str, ResolvedStream] = msgspec.field(default_factory=dict)
    problems: list[Diagnostic] = msgspec.field(default_factory=list)
    warnings: list[Diagnostic] = msgspec.field(default_factory=list)
    missing: list[MissingPackage] = msgspec.field(default_factory=list)


class MissingPackage(msgspec.Struct, frozen=True):
    """A package to install, and a problem at the place that names what it brings."""

    error: MissingPackageError
    diagnostic: Diagnostic


def wire(
    plan: Plan,
    registry: Registry,
    given: Given,
    variables: Mapping[str, str],
    *,
    replaced: bool,
    unclear: Collection[str] = (),
) -> Wiring:
    """Resolve every stream of the plan.

    Args:
        given: the texts of their options.
        variables: the environment, of which values are put into them.
        replaced: connectors will not be used (dry runs, tests): a package that is not
            installed, or a variable that is not set, is a warning then.
        unclear: streams of which not all options are known, because of errors: nothing is
            said about what they lack.
    """
    wiring = Wiring()
    for stream in plan.streams.values():
        resolver = _Resolver(stream, registry, wiring, variables, replaced, stream.name in unclear)
        wiring.streams[stream.name] = resolver.resolve(given.of(stream.name))
    return wiring


class _Resolver:
    """Resolves one stream; problems go to the wiring."""

    def __init__(
        self,
        stream: Stream,
        registry: Registry,
        wiring: Wiring,
        variables: Mapping[str, str],
        replaced: bool,
        unclear: bool,
    ) -> None:
        self._stream = stream
        self._registry = registry
        self._role = _roles(registry)[stream.role]
        self._wiring = wiring
        self._variables = variables
        self._replaced = replaced
        self._incomplete = unclear
        """Whether a package or part of the definition is missing, so that not every option is
        known."""
        self._unset: set[str] = set()
        """Options that are given by a reference to nothing."""

    def resolve(self, texts: StreamTexts) -> ResolvedStream:
        stream = self._stream
        bindings = self._substituted(texts.bindings())
        extension = bindings.get("extension")
        format_name = bindings.get("format")
        common_class = self._role.common
        factory: SourceFactory | SinkFactory | None = None
        mapper_factory: SourceMapperFactory | SinkMapperFactory | None = None
        if stream.role != "internal" and extension is not None:
            factory = self._look_up_factory(extension)
            mapper_factory = self._look_up_mapper(factory, extension.text, format_name)
        groups: list[type[Options]] = [common_class]
        groups += [f.options for f in (factory, mapper_factory) if f is not None]
        if factory is None and extension is not None:
            groups += self._meant(extension.text)
        others = self._of_other_role(extension, format_name)
        specs = [spec for group in groups for spec in group.specs()]
        given, wrong = texts.options(specs, others, stream.schema.payload.names)
        for error, text in wrong:
            self._report(error, text)
        values = self._substituted(given)
        if stream.role == "internal":
            values |= bindings
        self._refuse_unknown(values, groups, others)
        common = self._parse(common_class, values).whole
        connector = _Parsed() if factory is None else self._parse(factory.options, values, factory)
        mapper: _Parsed[Options] = _Parsed()
        if mapper_factory is not None:
            mapper = self._parse(mapper_factory.options, values, mapper_factory)
        return ResolvedStream(
            stream,
            common or common_class.parse({}),
            "" if extension is None else extension.text,
            factory,
            connector.whole,
            mapper_factory,
            mapper.whole,
            bindings | values,
            self._registry.provider_of(factory),
            connector.known,
        )

    def _substituted(self, texts: Mapping[str, OptionText]) -> dict[str, OptionText]:
        values: dict[str, OptionText] = {}
        for name, text in texts.items():
            try:
                values[name] = put_in(text, self._variables)
            except OptionError as error:
                named = OptionError(f"option '{name}': {error.message}", error.hint)
                self._report(named, text, warning=self._replaced)
                self._unset.add(name)
                if self._replaced:
                    self._incomplete = True
        return values

    def _look_up_factory(self, extension: OptionText) -> SourceFactory | SinkFactory | None:
        try:
            return self._role.find_connector(extension.text)
        except EventFluxError as error:
            self._not_found(error, extension)
            return None

    def _meant(self, extension: str) -> list[type[Options]]:
        """The options of the connector whose name is next to an unknown one's, so that their
        names can be checked all the same."""
        match = nearest(extension, self._role.connectors)
        return [] if match is None else [self._role.connectors[match].options]

    def _look_up_mapper(
        self,
        factory: SourceFactory | SinkFactory | None,
        extension: str,
        format_name: OptionText | None,
    ) -> SourceMapperFactory | SinkMapperFactory | None:
        if factory is not None:
            error = _format_problem(factory, extension, format_name)
            if error is not None:
                self._report(error, format_name)
                return None
        if format_name is None:
            return None
        try:
            return self._role.find_mapper(format_name.text)
        except EventFluxError as error:
            self._not_found(error, format_name)
            return None

    def _not_found(self, error: EventFluxError, name: OptionText) -> None:
        self._incomplete = True
        if isinstance(error, MissingPackageError | PlannedError | PluginError) and self._replaced:
            self._report(error, name, warning=True)
        elif isinstance(error, MissingPackageError):
            self._wiring.missing.append(
                MissingPackage(error, name.origin.diagnostic(error.message, error.hint))
            )
        else:
            self._report(error, name)

    def _of_other_role(
        self, extension: OptionText | None, format_name: OptionText | None
    ) -> list[OptionSpec]:
        """The options that the connector and the mapper of these names have on the other side."""
        other = _roles(self._registry)["source" if self._stream.role == "sink" else "sink"]
        groups: list[type[Options]] = [other.common]
        if extension is not None and (connector := other.connectors.get(extension.text.lower())):
            groups.append(connector.options)
        if format_name is not None and (mapper := other.mappers.get(format_name.text.lower())):
            groups.append(mapper.options)
        return [spec for group in groups for spec in group.specs()]

    def _refuse_unknown(
        self,
        values: Mapping[str, OptionText],
        groups: Iterable[type[Options]],
        others: Collection[OptionSpec],
    ) -> None:
        groups = list(groups)
        known = [spec for group in groups for spec in group.specs()]
        prefixes = tuple(f"{group.prefix}." for group in groups if group.prefix)
        for name, text in values.items():
            if covering(known, name) or (self._incomplete and not name.startswith(prefixes)):
                continue
            own = name.startswith(prefixes)
            error = misplaced(name, self._stream.role, others, None if own else self._registry)
            self._report(error or unknown_option(name, known), text)

    def _parse(
        self,
        group: type[OptionsT],
        values: Mapping[str, OptionText],
        factory: object = None,
    ) -> _Parsed[OptionsT]:
        """The typed options; what is wrong is reported."""
        own: dict[str, str] = {}
        specs = group.specs()
        unclear = {name for name in self._unset if covering(specs, name)}
        wrong = bool(unclear)
        for name, text in values.items():
            spec = covering(specs, name)
            if spec is None:
                continue
            try:
                spec.parse(text.text, name, hidden=text.from_file)
                own[name] = text.text
                self._check_column(name, spec)
            except OptionError as error:
                wrong = True
                unclear.add(name)
                self._report(error, text)
        for spec in specs:
            if spec.required and spec.name not in own and spec.name not in unclear:
                wrong = True
                if not self._incomplete:
                    missing = OptionError(f"option '{spec.name}' is required", spec.doc)
                    self._report(missing, None)
        if self._incomplete and wrong:
            return _Parsed()
        right = {name: text for name, text in own.items() if name not in unclear}
        try:
            contradictions = [] if self._incomplete else group.contradictions(right, unclear)
            for broken in contradictions:
                self._report(broken, named_in(broken, values))
            if wrong or contradictions:
                return _Parsed(None, group.partly(right, unclear))
            whole = group.parse(own)
            return _Parsed(whole, whole)
        except OptionError as error:
            self._report(error, named_in(error, values))
        except (Exception, SystemExit) as error:  # whatever a stranger's rule may raise
            by = self._registry.provider_of(factory)
            self._report(broken_factory(by, f"a rule of {group.__name__}", error), None)
        return _Parsed()

    def _check_column(self, name: str, spec: OptionSpec) -> None:
        error = unknown_column(name, spec, self._stream.schema.payload.names)
        if error is not None and not self._incomplete:
            raise error

    def _report(
        self, error: EventFluxError, text: OptionText | None, *, warning: bool = False
    ) -> None:
        stream = self._stream
        found = diagnostic(stream.name, OptionError(error.message, error.hint), text, stream.place)
        if warning:
            self._wiring.warnings.append(found.as_warning())
        else:
            self._wiring.problems.append(found)


class _Parsed(msgspec.Struct, Generic[OptionsT], frozen=True):
    """Options as far as they are right: ``whole`` if all are, else those ``known``."""

    whole: OptionsT | None = None
    known: OptionsT | None = None


class _Role(msgspec.Struct, frozen=True):
    """What there is for streams of one role."""

    common: type[ErrorOptions]
    connectors: Mapping[str, SourceFactory | SinkFactory]
    mappers: Mapping[str, SourceMapperFactory | SinkMapperFactory]
    find_connector: Callable[[str], SourceFactory | SinkFactory]
    find_mapper: Callable[[str], SourceMapperFactory | SinkMapperFactory]


def _roles(registry: Registry) -> dict[str, _Role]:
    sink = _Role(
        SinkStreamOptions,
        registry.sink_factories,
        registry.sink_mapper_factories,
        registry.sink_factory,
        registry.sink_mapper_factory,
    )
    source = _Role(
        SourceStreamOptions,
        registry.source_factories,
        registry.source_mapper_factories,
        registry.source_factory,
        registry.source_mapper_factory,
    )
    # An internal stream names no connector: one that it might name is that of a sink.
    return {"source": source, "sink": sink, "internal": replace(sink, common=StreamOptions)}


def _format_problem(
    factory: SourceFactory | SinkFactory, extension: str, format_name: OptionText | None
) -> OptionError | None:
    """Whether the connector works with this format, or with none."""
    formats = list(factory.formats)
    if not formats:
        if format_name is None:
            return None
        return OptionError(
            f"'{extension}' takes no format, it exchanges rows", "leave the format out"
        )
    listed = "any format" if "*" in formats else "it works with " + ", ".join(formats)
    if format_name is None:
        if getattr(factory, "format_optional", False):
            return None
        return OptionError(f"'{extension}' needs a format", f"{listed}: format = '…'")
    if "*" in formats or format_name.text.lower() in (f.lower() for f in formats):
        return None
    return OptionError(f"'{extension}' does not support format '{format_name.text}'", listed)
