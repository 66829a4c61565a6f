"""``eventflux plugins``: what is installed, and what could not be loaded."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from eventflux.spi.plugin_report import PluginReport


def _brought(brings: Mapping[str, tuple[str, ...]]) -> str:
    return "\n".join(f"{kind}: {', '.join(names)}" for kind, names in brings.items()) or "nothing"


def _broken(report: PluginReport) -> str:
    hint = "" if report.hint is None else f"\nhint: {report.hint}"
    return f"could not be loaded: {report.error}{hint}"


def plugins() -> None:
    """List the installed plugins, what each brings and what is wrong with it.

    A plugin works as soon as it is installed:  pip install eventflux-rabbitmq
    """
    import logging

    from eventflux.cli.tables import print_table
    from eventflux.spi.plugins import load_plugins
    from eventflux.spi.registry import Registry

    # The table tells what is broken; the log need not tell it again.
    logging.getLogger("eventflux.plugins").setLevel(logging.ERROR)
    reports = load_plugins(Registry())
    print_table(
        sys.stdout,
        ("plugin", "distribution", "version", "brings"),
        [
            (
                report.name,
                report.distribution,
                report.version or "unknown",
                _brought(report.brings) if report.error is None else _broken(report),
            )
            for report in reports
        ],
    )
