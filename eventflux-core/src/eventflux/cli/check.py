"""``eventflux check``: everything that can be said of a program without running it."""

from __future__ import annotations

from eventflux.cli.arguments import ConfigFile, ProgramFile, SetOptions


def check(file: ProgramFile, set_options: SetOptions = None, config: ConfigFile = None) -> None:
    """Check a program: its SQL and the options of its streams. All errors are shown, each with
    its place in the file. Nothing is connected to.

    eventflux check orders.sql
    eventflux check orders.sql --config production.toml
    """
    from eventflux.base.error_columns import whose_errors
    from eventflux.cli.program import read

    plan = read(file, set_options, config).plan
    queries = "1 query" if len(plan.queries) == 1 else f"{len(plan.queries)} queries"
    count = sum(whose_errors(name) is None for name in plan.streams)
    streams = "1 stream" if count == 1 else f"{count} streams"
    print(f"{file}: ok, {streams}, {queries}")
