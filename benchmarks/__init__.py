"""Benchmarks: how fast EventFlux is, as ratios that one run measures side by side."""
