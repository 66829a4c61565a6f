"""Texts and payloads that nobody would write, by the thousand.

A few hundred of each, always the same, every day; ``EVENTFLUX_SEARCH=50 pytest tests/fuzz``
tries fifty times as many, other ones each time; ``--hypothesis-seed=N`` repeats a search.
"""
