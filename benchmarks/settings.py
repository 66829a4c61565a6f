"""How much a run measures."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Settings:
    """Sizes of a run; ``quick`` is a fifth of the events and few rounds, to see that it works."""

    rounds: int
    quick: bool
    peers: Path
    """The environment of the peers."""

    def events(self, full: int) -> int:
        """How many events to use where a full run uses ``full``."""
        return full // 5 if self.quick else full
