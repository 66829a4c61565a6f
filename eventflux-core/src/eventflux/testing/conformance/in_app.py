"""Apps around what is tested: one stream that is it, and queries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from eventflux.app import AppRuntime, EventFluxManager
from eventflux.testing.conformance.contract import STREAM, Breach
from eventflux.testing.conformance.plain_format import NAME


def format_of(formats: Sequence[str]) -> str | None:
    """The format under which a connector gets the payloads of the tests."""
    if not formats:
        return None
    return NAME if "*" in formats else formats[0]


def stream_of(columns: str, role: str, options: Mapping[str, str | None]) -> str:
    """``CREATE STREAM`` for what is tested."""
    given = {"type": role, **options}
    texts = ", ".join(
        f'"{name}" = {quoted(text)}' for name, text in given.items() if text is not None
    )
    return f"CREATE STREAM {STREAM} ({columns}) WITH ({texts});\n"


def quoted(text: str) -> str:
    """As a string in SQL."""
    return "'" + text.replace("'", "''").replace("${", "$${") + "'"


def app_of(manager: EventFluxManager, sql: str) -> AppRuntime:
    """The app of that SQL.

    Raises:
        Breach: it can't be made.
    """
    try:
        return manager.create_app(sql, name="conformance")
    except Exception as error:
        raise Breach(
            f"no app could be made of it: {error}",
            "give columns and options() that suit the factory",
        ) from error


def expect_sum(counters: Mapping[str, int], total: str, parts: Sequence[str], where: str) -> None:
    """Break the rule unless the counter ``total`` is the sum of the ``parts``."""
    if counters.get(total, 0) != sum(counters.get(part, 0) for part in parts):
        shown = {name: counters.get(name, 0) for name in (total, *parts)}
        raise Breach(
            f"the counters of {where} don't add up: {shown}", "give and settle each message once"
        )
