"""The streams that others have at their side: ``<name>.errors`` and ``<name>.connection``."""

from __future__ import annotations

from eventflux.base.connection_columns import whose_connection
from eventflux.base.error_columns import whose_errors


def owner_of(name: str) -> str | None:
    """The stream that the stream ``name`` stands beside; ``None`` if it is an ordinary one."""
    return whose_errors(name) or whose_connection(name)
