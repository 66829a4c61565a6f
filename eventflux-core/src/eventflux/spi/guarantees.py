"""What a connector says of delivery and order, beyond what its kind says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Order = Literal["total", "per key", "none"]
"""``total``: messages keep the order in which they were sent; ``per key``: those of one key
do (a partition, a routing key); ``none``: they may overtake each other. What is delivered or
sent again comes later in each of them."""


@dataclass(frozen=True, slots=True)
class Weakness:
    """Why results can be lost although everything is acknowledged and confirmed.

    ``reason`` is a clause that says what is lost and when. ``option`` is the one that brings it
    about, as SQL calls it; without one it is the connector itself. ``hint`` says what helps.
    """

    reason: str
    option: str | None = None
    hint: str | None = None
