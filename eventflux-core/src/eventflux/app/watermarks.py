"""The options ``watermark.…`` of a program's streams."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from eventflux.app.origins import diagnostic
from eventflux.app.wiring import Wiring
from eventflux.base.errors import OptionError

if TYPE_CHECKING:
    from eventflux.operators.watermarks import WatermarkOptions
    from eventflux.runtime.stream_options import StreamOptions

_DECLARE = "CREATE STREAM … (…, WATERMARK FOR ts AS ts - INTERVAL '5' SECOND)"


def check_watermarks(wiring: Wiring, unclear: Collection[str]) -> None:
    """Refuse options of watermarks at streams that have none. Nothing is said of ``unclear``
    streams, nor of options that are wrong in themselves."""
    told = {problem.position for problem in wiring.problems}
    for name, resolved in wiring.streams.items():
        if resolved.stream.watermark is not None or name in unclear:
            continue
        for option, text in resolved.texts.items():
            if option.startswith("watermark."):
                message = f"option '{option}' needs a WATERMARK, and here is none"
                error = OptionError(message, _DECLARE)
                found = diagnostic(name, error, text, resolved.stream.place)
                if found.position is None or found.position not in told:
                    wiring.problems.append(found)


def watermark_options(options: StreamOptions) -> WatermarkOptions:
    """Those of a stream, as the engine takes them."""
    from eventflux.operators.watermarks import WatermarkOptions  # checking does without

    return WatermarkOptions(
        idle=int(options.watermark_idle),
        lateness=int(options.watermark_lateness),
        max_future=int(options.watermark_max_future),
        future_fails=options.watermark_future == "error",
    )
