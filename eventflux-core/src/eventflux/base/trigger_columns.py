"""The one column of a trigger's rows."""

from __future__ import annotations

from eventflux.base.types import Column, DataType, Schema

TRIGGERED_TIME = "triggered_time"
"""When a trigger was due, epoch ms: the event time of its row."""

TRIGGER_SCHEMA = Schema((Column(TRIGGERED_TIME, DataType.LONG, nullable=False),))
