"""The options of a server."""

from __future__ import annotations

from eventflux_websocket.connection_options import ConnectionOptions


class ServerOptions(ConnectionOptions, prefix="websocket"):
    """What server sources and server sinks have in common."""


class ServerSourceOptions(ServerOptions, prefix="websocket"):
    """What only server sources have."""


class ServerSinkOptions(ServerOptions, prefix="websocket"):
    """What only server sinks have."""
