"""Make a sink of a coroutine function: it is called with rows, or with payloads.

::

    async def alerts(row, url: str):
        await post(url, {"sensor": row.sensor})

    manager.context.add_sink_factory("alerts", sink_factory("alerts", alerts))
"""

from __future__ import annotations

import asyncio
import functools
import inspect
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, ClassVar

from eventflux.base.errors import PluginError
from eventflux.base.interruption import is_interruption
from eventflux.spi.faults import Disconnected
from eventflux.spi.options import Options
from eventflux.spi.parameters import raised, read_parameters, where
from eventflux.spi.sink import Refusal, Sink, SinkBatch, SinkFactory
from eventflux.spi.source import ConnectorContext

Refusals = Refusal | Sequence[Refusal] | None
"""What a function refuses of the rows that it was called with, by their index."""


def sink_factory(
    name: str,
    function: Callable[..., Awaitable[Refusals]],
    *,
    batch: bool = False,
    formats: Sequence[str] = (),
    doc: str = "",
) -> SinkFactory:
    """Describe ``function`` as a sink; :meth:`eventflux.EventFluxManager.sink` says what the
    arguments mean.

    Raises:
        PluginError: it is no coroutine function, takes no row, or a parameter can't be an option.
    """
    if not inspect.iscoroutinefunction(function):
        hint = _GENERATOR_HINT if inspect.isasyncgenfunction(function) else _HINT
        raise PluginError(f"sink {name!r}: {_no_coroutine(function)}", hint)
    if not inspect.signature(function).parameters:
        first = "rows" if batch else "row"
        raise PluginError(
            f"sink {name!r}: {where(function)} takes nothing", f"its first parameter is the {first}"
        )
    parameters = read_parameters(name, function, leave_out=1)
    text = doc or (inspect.getdoc(function) or where(function)).splitlines()[0]

    class Factory(SinkFactory):
        name: ClassVar[str]
        doc: ClassVar[str] = text
        options: ClassVar[type[Options]] = parameters.options

        def create(self, options: Any, context: ConnectorContext) -> Sink:
            call = functools.partial(function, **parameters.arguments(options, context))
            return FunctionSink(function, call, batch=batch, payloads=bool(formats))

    Factory.name, Factory.formats = name, formats
    return Factory()


_HINT = (
    "write `async def`; await what takes time, and what can only block by "
    "`await asyncio.to_thread(…)`: it would hold up all streams. "
    "app.on(stream, f) calls a plain function"
)
_GENERATOR_HINT = "leave out the `yield`: a sink gives nothing on, it returns when its row is safe"


def _no_coroutine(function: object) -> str:
    if not callable(function):
        return f"{function!r} is no function"
    if not inspect.isroutine(function):
        return f"{function!r} is no coroutine function"
    kind = "generator, it has a yield" if inspect.isasyncgenfunction(function) else "plain function"
    return f"{where(function)} is a {kind}; expected a coroutine function"


class FunctionSink(Sink):
    """Calls a function, one call at a time, in the order of the rows.

    What it raises refuses for good what it was called with, so that the stream's error strategy
    decides; ``Disconnected`` makes the runtime try again, after a while.
    """

    def __init__(
        self,
        function: Callable[..., Any],
        call: Callable[[Any], Awaitable[Any]],
        *,
        batch: bool,
        payloads: bool,
    ) -> None:
        self._function = function
        self._call = call
        self._batch = batch
        self.wants_rows = not payloads
        self._turn = asyncio.Lock()
        self._lost: Disconnected | None = None

    async def open(self) -> None:
        self._turn, self._lost = asyncio.Lock(), None

    async def send(self, batch: SinkBatch) -> Sequence[Refusal]:
        messages = batch.rows if self.wants_rows else batch.payloads
        assert messages is not None, "a sink that wants rows gets them"
        async with self._turn:
            if self._lost is not None:  # what came before has to be sent first
                raise Disconnected(self._lost.reason, self._lost.hint)
            if self._batch:
                return await self._called(list(messages), 0, len(messages))
            refusals: list[Refusal] = []
            for index, message in enumerate(messages):
                refusals += await self._called(message, index, 1)
            return refusals

    async def close(self) -> None:
        """Nothing is open between two calls."""

    async def _called(self, given: Any, first: int, count: int) -> list[Refusal]:
        """Call the function with the messages from ``first`` on; what it refuses of the batch."""
        try:
            answer = await self._call(given)
        except Disconnected as lost:
            self._lost = lost
            raise
        except BaseException as error:
            if is_interruption(error):
                raise
            reason = raised(self._function, error)
        else:
            if answer is None:
                return []
            told = [answer] if isinstance(answer, Refusal) else answer
            if isinstance(told, Sequence) and all(
                isinstance(refusal, Refusal) and 0 <= refusal.index < count for refusal in told
            ):
                return [Refusal(first + r.index, r.reason, r.transient, r.hint) for r in told]
            reason = (
                f"{where(self._function)} returned {answer!r:.200}, expected nothing or Refusals "
                f"with an index below {count}"
            )
        return [Refusal(first + index, reason, transient=False) for index in range(count)]
