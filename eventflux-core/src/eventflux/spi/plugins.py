"""Find the plugins that are installed and take in what they bring.

Each plugin is loaded in its own ``try``: one that can't be imported, was written for another
version of the interface, breaks a hook's contract or brings a name that is taken is
reported by name, brings nothing, and leaves the others alone.
"""

from __future__ import annotations

import functools
import importlib
import logging
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

import importlib_metadata
import pluggy

from eventflux.base.errors import PluginError, UsageError
from eventflux.base.suggest import did_you_mean
from eventflux.spi import hookspecs
from eventflux.spi.hookspecs import PROJECT, SPI_VERSION
from eventflux.spi.own_aggregates import SqlCallable, declared_aggregate
from eventflux.spi.own_functions import declared_function
from eventflux.spi.plugin_report import PluginReport
from eventflux.spi.registry import Registry

BUILTIN_PLUGINS: Final = {"builtin": "eventflux.builtin.plugin"}
"""The plugins of the core itself; they enter by the same hooks as all others."""

_BUILTIN_DISTRIBUTION: Final = "eventflux-core"
_log = logging.getLogger("eventflux.plugins")


@dataclass(frozen=True, slots=True)
class _Candidate:
    name: str
    distribution: str
    version: str | None
    module: str
    load: Callable[[], Any]

    @property
    def label(self) -> str:
        return self.report().label

    def report(
        self,
        brings: Mapping[str, tuple[str, ...]] = MappingProxyType({}),
        error: PluginError | None = None,
    ) -> PluginReport:
        return PluginReport(
            self.name,
            self.distribution,
            self.version,
            self.module,
            brings,
            None if error is None else error.message,
            None if error is None else error.hint,
        )


def installed_registry() -> Registry:
    """A registry with what the built-in plugins and all installed ones bring."""
    registry = Registry()
    load_plugins(registry)
    return registry


def load_plugins(registry: Registry) -> list[PluginReport]:
    """Register what the built-in plugins and all installed ones bring.

    The built-in ones come first, then those installed, in order of distribution. Broken ones
    are logged as warnings; the reports are also kept in ``registry.plugins``.

    Raises:
        UsageError: the registry has its plugins already.
    """
    if registry.plugins:
        raise UsageError("the plugins of this registry are loaded already")
    manager = pluggy.PluginManager(PROJECT)
    manager.add_hookspecs(hookspecs)
    for candidate in (*_builtin_plugins(), *_installed_plugins()):
        report = _load(candidate, manager, registry)
        if report.error is not None:
            _log.warning("%s could not be loaded: %s", report.label, report.error)
        registry.plugins.append(report)
    return list(registry.plugins)


def _builtin_plugins() -> Iterator[_Candidate]:
    try:
        version = importlib_metadata.version(_BUILTIN_DISTRIBUTION)
    except importlib_metadata.PackageNotFoundError:
        version = None  # run from a source tree that isn't installed
    for name, module in BUILTIN_PLUGINS.items():
        yield _Candidate(
            name,
            _BUILTIN_DISTRIBUTION,
            version,
            module,
            functools.partial(importlib.import_module, module),
        )


def _installed_plugins() -> list[_Candidate]:
    found: dict[str, list[_Candidate]] = {}
    for distribution in importlib_metadata.distributions():
        candidates = _candidates_of(distribution)
        if candidates:
            key = re.sub(r"[-_.]+", "-", candidates[0].distribution).lower()
            found.setdefault(key, candidates)  # the first on the path is what is imported
    return [candidate for _, candidates in sorted(found.items()) for candidate in candidates]


def _candidates_of(distribution: Any) -> list[_Candidate]:
    """The plugins of one ``importlib_metadata.Distribution``; most have none.

    What can't be read of one distribution must not hide the others, so it is a candidate
    that fails to load.
    """
    name, version = "", None
    try:
        if f"[{PROJECT}]" not in (distribution.read_text("entry_points.txt") or ""):
            return []
        name, version = distribution.name, distribution.version
        points = sorted(distribution.entry_points.select(group=PROJECT), key=lambda p: str(p.name))
    except Exception as error:
        name = name or getattr(getattr(distribution, "_path", None), "stem", "a distribution")
        broken = PluginError(f"its metadata can't be read: {error}", "install it again")
        return [_Candidate(name, name, version, "", functools.partial(_raise, broken))]
    return [_Candidate(point.name, name, version, point.value, point.load) for point in points]


def _raise(error: Exception) -> Any:
    raise error


def _load(candidate: _Candidate, manager: pluggy.PluginManager, registry: Registry) -> PluginReport:
    provider = candidate.label
    try:
        plugin = candidate.load()
        _check_version(plugin)
        _enter(plugin, provider, manager)
        return candidate.report(_take_in(plugin, provider, manager, registry))
    except PluginError as error:
        reason = error
    except (Exception, SystemExit) as error:  # whatever a stranger's import may raise
        reason = PluginError(f"{type(error).__name__}: {error}")
        _log.debug("the traceback of %s", provider, exc_info=True)
    registry.discard(provider)
    if manager.has_plugin(provider):
        manager.unregister(name=provider)
    return candidate.report(error=reason)


def _check_version(plugin: Any) -> None:
    ours = ".".join(map(str, SPI_VERSION))
    stated = getattr(plugin, "eventflux_spi", None)
    if stated is None:
        raise PluginError(
            "it does not state the version of the plugin interface that it was written for",
            f"write `eventflux_spi = {SPI_VERSION}` in the module of the entry point",
        )
    if not (
        isinstance(stated, tuple)
        and len(stated) == 2
        and all(type(number) is int for number in stated)
    ):
        raise PluginError(f"eventflux_spi is {stated!r}, expected two numbers as {SPI_VERSION}")
    theirs = ".".join(map(str, stated))
    if stated > SPI_VERSION:
        raise PluginError(
            f"it was written for version {theirs} of the plugin interface, this is {ours}",
            f"upgrade {_BUILTIN_DISTRIBUTION}, or install an older version of the plugin",
        )
    if stated[0] != SPI_VERSION[0]:
        raise PluginError(
            f"it was written for version {theirs} of the plugin interface, this is {ours}",
            "upgrade the plugin",
        )


def _enter(plugin: Any, provider: str, manager: pluggy.PluginManager) -> None:
    """Register the plugin with pluggy, which compares its hooks with their specifications."""
    try:
        manager.register(plugin, name=provider)
        callers = manager.get_hookcallers(plugin) or []
        for caller in callers:
            if not caller.has_spec():
                known = [name for name in vars(manager.hook) if name.startswith("register_")]
                known.remove(caller.name)
                raise PluginError(
                    f"it implements an unknown hook {caller.name!r}",
                    did_you_mean(caller.name, known),
                )
    except pluggy.PluginValidationError as error:
        raise PluginError(str(error)) from error
    except ValueError as error:
        raise PluginError(f"it is named by two entry points: {error}") from error
    if not callers:
        raise PluginError("it implements no hook", "mark its functions with @hookimpl")


def _take_in(
    plugin: Any, provider: str, manager: pluggy.PluginManager, registry: Registry
) -> dict[str, tuple[str, ...]]:
    others = [other for other in manager.get_plugins() if other is not plugin]
    brings: dict[str, tuple[str, ...]] = {}

    def contributions(hook: str) -> Sequence[Any]:
        return _call(manager, hook, others)

    for kind, hook, add in (
        ("source", "register_source_factories", registry.add_source_factory),
        ("sink", "register_sink_factories", registry.add_sink_factory),
        (
            "source mapper",
            "register_source_mapper_factories",
            registry.add_source_mapper_factory,
        ),
        ("sink mapper", "register_sink_mapper_factories", registry.add_sink_mapper_factory),
        ("state store", "register_state_store_factories", registry.add_state_store_factory),
    ):
        names = []
        for factory in contributions(hook):
            name = getattr(factory, "name", None)
            if name is None:
                raise PluginError(f"{hook} gave {factory!r}, which has no name")
            add(name, factory, provider=provider)
            names.append(name)
        if names:
            brings[kind] = tuple(names)
    functions = [_function(given) for given in contributions("register_functions")]
    for function in functions:
        registry.add_function(function, provider=provider)
    if functions:
        brings["function"] = tuple(function.name for function in functions)
    return brings


def _call(manager: pluggy.PluginManager, hook: str, others: Sequence[Any]) -> Sequence[Any]:
    """What the hook of the plugin beside ``others`` returns; nothing where it has none."""
    caller = manager.subset_hook_caller(hook, others)
    if not caller.get_hookimpls():
        return ()
    try:
        results = caller()
    except (Exception, SystemExit) as error:
        raise PluginError(f"{hook} raised {type(error).__name__}: {error}") from error
    result = results[0] if results else None  # pluggy leaves a None out
    if not isinstance(result, list | tuple):
        raise PluginError(
            f"{hook} returned {type(result).__name__}, expected a list or tuple of factories"
        )
    return result


def _function(given: object) -> SqlCallable:
    declared: object = declared_aggregate(given) or given
    if callable(declared):
        declared = declared_function(declared)
    if not isinstance(declared, SqlCallable):
        raise PluginError(
            f"register_functions gave {given!r}, expected ScalarFunction or what is decorated "
            "with @eventflux.function or @eventflux.aggregate"
        )
    return declared
