"""Strategies that make programs, rows and expressions."""
