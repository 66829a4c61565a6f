"""EventFlux's WebSocket connector."""
