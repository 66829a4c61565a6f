"""The connectors that come with the core; they enter by the same hooks as any plugin's."""
