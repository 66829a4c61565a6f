"""An option of a type that no text can be read as."""

from eventflux.spi import Options, option

eventflux_spi = (1, 0)


class BadOptions(Options, prefix="bad"):
    hosts: list[str] = option(doc="where to connect to")
