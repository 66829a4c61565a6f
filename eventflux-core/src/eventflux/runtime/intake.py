"""One batch of a source at a time: decoded and stepped."""

from __future__ import annotations

from collections.abc import Awaitable

from eventflux.base.errors import PluginError
from eventflux.runtime.delivery import SourceDelivery
from eventflux.runtime.specs import SourceSpec
from eventflux.runtime.steps import StepFailed, Steps
from eventflux.runtime.triage import Desk, Triage
from eventflux.spi.source import SourceBatch

_NONE: frozenset[str] = frozenset()


class Intake:
    """What nearly all batches are goes the short way: all its messages are rows, and nothing
    has to be known of any of them alone. The others are a :class:`Triage`."""

    def __init__(self, spec: SourceSpec, steps: Steps) -> None:
        self.desk = Desk(spec, steps)
        self._stream = spec.stream
        self._step = steps.step
        self._decode = self.desk.decoding.decode
        self._assigned = _NONE
        """The partitions that the engine knows of."""

    def begin(self) -> None:
        """The app starts: what the engine knows of partitions is that of its state."""
        self._assigned = _NONE

    def take(self, batch: SourceBatch, delivery: SourceDelivery) -> Awaitable[None] | None:
        """Process a batch; what is given back, where that is anything, has to be awaited, and
        raises the same.

        Raises:
            StepFailed: the app or the source has to stop; ``delivery`` knows what goes back.
            PluginError: the mapper raised.
        """
        if batch.partitions is not None and self.desk.spec.watermark:
            self._assign(batch, delivery)
        alone = batch.message_ids is not None or batch.deliveries is not None
        triage = Triage(self.desk, batch, delivery) if alone else None
        try:
            arrived = self._decode(batch, delivery.size, triage.worn if triage else ())
        except PluginError:
            self.desk.returned += delivery.count
            raise
        if triage is None and not arrived.errors:
            partitions = batch.partitions and self.desk.partitions(batch, arrived)
            try:
                self._step(
                    self._stream,
                    arrived.rows,
                    None,
                    delivery,
                    arrived.metadata,
                    partitions=partitions,
                )
            except StepFailed as failed:
                Triage(self.desk, batch, delivery).stopped(arrived, failed)
                raise
            return None
        return (triage or Triage(self.desk, batch, delivery)).take(arrived)

    def _assign(self, batch: SourceBatch, delivery: SourceDelivery) -> None:
        """Tell the engine which partitions there are, where that is new."""
        assert batch.positions is not None, "a batch that has partitions has positions"
        partitions = batch.positions.keys()
        if partitions == self._assigned:
            return
        try:
            self.desk.steps.assign(self._stream, partitions)
        except StepFailed:
            Triage(self.desk, batch, delivery).untaken()
            raise
        self._assigned = frozenset(partitions)
