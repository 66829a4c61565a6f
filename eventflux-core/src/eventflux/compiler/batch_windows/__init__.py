"""How a row enters a batch window, in code: which contents take it, and what is due before and
after."""

from __future__ import annotations

from eventflux.compiler.batch_windows.delayed import write_delay
from eventflux.compiler.batch_windows.entering import Entering
from eventflux.compiler.batch_windows.limited import write_limited
from eventflux.compiler.batch_windows.panes import write_panes
from eventflux.compiler.batch_windows.sessions import session_keys, write_session
from eventflux.compiler.batch_windows.single import (
    buffered_rows,
    contents_name,
    write_counted,
    write_timed,
)
from eventflux.operators.delayed import DelayedRows
from eventflux.operators.length_batch import LengthBatchWindow
from eventflux.operators.limited import LimitedRows
from eventflux.operators.panes import Panes
from eventflux.operators.sessions import Sessions
from eventflux.operators.tumbling import TumblingWindow

__all__ = ["Entering", "buffered_rows", "contents_name", "session_keys", "write_entry"]


def write_entry(entering: Entering) -> None:
    """Put a row into the window of its query."""
    match entering.window:
        case TumblingWindow():
            write_timed(entering)
        case LengthBatchWindow() as window:
            write_counted(entering, window)
        case Panes() as window:
            write_panes(entering, window)
        case Sessions() as window:
            write_session(entering, window)
        case DelayedRows():
            write_delay(entering)
        case LimitedRows():
            write_limited(entering)
        case window:
            raise TypeError(f"no row enters {type(window).__name__}")
