"""When time alone makes the oldest row of a sliding window leave, for those that tell of it."""

from __future__ import annotations

from collections.abc import Callable

from eventflux.operators.timers import NEVER, Time


class Departures:
    """Calls ``leave(due)``, generated code, when the oldest row of a window is ``size_ms`` old.

    ``oldest`` gives the place of that, ``None`` where the window has no row. A row that enters is
    told of by :meth:`wait`. One timer is enough, for the oldest row; it is no state of its own:
    :meth:`resume` sets it again for rows that were loaded.
    """

    __slots__ = ("_oldest", "_rank", "_size", "_time", "due", "leave")

    def __init__(
        self, oldest: Callable[[], int | None], size_ms: int, time: Time, rank: int
    ) -> None:
        self._oldest = oldest
        self._size = size_ms
        self._time = time
        self._rank = rank
        self.due = NEVER
        """When the timer fires."""
        self.leave: Callable[[int], object] = _no_code

    def wait(self, place: int) -> None:
        """A row at ``place`` is held."""
        due = place + self._size
        if due < self.due:
            self.due = due
            self._time.schedule(due, self._rank, self._fire)

    def resume(self) -> None:
        """All timers are gone; the rows are what they are now."""
        self.due = NEVER
        self._wait_for_oldest()

    def _fire(self, due: int) -> None:
        if due == self.due:
            self.due = NEVER
            self.leave(due)
            self._wait_for_oldest()

    def _wait_for_oldest(self) -> None:
        oldest = self._oldest()
        if oldest is not None:
            self.wait(oldest)


def _no_code(due: int) -> None:
    raise RuntimeError("what becomes of rows that leave was not compiled")
