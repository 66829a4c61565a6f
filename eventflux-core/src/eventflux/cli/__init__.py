"""The command line: ``eventflux run``, ``check``, ``fmt``, ``explain`` and more.

Each command is a module; what it needs is imported when it runs, so that ``--help`` is quick.
"""

from __future__ import annotations

import gc
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit with its code; see :class:`eventflux.cli.exits.Exit`.

    Args:
        arguments: those after the program's name; by default the process's own.
    """
    # Importing makes many objects and hardly any garbage: looking for it, at the start and once
    # more at the end of the process, is a third of the time that a command takes. What runs an
    # app turns the collector on.
    gc.disable()
    try:
        from eventflux.cli.commands import run_command

        run_command(arguments)
    finally:
        gc.freeze()
        gc.enable()
