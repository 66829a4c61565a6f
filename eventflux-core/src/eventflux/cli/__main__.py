"""``python -m eventflux.cli``."""

from eventflux.cli import main

main()
