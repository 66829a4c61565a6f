"""The library's own log records of our connections: what they tell is raised with better words, and
they would show headers and messages, which may be secret."""

from __future__ import annotations

import logging

SILENT = logging.Logger("eventflux.websocket.library", level=logging.CRITICAL + 1)
"""Of no tree, so that nothing turns it on."""
