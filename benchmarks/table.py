"""The table of a run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.table import Table

from benchmarks.figures import Figure, Skipped


def _number(value: float) -> str:
    return (
        f"{value:.2f}"
        if abs(value) < 10
        else f"{value:.1f}"
        if abs(value) < 100
        else f"{value:,.0f}"
    )


def show(
    console: Console,
    figures: Sequence[Figure],
    skipped: Sequence[Skipped],
    before: Mapping[str, float],
    title: str,
) -> None:
    """Print the figures, group by group, and what was skipped."""
    table = Table(title=title, title_justify="left", header_style="bold")
    for name, justify in (
        ("measure", "left"),
        ("median", "right"),
        ("quartiles", "right"),
        ("", "left"),
        ("goal", "right"),
        ("", "left"),
        ("last", "right"),
        ("n", "right"),
        ("absolute", "left"),
    ):
        table.add_column(name, justify=justify, no_wrap=name != "absolute")  # type: ignore[arg-type]
    group = None
    for figure in figures:
        if figure.group != group:
            group = figure.group
            table.add_section()
            table.add_row(f"[bold]{group}[/bold]")
        low, high = figure.quartiles
        verdict = figure.verdict
        colour = "green" if verdict.startswith("pass") else "red"
        last = before.get(f"{figure.group}: {figure.name}")
        table.add_row(
            f"  {figure.name}",
            _number(figure.median),
            f"{_number(low)} - {_number(high)}" if len(figure.values) > 1 else "",
            figure.unit,
            str(figure.goal or ""),
            f"[{colour}]{verdict}[/{colour}]" if verdict else "",
            "" if last is None else _number(last),
            str(len(figure.values)),
            figure.context,
        )
    console.print(table)
    for gap in skipped:
        console.print(f"not measured: {gap.group}, {gap.name}: {gap.reason}", style="yellow")
