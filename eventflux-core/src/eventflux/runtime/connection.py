"""Keeps one connector connected: the first open, and every one after a loss."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Literal

import msgspec

from eventflux.base.errors import EventFluxError, StreamFailed
from eventflux.runtime.contract import broken_contract, outcome
from eventflux.spi.faults import Disconnected, Misconfigured
from eventflux.spi.sink import Sink
from eventflux.spi.source import Source

if TYPE_CHECKING:
    from eventflux.runtime.notices import Notices
    from eventflux.runtime.specs import Limits, SinkSpec, SourceSpec

logger = logging.getLogger("eventflux.runtime")


class StartProblem(msgspec.Struct, frozen=True):
    """Why a connector could not be opened at start."""

    label: str
    reason: str
    hint: str | None
    unreachable: bool
    unanswered: bool = False
    """Whether the time was over before there was any answer."""

    def __str__(self) -> str:
        text = f"{self.label}: {self.reason}"
        return text if self.hint is None else f"{text}\n    hint: {self.hint}"


class Connection:
    """The connection of one source or sink, and its health in words.

    ``open_connector`` and ``close_connector`` are the connector's own.
    """

    def __init__(
        self,
        spec: SourceSpec | SinkSpec,
        limits: Limits,
        open_connector: Callable[[], Awaitable[None]],
        close_connector: Callable[[], Awaitable[None]],
    ) -> None:
        self._label = spec.label
        self._spec = spec
        self._open = open_connector
        self._close = close_connector
        self._limit = limits.connect
        own = spec.reconnection
        self._backoff = limits.backoff if own is None else limits.backoff.paced(own)
        self._max_attempts, self._limiting_option = _attempts(spec)
        self.connector: Source | Sink | None = None
        """The running connector: tells what it connects to, and what hinders it."""
        self._counted: dict[str, int] = {}
        self.health = "not started"
        self.reconnects = 0
        self.proved = False
        """Whether something has gone through since it was opened. A connection that is lost
        again before that goes on with its attempts and waits, as if it had not been opened."""
        self.notices: Notices | None = None
        """Tells those who read of it."""
        self._attempts = 0
        self._lost_at = 0.0
        self._tried = False
        """Whether there may be something to close."""

    def begun(self) -> None:
        """Rows are taken from now on."""
        if self.notices is not None:
            self.notices.started(self.peer)

    def attach(self, connector: Source | Sink) -> None:
        """Connect with this one from now on; what the one before has counted stays."""
        self._counted = self.own_counters()
        self.connector = connector

    def own_counters(self) -> dict[str, int]:
        """What the connector counts of its own, over all starts."""
        counted = dict(self._counted)
        for name, count in self._told("counters").items():
            counted[name] = counted.get(name, 0) + count
        return counted

    def own_gauges(self) -> dict[str, int]:
        """Amounts of the connector's own."""
        return dict(self._told("gauges"))

    def _told(self, call: Literal["counters", "gauges"]) -> Mapping[str, int]:
        """Figures of the connector; one that breaks its contract has none."""
        if self.connector is None:
            return {}
        try:
            figures: Mapping[str, int] = getattr(self.connector, call)()
        except Exception as error:
            logger.exception("%s", broken_contract(self._spec, call, error).message)
            return {}
        return figures

    @property
    def peer(self) -> str | None:
        """What the connector connects to, in words, where it tells."""
        return None if self.connector is None else self.connector.peer

    def condition(self) -> str | None:
        """What hinders the connector although it is connected."""
        try:
            return None if self.connector is None else self.connector.condition
        except Exception as error:
            return broken_contract(self._spec, "condition", error).message

    def health_in_words(self) -> str:
        """The health, with what hinders a connector that is connected."""
        condition = self.condition() if self.health.startswith("running") else None
        return self.health if condition is None else f"{self.health}; {condition}"

    async def start(self, timeout: float, give_up: asyncio.Event) -> StartProblem | None:
        """Open for the first time; what is unreachable is tried again for ``timeout``
        seconds or until ``give_up``. Nothing is raised: the problem is returned."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        attempt = self._attempts = 0
        told: StartProblem | None = None
        while True:
            attempt += 1
            self.health = "connecting"
            left = timeout - (loop.time() - began)
            problem = await self._try_open(min(self._limit, max(left, 0.001)))
            if problem is None:
                self.health = "running"
                return None
            if problem.unanswered and told is not None and left < self._limit:
                problem = told  # this try was cut short: what the one before found says more
            news = told is None or problem.reason != told.reason
            told = problem
            self.health = f"not connected: {problem.reason}"
            wait = self._backoff.delay(attempt, loop.time() - began)
            if not problem.unreachable or give_up.is_set() or loop.time() + wait >= began + timeout:
                return problem
            if news:
                logger.info("%s: %s; trying again", self._label, problem.reason)
            try:
                await asyncio.wait_for(give_up.wait(), wait)
                return problem
            except TimeoutError:
                continue

    async def reconnect(self, lost: Disconnected) -> None:
        """Close, and open again until it works.

        Raises:
            StreamFailed: ``reconnect.max.attempts`` tries have failed.
            PluginError: the connector raised what its contract doesn't allow.
        """
        reason = lost.reason
        loop = asyncio.get_running_loop()
        if self.proved or not self._attempts:
            self._attempts, self._lost_at = 0, loop.time()
        self.proved = False
        logger.warning("%s: connection lost: %s%s", self._label, reason, _hint_text(lost.hint))
        if self.notices is not None:
            self.notices.lost(self.peer, reason)
        while True:
            if 0 <= self._max_attempts <= self._attempts:
                self.health = f"failed: {reason}"
                raise self._given_up(reason)
            self._attempts += 1
            self.health = f"reconnecting: {reason}, attempt {self._attempts}"
            await self.close()
            await asyncio.sleep(self._backoff.delay(self._attempts, loop.time() - self._lost_at))
            problem = await self._try_open(self._limit)
            if problem is None:
                self.reconnects += 1
                self.health = "running"
                logger.info("%s: connected again, try %d", self._label, self._attempts)
                if self.notices is not None:
                    self.notices.back(self.peer)
                return
            reason = problem.reason
            if not problem.unreachable:
                logger.error("%s: %s%s", self._label, reason, _hint_text(problem.hint))

    def _given_up(self, reason: str) -> StreamFailed:
        option = self._limiting_option
        if not self._max_attempts:
            return StreamFailed(
                f"{self._label}: {reason}", f"it does not connect again, as '{option}' says"
            )
        tries = "1 try" if self._attempts == 1 else f"{self._attempts} tries"
        return StreamFailed(
            f"{self._label}: gave up after {tries} to connect again: {reason}",
            f"raise {option}, or leave it unset to try without end",
        )

    async def close(self, within: float = math.inf) -> None:
        """Close the connector within the limit, or ``within`` seconds if that is less; a
        failing close is logged, never raised."""
        if not self._tried:
            return
        limit = min(self._limit, within)
        try:
            error = await outcome(self._close, limit)
        except TimeoutError:
            broken = broken_contract(self._spec, "close", f"took longer than {limit:.1f} s")
            logger.warning("%s", broken.message)
        else:
            if error is not None:
                broken = broken_contract(self._spec, "close", error)
                logger.error("%s", broken.message, exc_info=error)

    async def _try_open(self, limit: float) -> StartProblem | None:
        self._tried = True
        try:
            error = await outcome(self._open, limit)
        except TimeoutError as late:
            error = late
        match error:
            case None:
                return None
            case TimeoutError():
                return self._no_answer(limit)
            case Disconnected(reason=reason, hint=hint):
                return StartProblem(self._label, reason, hint, True)
            case (
                Misconfigured(message=reason, hint=hint) | EventFluxError(message=reason, hint=hint)
            ):
                return StartProblem(self._label, reason, hint, False)
        broken = broken_contract(self._spec, "open", error)
        logger.error("%s", broken.message, exc_info=error)
        reason = broken.message.removeprefix(f"{self._label}: ")
        return StartProblem(self._label, reason, broken.hint, False)

    def _no_answer(self, limit: float) -> StartProblem:
        by = self._spec.connector_by
        return StartProblem(
            self._label,
            f"{self.peer or f'the other side of {by}'} did not answer within {limit:.1f} s",
            "is it that address? does it hang, or does something between drop the packets?",
            unreachable=True,
            unanswered=True,
        )


def _attempts(spec: SourceSpec | SinkSpec) -> tuple[int, str]:
    """How many tries to connect again are made, and the option that says so: that of the fewer."""
    attempts, option = spec.options.reconnect_max_attempts, "reconnect.max.attempts"
    own = spec.reconnection
    if own is not None and own.max_attempts >= 0 and not 0 <= attempts <= own.max_attempts:
        return own.max_attempts, own.option
    return attempts, option


def _hint_text(hint: str | None) -> str:
    return "" if hint is None else f" (hint: {hint})"
