"""Connectors, mappers and functions that break one rule each, where they are asked to."""
