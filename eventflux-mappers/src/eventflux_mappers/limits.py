"""Bounds that formats have in common."""

MAX_BYTES = 10 * 1024 * 1024
"""The longest payload that is taken apart."""

MAX_LEVELS = 32
"""How deep a path goes, and how deep a value may be nested that a column keeps as JSON."""
