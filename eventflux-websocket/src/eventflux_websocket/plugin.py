"""What the WebSocket connector brings to EventFlux."""

from __future__ import annotations

eventflux_spi = (1, 0)
