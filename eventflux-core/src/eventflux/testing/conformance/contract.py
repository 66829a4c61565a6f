"""What all conformance tests have in common: each is one rule of a contract, tried on a loop of
its own with the other side started before and stopped after."""

from __future__ import annotations

import asyncio
import functools
import logging
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar, NoReturn, TypeVar

import pytest

from eventflux.base.types import Schema
from eventflux.planner import plan_sql
from eventflux.spi import Options, Secret

MOMENT = 0.05
"""Seconds in which nothing must happen."""

STREAM = "Conformance"
"""What the stream of the tests is called."""

Suite = TypeVar("Suite", bound="Conformance")


class Breach(AssertionError):
    """A rule that was broken: what was done, and what to do."""

    def __init__(self, did: str, do: str) -> None:
        super().__init__(f"{did}; {do}")
        self.did = did
        self.do = do


def rule(text: str) -> Callable[[Callable[[Suite], Awaitable[None]]], Callable[[Suite], None]]:
    """Makes a test of a coroutine method; ``text`` is what the contract says."""

    def decorate(method: Callable[[Suite], Awaitable[None]]) -> Callable[[Suite], None]:
        @functools.wraps(method)
        def test(self: Suite) -> None:
            failed = ""
            try:
                asyncio.run(self._played(method))
            except Breach as breach:
                failed = f"the contract says: {text}\n  but: {breach.did}\n  do:  {breach.do}"
            if failed:
                pytest.fail(failed, pytrace=False)

        test.__doc__ = text
        del test.__wrapped__  # pytest takes it for a coroutine
        return test

    return decorate


class Conformance:
    """The base of all suites.

    A suite says how to reach the other side by overriding methods. A test that needs one that is
    not overridden is skipped and says which; without an essential one it fails and says so.
    """

    patience: ClassVar[float] = 5.0
    """Seconds that something may take that must happen."""

    async def start(self) -> None:
        """Start the other side. Called before each test, on its loop."""

    async def stop(self) -> None:
        """Stop it. Called after each test."""

    async def within(self, awaitable: Awaitable[Any], did: str, do: str) -> Any:
        """The result of what must end soon.

        Raises:
            Breach: it does not.
        """
        try:
            return await asyncio.wait_for(awaitable, self.patience)
        except TimeoutError:
            raise Breach(f"{did} within {self.patience:g} s", do) from None

    async def until(self, happened: Callable[[], Awaitable[object]], did: str, do: str) -> None:
        """Wait for what the other side must see soon; ``did`` says what it did not.

        Raises:
            Breach: it does not.
        """
        for _ in range(int(self.patience / 0.01)):
            if await happened():
                return
            await asyncio.sleep(0.01)
        raise Breach(did, do)

    async def _played(self, method: Callable[[Any], Awaitable[None]]) -> None:
        await self.start()
        try:
            await method(self)
        finally:
            await self.stop()


def essential(suite: Conformance, method: str) -> NoReturn:
    """Fail for lack of a method without which nothing can be tried."""
    pytest.fail(
        f"{type(suite).__name__} must define {method}: the tests need it to reach the other side",
        pytrace=False,
    )


def needs(suite: Conformance, base: type[Conformance], method: str) -> None:
    """Skip the test unless the suite overrides what ``base`` leaves open."""
    if getattr(type(suite), method) is getattr(base, method):
        pytest.skip(f"define {method}() in {type(suite).__name__} to have this tested")


def schema_of(columns: str) -> Schema:
    """The schema of ``columns`` as SQL writes them: ``a LONG NOT NULL, b STRING``."""
    return plan_sql(f"CREATE STREAM {STREAM} ({columns});").plan.streams[STREAM].schema


def shortened(value: object) -> str:
    """``value`` for a message: not more than a line of it."""
    text = repr(value)
    return text if len(text) <= 300 else f"{text[:300]}…"


def secrets_in(options: type[Options], texts: Mapping[str, str]) -> list[str]:
    """The values of those ``texts`` whose options are declared secret."""
    return [
        text
        for name, text in texts.items()
        if text and any(spec.type is Secret and spec.covers(name) for spec in options.specs())
    ]


@contextmanager
def recorded_logs() -> Iterator[list[str]]:
    """What is logged meanwhile, at every level."""
    lines: list[str] = []

    class Recorder(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(record.getMessage())

    root, recorder = logging.getLogger(), Recorder(logging.DEBUG)
    level = root.level
    root.addHandler(recorder)
    root.setLevel(logging.DEBUG)
    try:
        yield lines
    finally:
        root.setLevel(level)
        root.removeHandler(recorder)


def refuse_secrets(secrets: Sequence[str], shown: Mapping[str, object]) -> None:
    """Break the rule for a secret that stands in what is ``shown``, by where.

    Raises:
        Breach: one does.
    """
    for where, value in shown.items():
        if any(secret in str(value) for secret in secrets):
            raise Breach(
                f"a secret option's value stands in {where}",
                "declare the option as Secret, keep it wrapped, and reveal() it only where the "
                "other side needs it",
            )
