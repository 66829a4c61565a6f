"""What strangers' connectors and mappers have to keep, looked at where they are called.

Whatever they raise or give that they must not is a :class:`PluginError` that names the stream, the
call, and who brings the connector or mapper, with its version. What is looked at costs a batch
the same whatever its size, but for its partitions: of its messages the first stands for all. Each
check begins with what nearly all batches are, by identity, for a batch of one pays for it, too.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from eventflux.base.errors import PluginError
from eventflux.base.interruption import is_interruption
from eventflux.spi.mapper import Decoded, Encoded, MapperError
from eventflux.spi.sink import Refusal
from eventflux.spi.source import SourceBatch

if TYPE_CHECKING:
    from eventflux.runtime.specs import SinkSpec, SourceSpec

_BYTES = (bytes, bytearray, memoryview)
_NO_REFUSALS = (tuple, list)
_MAPPER_CALLS = ("decode", "encode")
_LAST_WORDS = 1.0
"""Seconds for a call that was cancelled to end."""


def broken_contract(
    spec: SourceSpec | SinkSpec, call: str, did: str | BaseException
) -> PluginError:
    """The error for a connector or a mapper that does what its contract does not allow.

    Args:
        call: the method.
        did: what it raised, or what it did, in words.
    """
    by_mapper = call in _MAPPER_CALLS and not spec.row_payloads
    raised = isinstance(did, BaseException)
    text = f"raised {type(did).__name__}: {did}" if raised else did
    hint = "tell those who made it"
    if raised:
        hint = (
            "a mapper tells what it can't map in its errors, it raises nothing"
            if by_mapper
            else "a connector raises Disconnected, Misconfigured or EndOfStream, nothing else"
        )
    by = spec.mapper_by if by_mapper else spec.connector_by
    broken = PluginError(f"{spec.label}: {by} broke its contract: {call} {text}", hint)
    broken.__cause__ = did if isinstance(did, BaseException) else None
    return broken


def as_broken(spec: SourceSpec | SinkSpec, call: str, error: BaseException) -> PluginError:
    """The same for what was raised, unless that says so itself."""
    return error if isinstance(error, PluginError) else broken_contract(spec, call, error)


def check_batch(spec: SourceSpec, batch: Any) -> None:
    """Refuse (``PluginError``) what ``receive`` must not return."""
    if (
        type(batch) is SourceBatch
        and type(batch.payloads) is list
        and batch.payloads
        and type(batch.payloads[0]) is bytes
        and batch.message_ids is None
        and batch.deliveries is None
        and batch.partitions is None
        and not spec.row_payloads
    ):
        return
    if not isinstance(batch, SourceBatch):
        raise broken_contract(spec, "receive", _returned(batch, "a SourceBatch"))
    payloads = batch.payloads
    if type(payloads) is not list and not isinstance(payloads, Sequence):
        raise broken_contract(spec, "receive", f"gave payloads: {_kind(payloads)}, no sequence")
    if payloads and not spec.row_payloads and not isinstance(payloads[0], _BYTES):
        raise broken_contract(spec, "receive", _gave_payload(payloads[0]))
    for name in ("message_ids", "deliveries", "partitions"):
        given = getattr(batch, name)
        if given is not None and len(given) != len(payloads):
            did = f"gave {len(payloads)} payloads and {len(given)} {name}"
            raise broken_contract(spec, "receive", did)
    if batch.partitions is not None:
        unknown = sorted(set(batch.partitions) - (batch.positions or {}).keys())
        if unknown:
            did = f"gave a message of partition {unknown[0]!r}, of which positions tell nothing"
            raise broken_contract(spec, "receive", did)


def undecodable(spec: SourceSpec, payloads: Sequence[Any], error: BaseException) -> PluginError:
    """The error for a mapper that raised, unless the connector gave it what is no payload."""
    wrong = [payload for payload in payloads if not isinstance(payload, _BYTES)]
    if wrong and not spec.row_payloads:
        return broken_contract(spec, "receive", _gave_payload(wrong[0]))
    return broken_contract(spec, "decode", error)


def check_decoded(spec: SourceSpec, decoded: Any, count: int) -> None:
    """Refuse (``PluginError``) what ``decode`` must not return for ``count`` payloads."""
    if (
        type(decoded) is Decoded
        and type(decoded.rows) is list
        and decoded.origins is None
        and not decoded.errors
        and len(decoded.rows) == count > 0
        and type(decoded.rows[0]) is spec.row_type
    ):
        return
    if not isinstance(decoded, Decoded) or not isinstance(decoded.rows, list):
        raise broken_contract(spec, "decode", _returned(decoded, "Decoded with a list of rows"))
    rows, origins = decoded.rows, decoded.origins
    bad = _indices(spec, "decode", decoded.errors, count) if decoded.errors else ()
    if origins is None:
        if len(rows) + len(bad) != count:
            did = f"gave {len(rows)} rows and {len(bad)} errors for {count} payloads"
            raise broken_contract(spec, "decode", f"{did}, and no origins")
    elif len(origins) != len(rows):
        did = f"gave {len(rows)} rows and {len(origins)} origins"
        raise broken_contract(spec, "decode", did)
    elif rows and not 0 <= origins[0] <= origins[-1] < count:
        did = f"gave origins from {origins[0]} to {origins[-1]} for {count} payloads"
        raise broken_contract(spec, "decode", did)
    if rows and spec.row_type is not None and type(rows[0]) is not spec.row_type:
        did = f"gave a row that is a {type(rows[0]).__name__}, not of the row_type of its context"
        raise broken_contract(spec, "decode", did)


def check_encoded(spec: SinkSpec, encoded: Any, count: int) -> None:
    """Refuse (``PluginError``) what ``encode`` must not return for ``count`` rows."""
    if (
        type(encoded) is Encoded
        and not encoded.errors
        and len(encoded.payloads) == count > 0
        and (type(encoded.payloads[0]) is bytes or spec.row_payloads)
    ):
        return
    if not isinstance(encoded, Encoded):
        raise broken_contract(spec, "encode", _returned(encoded, "Encoded"))
    payloads = encoded.payloads
    bad = _indices(spec, "encode", encoded.errors, count) if encoded.errors else ()
    if len(payloads) + len(bad) != count:
        did = f"gave {len(payloads)} payloads and {len(bad)} errors for {count} rows"
        raise broken_contract(spec, "encode", did)
    if payloads and not spec.row_payloads and not isinstance(payloads[0], _BYTES):
        raise broken_contract(spec, "encode", _gave_payload(payloads[0]))


def check_refusals(spec: SinkSpec, refusals: Any, count: int) -> None:
    """Refuse (``PluginError``) what ``send`` must not return for ``count`` messages."""
    if not refusals and type(refusals) in _NO_REFUSALS:
        return
    if not isinstance(refusals, Sequence):
        raise broken_contract(spec, "send", _returned(refusals, "a sequence of Refusals"))
    for refusal in refusals:
        if not isinstance(refusal, Refusal):
            raise broken_contract(spec, "send", _returned(refusal, "Refusals", "a sequence of "))
        if not 0 <= refusal.index < count:
            did = f"refused message {refusal.index} of a batch of {count}"
            raise broken_contract(spec, "send", did)


async def outcome(call: Callable[[], Awaitable[Any]], limit: float) -> BaseException | None:
    """Await a call of a connector; what it raised is given back.

    Raises:
        TimeoutError: it takes longer than ``limit`` seconds. It is cancelled then, and left to
            itself if it goes on all the same.
    """
    task = asyncio.get_running_loop().create_task(_outcome(call))
    try:
        done, _ = await asyncio.wait([task], timeout=limit)
        if not done:
            task.cancel()
            await asyncio.wait([task], timeout=_LAST_WORDS)
            raise TimeoutError
    except asyncio.CancelledError:
        task.cancel()
        await asyncio.wait([task], timeout=_LAST_WORDS)
        raise
    return asyncio.CancelledError() if task.cancelled() else task.result()


async def _outcome(call: Callable[[], Awaitable[Any]]) -> BaseException | None:
    try:
        await call()
    except BaseException as error:
        if is_interruption(error):
            raise
        return error
    return None


def _indices(spec: SourceSpec | SinkSpec, call: str, errors: Iterable[Any], count: int) -> set[int]:
    """The messages that have errors."""
    indices: set[int] = set()
    for error in errors:
        if not isinstance(error, MapperError):
            raise broken_contract(spec, call, _returned(error, "a MapperError", "errors with "))
        if not 0 <= error.index < count:
            raise broken_contract(spec, call, f"gave an error of message {error.index} of {count}")
        indices.add(error.index)
    return indices


def _kind(value: object) -> str:
    return "None" if value is None else type(value).__name__


def _returned(value: object, expected: str, where: str = "") -> str:
    return f"returned {where}{_kind(value)}, expected {expected}"


def _gave_payload(payload: object) -> str:
    return f"gave a payload that is {_kind(payload)}, expected bytes"
