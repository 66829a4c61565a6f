"""The streams that others have at their side: ``<name>.errors``, ``<name>.late`` and
``<name>.connection``."""

from __future__ import annotations

from eventflux.base.connection_columns import whose_connection
from eventflux.base.error_columns import whose_errors
from eventflux.base.late_columns import whose_late


def owner_of(name: str) -> str | None:
    """The stream that the stream ``name`` stands beside; ``None`` if it is an ordinary one."""
    return whose_errors(name) or whose_late(name) or whose_connection(name)


def fed_from(name: str) -> str | None:
    """The stream whose rows come into the stream ``name``, as errors or late."""
    return whose_errors(name) or whose_late(name)
