"""What a mapper implements: payloads to rows, rows to payloads, whole batches at a time."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from eventflux.base.rows import Row
from eventflux.base.types import Schema
from eventflux.spi.options import Options


@dataclass(frozen=True, slots=True)
class MapperError:
    """One payload (or row) of a batch that could not be mapped."""

    index: int
    """Which payload of the batch; of a sink mapper, which row."""
    message: str
    """What was wrong, naming the field and its path, and what was expected."""
    ignored: bool = False
    """Whether an option of the mapper says to drop it in silence: it is counted and
    acknowledged, and no error strategy sees it."""
    transient: bool = False
    """Whether the same payload may be mapped later (a registry did not answer): under
    ``error.strategy = 'retry'`` the source waits and tries it again."""


@dataclass(slots=True)
class Decoded:
    """The rows of a batch of payloads.

    ``origins`` gives for each row the index of its payload; ``None`` when there is just
    one row for each payload that is not in ``errors``, in order.
    """

    rows: list[Row]
    errors: Sequence[MapperError] = ()
    origins: Sequence[int] | None = None


@dataclass(slots=True)
class Encoded:
    """One payload for each row that is not in ``errors``, in order."""

    payloads: Sequence[bytes]
    errors: Sequence[MapperError] = ()


class SourceMapper(ABC):
    """Decodes the payloads of one stream."""

    max_payload_bytes: int | None = None
    """The longest payload that it takes; longer ones never reach it."""

    @abstractmethod
    def decode(self, payloads: Sequence[bytes]) -> Decoded:
        """Decode a batch; a bad payload is an entry in ``errors``, never an exception."""


class SinkMapper(ABC):
    """Encodes the rows of one stream."""

    @abstractmethod
    def encode(self, rows: Sequence[Row]) -> Encoded:
        """Encode a batch; a row that can't be is an entry in ``errors``."""


class TimedSinkMapper(SinkMapper):
    """One that writes the event time of each row, too, which costs a little."""

    @abstractmethod
    def encode_timed(self, rows: Sequence[Row], times: Sequence[int]) -> Encoded:
        """Encode a batch; ``times`` are epoch milliseconds, one a row."""

    def encode(self, rows: Sequence[Row]) -> Encoded:
        raise TypeError(f"{type(self).__name__} needs event times: call encode_timed")


@dataclass(frozen=True, slots=True)
class MapperContext:
    """What a mapper may know of its stream: the columns that its messages carry.

    METADATA columns are not among them.
    """

    stream: str
    schema: Schema
    row_type: type[Row]
    """The class of the rows with these columns; built by position: ``row_type(*values)``."""
    lines: bool = False
    """As the connector says, :attr:`eventflux.spi.SourceFactory.lines`."""


class SourceMapperFactory(ABC):
    """Describes a mapper for sources and makes them, one a stream."""

    name: ClassVar[str]
    """What SQL calls it: ``format = 'name'``."""
    doc: ClassVar[str]
    options: ClassVar[type[Options]]

    @abstractmethod
    def create(self, options: Any, context: MapperContext) -> SourceMapper:
        """Make a mapper; ``OptionError`` if the stream's columns don't suit."""


class SinkMapperFactory(ABC):
    """Describes a mapper for sinks and makes them, one a stream."""

    name: ClassVar[str]
    doc: ClassVar[str]
    options: ClassVar[type[Options]]

    @abstractmethod
    def create(self, options: Any, context: MapperContext) -> SinkMapper:
        """Make a mapper; ``OptionError`` if the stream's columns don't suit."""
