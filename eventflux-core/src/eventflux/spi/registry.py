"""All that apps of one manager can name: connectors, mappers, functions and state stores.

The registry of a manager is ``manager.context``. Plugins fill it through hooks
(:mod:`eventflux.spi.plugins`), programs by the same methods::

    manager.context.add_source_factory("custom", MySourceFactory())
    manager.context.add_function("shout", lambda text: text.upper() + "!", [str], str)
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, overload

from eventflux.base.errors import MissingPackageError, OptionError, PlannedError, PluginError
from eventflux.base.suggest import nearest
from eventflux.base.types import DataType
from eventflux.spi.function_types import TypeLike, scalar_function
from eventflux.spi.functions import ScalarFunction
from eventflux.spi.mapper import SinkMapperFactory, SourceMapperFactory
from eventflux.spi.options import meant_option
from eventflux.spi.own_aggregates import SqlCallable, declared_aggregate
from eventflux.spi.own_functions import declared_function
from eventflux.spi.plugin_report import PluginReport
from eventflux.spi.shelf import PROGRAM, Entry, Shelf, already_provided
from eventflux.spi.sink import SinkFactory
from eventflux.spi.source import SourceFactory
from eventflux.spi.state_store import StateStoreFactory
from eventflux.spi.well_known import (
    EXTENSION_PACKAGES,
    FORMAT_PACKAGES,
    LANGUAGE_FUNCTIONS,
    PLANNED_PACKAGES,
)

_FUNCTION_NAME = re.compile(r"[^\W\d]\w*(:[^\W\d]\w*)*")


class Registry:
    """Factories and functions by name; names are found in any case.

    It is filled before apps are made and is not safe to change while one is being made.
    """

    def __init__(self) -> None:
        self._sources: Shelf[SourceFactory] = Shelf(
            "source",
            SourceFactory,
            ("doc", "kind", "options"),
        )
        self._sinks: Shelf[SinkFactory] = Shelf(
            "sink",
            SinkFactory,
            ("doc", "options"),
        )
        self._source_mappers: Shelf[SourceMapperFactory] = Shelf(
            "source mapper",
            SourceMapperFactory,
            ("doc", "options"),
        )
        self._sink_mappers: Shelf[SinkMapperFactory] = Shelf(
            "sink mapper",
            SinkMapperFactory,
            ("doc", "options"),
        )
        self._state_stores: Shelf[StateStoreFactory] = Shelf(
            "state store",
            StateStoreFactory,
            ("doc", "options"),
        )
        self._functions: dict[str, Entry[SqlCallable]] = {}
        self.plugins: list[PluginReport] = []
        """What each plugin brought, or why it could not be loaded."""

    # Registration

    def add_source_factory(
        self, name: str, factory: SourceFactory, *, replace: bool = False, provider: str = PROGRAM
    ) -> None:
        """Make a source connector known as ``extension = 'name'``.

        Args:
            name: what SQL calls it, in any case, whatever ``factory.name`` says.
            replace: put it in the place of one that has the name, for apps made from now on.
            provider: who brings it, for messages.

        Raises:
            PluginError: the name is taken or unfit, or the factory lacks something, or what it
                declares is of another kind than it should be.
        """
        self._sources.add(name, factory, provider, replace=replace)

    def add_sink_factory(
        self, name: str, factory: SinkFactory, *, replace: bool = False, provider: str = PROGRAM
    ) -> None:
        """Make a sink connector known; see :meth:`add_source_factory`."""
        self._sinks.add(name, factory, provider, replace=replace)

    def add_source_mapper_factory(
        self,
        name: str,
        factory: SourceMapperFactory,
        *,
        replace: bool = False,
        provider: str = PROGRAM,
    ) -> None:
        """Make a mapper known as ``format = 'name'`` of sources; as above."""
        self._source_mappers.add(name, factory, provider, replace=replace)

    def add_sink_mapper_factory(
        self,
        name: str,
        factory: SinkMapperFactory,
        *,
        replace: bool = False,
        provider: str = PROGRAM,
    ) -> None:
        """Make a mapper known as ``format = 'name'`` of sinks; as above."""
        self._sink_mappers.add(name, factory, provider, replace=replace)

    def add_state_store_factory(
        self,
        name: str,
        factory: StateStoreFactory,
        *,
        replace: bool = False,
        provider: str = PROGRAM,
    ) -> None:
        """Make a state store known as ``SET checkpoint.store = 'name'``; as above."""
        self._state_stores.add(name, factory, provider, replace=replace)

    @overload
    def add_function(
        self,
        function: SqlCallable | Callable[..., Any],
        /,
        *,
        replace: bool = ...,
        provider: str = ...,
    ) -> None: ...

    @overload
    def add_function(
        self,
        name: str,
        call: Callable[..., Any],
        /,
        arguments: Sequence[TypeLike] | None = None,
        returns: TypeLike | None = None,
        *,
        null_on_null: bool | None = None,
        deterministic: bool = True,
        max_rows: int | None = None,
        aliases: Sequence[str] = (),
        doc: str = "",
        replace: bool = ...,
        provider: str = ...,
    ) -> None: ...

    def add_function(
        self,
        function: SqlCallable | Callable[..., Any] | str,
        call: Callable[..., Any] | None = None,
        /,
        arguments: Sequence[TypeLike] | None = None,
        returns: TypeLike | None = None,
        *,
        replace: bool = False,
        provider: str = PROGRAM,
        **details: Any,
    ) -> None:
        """Let SQL call a function: what is decorated with ``@eventflux.function`` or
        ``@eventflux.aggregate``, what is described by a :class:`ScalarFunction` or an
        :class:`Aggregate`, or a name and a callable.

        The types of a callable come from its annotations (``str`` STRING, ``int`` LONG,
        ``float`` DOUBLE, ``bool`` BOOL, ``Decimal`` DECIMAL, ``bytes`` BYTES, ``Any`` OBJECT)
        or from ``arguments`` and ``returns``, which take those Python types, SQL names or
        :class:`DataType`. See
        :func:`eventflux.spi.function_types.scalar_function` for NULLs.

        Raises:
            PluginError: a type is missing or unknown, or a name is taken or unfit.
        """
        if isinstance(function, str):
            if call is None:
                raise PluginError(f"function {function!r}: give the callable too")
            function = scalar_function(
                function, call, arguments=arguments, returns=returns, **details
            )
        elif call is not None or arguments is not None or returns is not None or details:
            raise PluginError("a ScalarFunction already says its call, types and details")
        elif not isinstance(function, SqlCallable):
            function = _declared(function)
        _check_function(function)
        names = (function.name, *function.aliases)
        for name in names:
            taken = self._functions.get(name.lower())
            if taken is None:
                continue
            if not replace:
                raise already_provided(f"function {name!r}", taken.provider, provider)
            old = taken.factory
            self._functions = {k: e for k, e in self._functions.items() if e.factory is not old}
        for name in names:
            self._functions[name.lower()] = Entry(name, function, provider)

    def discard(self, provider: str) -> None:
        """Forget everything that ``provider`` brought."""
        for shelf in self._shelves():
            shelf.discard(provider)
        self._functions = {k: e for k, e in self._functions.items() if e.provider != provider}

    # Look-ups

    def provider_of(self, factory: object) -> str:
        """Who brings this factory, in words: a plugin with its distribution and version."""
        found = (shelf.provider_of(factory) for shelf in self._shelves())
        return next((provider for provider in found if provider is not None), PROGRAM)

    def plugin_of(self, module: str) -> str | None:
        """The plugin that a module of this name belongs to, in words; ``None`` for modules of
        the core, of the program and of libraries."""
        own = [report for report in self.plugins if report.has(module)]
        if not own:
            return None
        nearest_one = max(own, key=lambda r: (r.module_name == module, len(r.module_name)))
        return nearest_one.label

    def source_factory(self, name: str) -> SourceFactory:
        """The source connector of ``extension = 'name'``.

        Raises:
            MissingPackageError: it comes with a distribution that is not installed.
            PluginError: the distribution that brings it could not be loaded.
            OptionError: no such connector is known; the known ones are listed.
        """
        if name in self._sources:
            return self._sources[name]
        raise self._unknown(name, "extension", self._sources, self._sinks, EXTENSION_PACKAGES)

    def sink_factory(self, name: str) -> SinkFactory:
        """The sink connector of ``extension = 'name'``; raises as :meth:`source_factory`."""
        if name in self._sinks:
            return self._sinks[name]
        raise self._unknown(name, "extension", self._sinks, self._sources, EXTENSION_PACKAGES)

    def source_mapper_factory(self, name: str) -> SourceMapperFactory:
        """The mapper of a source's ``format = 'name'``; raises as :meth:`source_factory`."""
        if name in self._source_mappers:
            return self._source_mappers[name]
        raise self._unknown(
            name, "format", self._source_mappers, self._sink_mappers, FORMAT_PACKAGES
        )

    def sink_mapper_factory(self, name: str) -> SinkMapperFactory:
        """The mapper of a sink's ``format = 'name'``; raises as :meth:`source_factory`."""
        if name in self._sink_mappers:
            return self._sink_mappers[name]
        raise self._unknown(
            name, "format", self._sink_mappers, self._source_mappers, FORMAT_PACKAGES
        )

    def state_store_factory(self, name: str) -> StateStoreFactory:
        """The state store of ``checkpoint.store = 'name'``; raises as :meth:`source_factory`."""
        if name in self._state_stores:
            return self._state_stores[name]
        raise self._unknown(name, "checkpoint.store", self._state_stores, self._state_stores, {})

    @property
    def source_factories(self) -> Mapping[str, SourceFactory]:
        """All source connectors by the name that they were registered with."""
        return self._sources

    @property
    def sink_factories(self) -> Mapping[str, SinkFactory]:
        return self._sinks

    @property
    def source_mapper_factories(self) -> Mapping[str, SourceMapperFactory]:
        return self._source_mappers

    @property
    def sink_mapper_factories(self) -> Mapping[str, SinkMapperFactory]:
        return self._sink_mappers

    @property
    def state_store_factories(self) -> Mapping[str, StateStoreFactory]:
        return self._state_stores

    @property
    def functions(self) -> Mapping[str, ScalarFunction]:
        """The functions of one row by lower-case name and alias, as of now."""
        entries = self._functions.items()
        found = {n: e.factory for n, e in entries if isinstance(e.factory, ScalarFunction)}
        return MappingProxyType(found)

    @property
    def callables(self) -> Mapping[str, SqlCallable]:
        """The functions and the aggregates by lower-case name and alias, as of now."""
        return MappingProxyType({name: e.factory for name, e in self._functions.items()})

    def secret_options(self, written: Iterable[str] = ()) -> frozenset[str]:
        """The full names of all options whose values are not shown; of a family, what they
        begin with; and those ``written`` that would be one of them but for a slip."""
        specs = [
            spec
            for shelf in self._shelves()
            for factory in shelf.values()
            for spec in factory.options.specs()
        ]
        secret = (spec.name if spec.of is None else spec.stem for spec in specs if spec.secret)
        near = ((name, meant_option(name, specs)) for name in written)
        return frozenset(secret).union(name for name, spec in near if spec and spec.secret)

    def _shelves(self) -> Sequence[Shelf[Any]]:
        return (
            self._sources,
            self._sinks,
            self._source_mappers,
            self._sink_mappers,
            self._state_stores,
        )

    def _unknown(
        self,
        name: str,
        key: str,
        shelf: Shelf[Any],
        opposite: Shelf[Any],
        packages: Mapping[str, str],
    ) -> Exception:
        what = shelf.what
        known = list(shelf)
        listed = f"known {what}s: " + (", ".join(known) or "none")
        if name in opposite:
            return OptionError(f"{key} '{name}' is a {opposite.what} and no {what}", listed)
        package = packages.get(name.lower())
        if package is None:
            match = nearest(name, {*known, *packages})
            guess = "" if match is None else f"did you mean '{match}'? "
            broken = ", ".join(report.label for report in self.plugins if report.error is not None)
            if broken:
                listed += f"; could not be loaded: {broken} (see `eventflux plugins`)"
            return OptionError(f"unknown {key} '{name}'", guess + listed)
        report = next((r for r in self.plugins if r.distribution == package), None)
        if report is None and package in PLANNED_PACKAGES:
            return PlannedError(
                f"{key} '{name}' is not supported yet",
                f"{package} is planned for a later version; {listed}",
            )
        if report is None:
            return MissingPackageError(
                f"{key} '{name}' comes with {package}, which is not installed", [package]
            )
        if report.error is not None:
            return PluginError(
                f"{key} '{name}' comes with {report.label}, which could not be loaded: "
                f"{report.error}",
                report.hint,
            )
        return OptionError(
            f"{key} '{name}' is not in {report.label}, though it is installed",
            f"pip install --upgrade {package}; {listed}",
        )


def _declared(function: Callable[..., Any]) -> SqlCallable:
    declared = declared_function(function) or declared_aggregate(function)
    if declared is None:
        raise PluginError(
            f"function {function!r} is a {type(function).__name__}, expected a ScalarFunction",
            "decorate it with @eventflux.function, a class with @eventflux.aggregate"
            if callable(function)
            else None,
        )
    return declared


def _check_function(function: SqlCallable) -> None:
    """Refuse (``PluginError``) what SQL can't call."""
    from eventflux.functions import FUNCTIONS  # not needed where nobody registers one

    names = (function.name, *function.aliases)
    seen: set[str] = set()
    for name in names:
        if not isinstance(name, str) or not _FUNCTION_NAME.fullmatch(name):
            raise PluginError(
                f"{name!r} is no name for a function",
                "letters, digits and '_', or two such parts with ':' between them",
            )
        if name.lower() in LANGUAGE_FUNCTIONS or name.lower() in FUNCTIONS:
            raise PluginError(f"function {name!r} is part of the language", "rename it")
        if name.lower() in seen:
            raise PluginError(f"function {function.name!r} has the name {name!r} twice")
        seen.add(name.lower())
    if not callable(function.call):
        raise PluginError(f"function {function.name!r}: {function.call!r} is not callable")
    for data_type in (*function.arguments, function.returns):
        if not isinstance(data_type, DataType):
            raise PluginError(f"function {function.name!r}: {data_type!r} is no DataType")
