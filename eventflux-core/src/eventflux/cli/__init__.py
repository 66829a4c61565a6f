"""The command line: ``eventflux run``, ``check``, ``explain``, ``plugins``, ``connectors``.

Each command is a module; what it needs is imported when it runs, so that ``--help`` is quick.
"""

from __future__ import annotations

from eventflux.cli.main import main

__all__ = ["main"]
