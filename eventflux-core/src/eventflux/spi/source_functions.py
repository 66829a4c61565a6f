"""Make a source of an async generator function: what it yields are rows, or payloads.

::

    async def ticks(every: Duration = Duration(1000)):
        while True:
            yield {"at": time.time()}
            await asyncio.sleep(every / 1000)

    manager.context.add_source_factory("ticks", source_factory("ticks", ticks))
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import inspect
from collections import deque
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from time import perf_counter
from typing import Any, ClassVar

import msgspec

from eventflux.base.errors import PluginError, StreamFailed
from eventflux.base.interruption import is_interruption
from eventflux.spi.faults import Disconnected, Misconfigured
from eventflux.spi.options import Options
from eventflux.spi.parameters import raised, read_parameters, where
from eventflux.spi.source import (
    ConnectorContext,
    EndOfStream,
    Positions,
    ReceiveLimits,
    Source,
    SourceBatch,
    SourceFactory,
    SourceKind,
)

_GATHER = 0.002
"""Seconds for which a generator that never waits is asked for more before its rows go on."""
_LAST_WORDS = 1.0
"""Seconds for what a generator does about its last row once that is safe, when it is stopped."""
_ROWS = (tuple, dict, list, msgspec.Struct, Mapping)
_ROW_HINT = (
    "a row is a dict, a tuple or a row of the stream; a list is several rows; "
    "with formats=['*'] the function yields bytes for the stream's format"
)


def source_factory(
    name: str,
    function: Callable[..., AsyncGenerator[Any, Any]],
    *,
    acking: bool = False,
    formats: Sequence[str] = (),
    doc: str = "",
) -> SourceFactory:
    """Describe ``function`` as a source; :meth:`eventflux.EventFluxManager.source` says what
    the arguments mean.

    Raises:
        PluginError: it is no async generator function, or a parameter can't be an option.
    """
    if not inspect.isasyncgenfunction(function):
        raise PluginError(f"source {name!r}: {_no_generator(function)}", _hint(function))
    parameters = read_parameters(name, function)
    kind_of_source: SourceKind = "acking" if acking else "live"
    made: type[FunctionSource] = AckingFunctionSource if acking else FunctionSource
    text = doc or (inspect.getdoc(function) or where(function)).splitlines()[0]

    class Factory(SourceFactory):
        name: ClassVar[str]
        doc: ClassVar[str] = text
        kind: ClassVar[SourceKind] = kind_of_source
        options: ClassVar[type[Options]] = parameters.options

        def prefetch(self, options: Any) -> int | None:
            return 1 if acking else None  # it is resumed when what it yielded is acknowledged

        def create(self, options: Any, context: ConnectorContext) -> Source:
            call = functools.partial(function, **parameters.arguments(options, context))
            return made(function, call, context.stream, payloads=bool(formats))

    Factory.name, Factory.formats = name, formats
    return Factory()


def _no_generator(function: object) -> str:
    if not callable(function):
        return f"{function!r} is no function"
    if not inspect.isroutine(function):
        return f"{function!r} is no async generator function"
    kind = "plain generator" if inspect.isgeneratorfunction(function) else "plain function"
    if inspect.iscoroutinefunction(function):
        kind = "coroutine function, it has no yield"
    return f"{where(function)} is a {kind}; expected an async generator function"


def _hint(function: object) -> str:
    if inspect.iscoroutinefunction(function):
        return "`yield` a row, or a list of rows, each time there is something"
    return (
        "write `async def` with a `yield` in it; await what takes time, and what can only block "
        "by `await asyncio.to_thread(…)`: it would hold up all streams"
    )


class FunctionSource(Source):
    """Gives what a generator yields, and calls it anew for each connection.

    The generator runs in a task of its own, so that time-outs and task groups inside it work
    as anywhere. It is resumed only while :meth:`receive` waits, and then for as long as it
    yields without waiting itself, so that what is there becomes one batch.
    """

    def __init__(
        self,
        function: Callable[..., Any],
        call: Callable[[], AsyncGenerator[Any, Any]],
        stream: str,
        *,
        payloads: bool,
    ) -> None:
        self._function = function
        self._call = call
        self._stream = stream
        self._payloads = payloads
        self._waiting: deque[Any] = deque()
        """What was yielded and not yet received."""
        self._limits = ReceiveLimits()
        self._gathers_until = 0.0
        self._arrived = asyncio.Event()
        self._wanted = asyncio.Event()
        self._generator: asyncio.Task[None] | None = None
        self._closing = False
        self._fault: Exception | None = None
        self._told = False
        """Whether ``receive`` has raised it."""

    async def open(self, positions: Positions | None) -> None:
        self._waiting.clear()
        self._arrived, self._wanted = asyncio.Event(), asyncio.Event()
        self._closing, self._fault, self._told = False, None, False
        self._generator = asyncio.get_running_loop().create_task(self._run())

    async def receive(self, limits: ReceiveLimits) -> SourceBatch:
        if self._generator is None:
            raise EndOfStream
        self._limits = limits
        if not self._waiting and not self._generator.done():
            self._arrived.clear()
            self._gathers_until = 0.0
            self._wanted.set()
            try:
                await self._arrived.wait()
            finally:
                self._wanted.clear()
        if self._waiting:
            return self._batch(self._cut(limits))
        self._told = True
        raise self._fault or EndOfStream

    async def close(self) -> None:
        generator, self._generator = self._generator, None
        if generator is None:
            return
        self._closing = True
        generator.cancel()
        await asyncio.wait([generator])
        if not (self._fault is None or self._told or isinstance(self._fault, Disconnected)):
            raise self._fault

    def _batch(self, messages: list[Any]) -> SourceBatch:
        return SourceBatch(messages)

    def _cut(self, limits: ReceiveLimits) -> list[Any]:
        waiting = self._waiting
        if not self._payloads:
            return [waiting.popleft() for _ in range(min(len(waiting), limits.messages))]
        cut, size = [waiting.popleft()], 0
        while waiting and len(cut) < limits.messages:
            size += len(cut[-1])
            if size + len(waiting[0]) > limits.bytes:
                break
            cut.append(waiting.popleft())
        return cut

    async def _run(self) -> None:
        try:
            async with contextlib.aclosing(self._call()) as generator:
                answer = None
                while True:
                    yielded = await generator.asend(answer)
                    if self._closing:
                        return
                    self._take(yielded if type(yielded) is list else [yielded])
                    answer = await self._resumed()
        except StopAsyncIteration:
            pass  # it has returned: the end
        except BaseException as error:
            if is_interruption(error):
                raise
            if not (self._closing and isinstance(error, Disconnected)):
                self._fault = self._named(error)
        finally:
            self._arrived.set()

    def _named(self, error: BaseException) -> Exception:
        if isinstance(error, Disconnected | StreamFailed):
            return error
        if isinstance(error, Misconfigured):
            failed = StreamFailed(f"source {self._stream!r}: {error.message}", error.hint)
        else:
            failed = StreamFailed(
                f"source {self._stream!r}: {raised(self._function, error)}",
                "it ends by `return`; Disconnected makes it be called again, after a while",
            )
        failed.__cause__ = error
        return failed

    def _take(self, messages: list[Any]) -> None:
        for message in messages:
            if not (type(message) is bytes if self._payloads else isinstance(message, _ROWS)):
                raise self._unfit(message)
        # A generator may fill the same dict again while what it yielded before still waits.
        self._waiting.extend(m.copy() if type(m) in (dict, list) else m for m in messages)
        if messages:
            self._arrived.set()

    def _unfit(self, message: object) -> StreamFailed:
        expected, hint = "a row", _ROW_HINT
        if self._payloads:
            expected, hint = "bytes", "with `formats` it yields payloads, which the format reads"
        return StreamFailed(
            f"source {self._stream!r}: {where(self._function)} yielded "
            f"{type(message).__name__}, expected {expected}",
            hint,
        )

    async def _resumed(self) -> Any:
        """Wait until the generator may go on; what its ``yield`` gives."""
        if not self._waiting:
            await asyncio.sleep(0)  # nothing came: others have to have their turn
            await self._wanted.wait()
            return None
        now = perf_counter()
        self._gathers_until = self._gathers_until or now + _GATHER
        if now > self._gathers_until or len(self._waiting) >= self._limits.messages:
            self._wanted.clear()
        await self._wanted.wait()
        return None


class AckingFunctionSource(FunctionSource):
    """Resumes the generator when all that came of what it yielded last is safe."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._yielded = 0
        """Messages of the last yield; those of earlier ones are settled."""
        self._given = self._settled = 0
        """Of these."""
        self._rejected: list[int] = []
        self._all_settled = asyncio.Event()
        self._stopping = False
        self._at_work = False

    async def open(self, positions: Positions | None) -> None:
        self._stopping = self._at_work = False
        await super().open(positions)

    def _batch(self, messages: list[Any]) -> SourceBatch:
        token = (self._generator, self._given, len(messages))
        self._given += len(messages)
        return SourceBatch(messages, token)

    def settle(self, token: Any, rejected: Sequence[int] = (), *, requeue: bool = False) -> None:
        generator, first, count = token
        if generator is not self._generator or (requeue and rejected):
            return
        self._rejected += [first + index for index in rejected]
        self._settled += count
        if self._settled == self._yielded:
            if self._stopping:
                self._arrived.clear()
                self._at_work = True
            self._all_settled.set()

    async def stop(self) -> None:
        self._stopping = True

    async def close(self) -> None:
        if self._at_work and self._generator is not None:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_LAST_WORDS):
                    await self._arrived.wait()
        await super().close()

    async def _resumed(self) -> Any:
        self._yielded, self._given, self._settled = len(self._waiting), 0, 0
        self._rejected = []
        if not self._yielded:
            await asyncio.sleep(0)
            return ()
        self._all_settled = asyncio.Event()
        await self._all_settled.wait()
        return tuple(sorted(self._rejected))
