"""A hook that raises."""

from collections.abc import Sequence

from eventflux.spi import SinkFactory, hookimpl

eventflux_spi = (1, 0)


@hookimpl
def register_sink_factories() -> Sequence[SinkFactory]:
    raise RuntimeError("no sinks today")
