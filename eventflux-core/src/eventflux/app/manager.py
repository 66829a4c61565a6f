"""Makes apps, which share what plugins and the program have registered."""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from typing import Any, TypeVar, Unpack, overload

from eventflux.app.app_runtime import AppRuntime
from eventflux.app.build import build
from eventflux.app.config_file import ConfigLike
from eventflux.app.program import read_program
from eventflux.base.clock import Clock
from eventflux.base.errors import PluginError, UsageError
from eventflux.spi.function_types import AggregateDetails, FunctionDetails
from eventflux.spi.own_aggregates import aggregate_of
from eventflux.spi.own_functions import function_of
from eventflux.spi.plugins import load_plugins
from eventflux.spi.registry import Registry
from eventflux.spi.sink_functions import Refusals, sink_factory
from eventflux.spi.source_functions import source_factory

Class = TypeVar("Class", bound=type)
SourceFunction = TypeVar("SourceFunction", bound=Callable[..., AsyncGenerator[Any, Any]])
Function = TypeVar("Function", bound=Callable[..., Any])
SinkFunction = TypeVar("SinkFunction", bound=Callable[..., Awaitable[Refusals]])


class EventFluxManager:
    """Where apps come from.

    ``context`` holds the connectors, mappers and functions that its apps can name; the
    installed plugins fill it unless ``plugins`` is false::

        manager.context.add_source_factory("custom", MySourceFactory())

    :meth:`source` and :meth:`sink` make one of a single function.
    """

    def __init__(self, *, plugins: bool = True) -> None:
        self.context = Registry()
        if plugins:
            load_plugins(self.context)

    def source(
        self,
        name: str,
        *,
        acking: bool = False,
        formats: Sequence[str] = (),
        doc: str = "",
        replace: bool = False,
    ) -> Callable[[SourceFunction], SourceFunction]:
        """Make an async generator function a source, ``extension = 'name'``::

            @manager.source("ticks")
            async def ticks(count: int, every: Duration = option("1s", doc="how often")):
                for number in range(count):
                    yield {"number": number}
                    await asyncio.sleep(every / 1000)

        It yields a row (a dict, a tuple or a row of the stream) or a list of rows, and is resumed
        when there is room for more. ``return`` ends the stream;
        :class:`eventflux.spi.Disconnected` makes it be called again after the back-off of
        ``reconnect.*``; whatever else it raises fails the app, by name. At a stop it is closed
        where it stands, so that ``finally`` and ``async with`` put things away.

        Each parameter is an option of the stream, ``ticks.count`` and ``ticks.every`` here, with
        its type and its default; one that is annotated :class:`eventflux.spi.ConnectorContext`
        gets what there is to know of the stream.

        Args:
            acking: resume it when everything that came of what it yielded is safe, so that it
                can acknowledge that behind the ``yield``, which gives the indices of the rows
                that were rejected. Otherwise what is under way when the process dies is lost.
            formats: the formats that it works with, ``["*"]`` for any: it yields ``bytes``
                then, which the stream's format makes rows of.
            doc: its meaning, in one line; by default the first line of its docstring.
            replace: put it in the place of one that has the name, as a notebook does whose cell
                is run again.

        Raises:
            PluginError: the name is taken or unfit, the function no async generator function,
                or a parameter can't be an option.
        """

        _refuse_bare("source", name)

        def register(function: SourceFunction) -> SourceFunction:
            factory = source_factory(name, function, acking=acking, formats=formats, doc=doc)
            self.context.add_source_factory(name, factory, replace=replace)
            return function

        return register

    def sink(
        self,
        name: str,
        *,
        batch: bool = False,
        formats: Sequence[str] = (),
        doc: str = "",
        replace: bool = False,
    ) -> Callable[[SinkFunction], SinkFunction]:
        """Make a coroutine function a sink, ``extension = 'name'``::

            @manager.sink("alerts")
            async def alerts(row, url: str):
                await post(url, {"sensor": row.sensor})

        It is called with each row, in order and one at a time; a row is safe when the call
        returns. :class:`eventflux.spi.Disconnected` has it called again with the rows that are
        not safe after the back-off of ``reconnect.*``. Whatever else it raises refuses the row for
        good: the stream's ``error.strategy`` decides, which fails the app if it is not set.

        Parameters behind the first are options, as of :meth:`source`: ``alerts.url`` here.

        Args:
            batch: call it with lists of rows, as many as wait. It may return a
                :class:`eventflux.spi.Refusal` for each that was not taken.
            formats: as of :meth:`source`; it is given ``bytes`` then.
            doc: its meaning, in one line; by default the first line of its docstring.
            replace: as of :meth:`source`.

        Raises:
            PluginError: the name is taken or unfit, the function no coroutine function, or a
                parameter can't be an option.
        """

        _refuse_bare("sink", name)

        def register(function: SinkFunction) -> SinkFunction:
            factory = sink_factory(name, function, batch=batch, formats=formats, doc=doc)
            self.context.add_sink_factory(name, factory, replace=replace)
            return function

        return register

    @overload
    def function(
        self, call: Function, /, *, replace: bool = ..., **details: Unpack[FunctionDetails]
    ) -> Function: ...

    @overload
    def function(
        self, /, *, replace: bool = ..., **details: Unpack[FunctionDetails]
    ) -> Callable[[Function], Function]: ...

    def function(self, call: Any = None, /, *, replace: bool = False, **details: Any) -> Any:
        """Let SQL call a Python function, as a decorator or by a call::

            @manager.function
            def shout(text: str) -> str:
                return text.upper() + "!"

            manager.function(math.hypot, arguments=["DOUBLE", "DOUBLE"], returns="DOUBLE")

        Details are those of :func:`eventflux.function`; a function that is decorated with that
        needs none.

        Args:
            replace: put it in the place of one that has the name, as a notebook does whose cell
                is run again.

        Raises:
            PluginError: the name is taken or unfit, a type is missing or unknown, or SQL can't
                pass what the function takes.
        """

        def register(call: Any) -> Any:
            self.context.add_function(function_of(call, **details), replace=replace)
            return call

        return register if call is None else register(call)

    @overload
    def aggregate(
        self, made: Class, /, *, replace: bool = ..., **details: Unpack[AggregateDetails]
    ) -> Class: ...

    @overload
    def aggregate(
        self, /, *, replace: bool = ..., **details: Unpack[AggregateDetails]
    ) -> Callable[[Class], Class]: ...

    def aggregate(self, made: Any = None, /, *, replace: bool = False, **details: Any) -> Any:
        """Make a class an aggregate of SQL, as a decorator or by a call::

            @manager.aggregate
            class Longest:
                def __init__(self):
                    self.text = ""

                def add(self, text: str) -> None:
                    self.text = max(self.text, text, key=len)

                def result(self) -> str:
                    return self.text

        Details are those of :func:`eventflux.aggregate`; a class that is decorated with that needs
        none.

        Args:
            replace: put it in the place of one that has the name.

        Raises:
            PluginError: the name is taken or unfit, or the class no aggregate.
        """

        def register(made: Any) -> Any:
            self.context.add_function(aggregate_of(made, **details), replace=replace)
            return made

        return register if made is None else register(made)

    def create_app(
        self,
        sql: str,
        *,
        name: str | None = None,
        overrides: Mapping[str, str] | None = None,
        config: ConfigLike | None = None,
        environment: Mapping[str, str] | None = None,
        replace_external: bool = False,
        clock: Clock | None = None,
        state: str | os.PathLike[str] | None = None,
        fresh: bool = False,
    ) -> AppRuntime:
        """Make an app of a SQL program. Nothing is connected to before it starts.

        Args:
            sql: the whole program.
            name: what messages call the SQL, for example its file; the app's own name is
                that file's base name unless ``SET app.name`` says otherwise.
            overrides: texts by ``Stream.option`` or ``app.setting``, as ``--set`` gives
                them; they win over the SQL.
            config: the path of a TOML configuration file, or what one says; the
                environment wins over it.
            environment: ``EVENTFLUX_STREAMS__Stream__option``, ``EVENTFLUX_APP__setting`` and
                the variables of ``${NAME}``, in place of those of the process; the SQL wins
                over them.
            replace_external: replace every source by an input that the caller feeds and
                every sink by a stream to watch. Connectors and mappers need not be
                installed then; ``warnings`` of the app tells which are missing.
            clock: a clock in place of the one that ``SET app.time`` names.
            state: a directory that keeps the state of queries over restarts, as ``--state``
                and ``SET checkpoint.dir``.
            fresh: let the first start ignore what is stored.

        Raises:
            SqlError: the SQL, an option or a setting is wrong; all problems at once.
            MissingPackageError: a connector or mapper is not installed.
            UsageError: ``state`` with ``replace_external``, or ``fresh`` without a state store.
        """
        if state is not None:
            if replace_external:
                raise UsageError(
                    "an app whose connectors are replaced stores no state",
                    "leave out replace_external: a stream without a connector takes rows, too",
                )
            overrides = {**(overrides or {}), "checkpoint.dir": os.fspath(state)}
        program = read_program(
            sql,
            self.context,
            file=name or "<sql>",
            overrides=overrides,
            config=config,
            environment=environment,
            replace_external=replace_external,
        )
        return AppRuntime(program, build(program, self.context, clock, fresh=fresh))


def _refuse_bare(what: str, name: object) -> None:
    """Refuse ``@manager.source`` without a name, which would register nothing."""
    if callable(name):
        called = getattr(name, "__name__", repr(name))
        raise PluginError(
            f"{what} {called!r}: the decorator has no name for SQL to call it by",
            f'write @manager.{what}("{called}")',
        )
