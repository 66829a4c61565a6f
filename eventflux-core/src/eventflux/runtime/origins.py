"""Whose results rows are, and what becomes of an error on their way."""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from eventflux.runtime.delivery import Delivery
from eventflux.runtime.error_policy import ErrorPolicy, Fallback
from eventflux.runtime.message_ids import SourceId


class LastTry(msgspec.Struct, frozen=True):
    """A message that failed the app before: an error that would fail it again makes the
    message a dead letter of ``policy`` instead."""

    policy: ErrorPolicy
    deliveries: int


class Origin(NamedTuple):
    """What rows of one step came of, for those that go on in another: their results are shares of
    ``delivery``. ``handled``: they came of an error; what becomes of another on their way."""

    delivery: Delivery | None
    source_id: SourceId | None
    handled: Fallback | None
    last_try: LastTry | None
