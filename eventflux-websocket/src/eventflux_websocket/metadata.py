"""What METADATA columns read of a message."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from eventflux.base.types import DataType
from eventflux_websocket.inbox import Sender, Taken

HEADERS, QUERY = "headers.", "query."
CLIENT_METADATA: Mapping[str, DataType] = {
    "type": DataType.STRING,
    "received": DataType.TIMESTAMP,
}
"""What a client reads: ``type`` is ``text`` or ``binary``, ``received`` when the message came."""
SOURCE_METADATA: Mapping[str, DataType] = {
    **CLIENT_METADATA,
    "client": DataType.STRING,
    f"{HEADERS}*": DataType.STRING,
    f"{QUERY}*": DataType.STRING,
}
"""What a server reads besides: ``client`` is the address of whom a message came from, ``headers.*``
and ``query.*`` what the request that opened that client's connection said."""


def metadata_of(taken: Taken, names: Sequence[str]) -> Mapping[str, Sequence[Any]] | None:
    """The columns of :data:`SOURCE_METADATA` that are wanted."""
    if not names:
        return None
    return {name: _column(name, taken) for name in names}


def _column(name: str, taken: Taken) -> Sequence[Any]:
    if name == "type":
        return ["text" if text else "binary" for text in taken.texts]
    if name == "received":
        return [arrival.time for arrival in taken.arrivals]
    read = _reader(name)
    return [None if arrival.sender is None else read(arrival.sender) for arrival in taken.arrivals]


def _reader(name: str) -> Callable[[Sender], str | None]:
    """Reads one name of the sender of a message."""
    if name.startswith(HEADERS):
        header = name.removeprefix(HEADERS).lower()
        return lambda sender: sender.headers.get(header)
    if name.startswith(QUERY):
        parameter = name.removeprefix(QUERY)
        return lambda sender: sender.query.get(parameter)
    return lambda sender: sender.address
