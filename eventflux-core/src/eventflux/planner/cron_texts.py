"""Whether a text is a cron expression."""

from __future__ import annotations


def wrong_cron(text: str) -> tuple[str, str] | None:
    """Message and hint for a text that is none; ``None`` for one that is."""
    from eventflux.base.cron import CronExpression  # of a library that few programs need

    try:
        CronExpression(text)
    except ValueError as error:
        return (
            f"{text!r} is no cron expression: {error}",
            "minute hour day month weekday, with seconds before them and a year behind where "
            "they are needed: '0 9 * * MON-FRI'",
        )
    return None
