"""Everything that a plugin of EventFlux must not do."""
