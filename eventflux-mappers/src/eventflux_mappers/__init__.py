"""EventFlux's mappers: between the payloads of messages and rows."""
