"""What can go wrong in a call, and scripts of it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from eventflux.spi import Disconnected, Misconfigured, Options


@dataclass(frozen=True, slots=True)
class Lose:
    """The connection goes. In a ``send`` script ``kept`` messages of the batch are safe on
    the other side, though nobody learns of it."""

    reason: str = "scripted loss"
    kept: int = 0


@dataclass(frozen=True, slots=True)
class Refuse:
    """An ``open`` is refused for good; of a ``send`` the messages at these indices are, after
    so many turns of the event loop."""

    indices: Sequence[int] = ()
    transient: bool = False
    reason: str = "scripted refusal"
    hint: str | None = None
    turns: int = 0


@dataclass(frozen=True, slots=True)
class Delay:
    """The call takes so many turns of the event loop, then works."""

    turns: int


@dataclass(frozen=True, slots=True)
class Hang:
    """The call never returns, until it is cancelled or the connection goes."""


Fault = Lose | Refuse | Delay | Hang | None
"""One entry of a script; ``None`` is a call that works."""


class Script:
    """Faults in order, one for each call; when they are used up, every call works."""

    def __init__(self, faults: Iterable[Fault] = ()) -> None:
        self._faults = iter(faults)

    def next(self) -> Fault:
        return next(self._faults, None)


async def turns(count: int) -> None:
    """Let the event loop turn so many times."""
    for _ in range(count):
        await asyncio.sleep(0)


async def play_open(fault: Fault) -> None:
    """What a call of ``open`` with this fault does."""
    if isinstance(fault, Lose):
        raise Disconnected(fault.reason)
    if isinstance(fault, Refuse):
        raise Misconfigured(fault.reason, fault.hint)
    if isinstance(fault, Delay):
        await turns(fault.turns)
    if isinstance(fault, Hang):
        await asyncio.Event().wait()


class ScriptedOptions(Options, prefix="scripted"):
    """None: what happens is given to the factory."""
