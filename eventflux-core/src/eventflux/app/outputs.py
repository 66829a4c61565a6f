"""Which streams have what a program is run for."""

from __future__ import annotations

from eventflux.planner.plan import Plan, Stream


def result_streams(plan: Plan) -> list[Stream]:
    """The streams whose rows are results: the sinks, and those that no query reads."""
    return [
        stream
        for stream in plan.streams.values()
        if stream.role == "sink" or (plan.writers(stream.name) and not plan.readers(stream.name))
    ]
