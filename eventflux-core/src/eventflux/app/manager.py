"""Makes apps, which share what plugins and the program have registered."""

from __future__ import annotations

from collections.abc import Mapping

from eventflux.app.app_runtime import AppRuntime
from eventflux.app.build import build
from eventflux.app.config_file import ConfigLike
from eventflux.app.program import read_program
from eventflux.base.clock import Clock
from eventflux.spi.plugins import load_plugins
from eventflux.spi.registry import Registry


class EventFluxManager:
    """Where apps come from.

    ``context`` holds the connectors, mappers and functions that its apps can name; the
    installed plugins fill it unless ``plugins`` is false::

        manager.context.add_source_factory("custom", MySourceFactory())
    """

    def __init__(self, *, plugins: bool = True) -> None:
        self.context = Registry()
        if plugins:
            load_plugins(self.context)

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

        Raises:
            SqlError: the SQL, an option or a setting is wrong; all problems at once.
            MissingPackageError: a connector or mapper is not installed.
        """
        program = read_program(
            sql,
            self.context,
            file=name or "<sql>",
            overrides=overrides,
            config=config,
            environment=environment,
            replace_external=replace_external,
        )
        return AppRuntime(program, build(program, self.context, clock))
