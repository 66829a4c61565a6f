"""A module that can't be imported."""

import a_library_that_nobody_has  # type: ignore[import-not-found]  # noqa: F401

eventflux_spi = (1, 0)
