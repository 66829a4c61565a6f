"""For tests of apps and of plugins.

``AppRunner`` runs an app on a virtual clock, without threads, connectors or waiting;
:mod:`eventflux.testing.scripted` has connectors that fail as a script says.
"""

from eventflux.testing.app_runner import AppRunner, Revision

__all__ = ["AppRunner", "Revision"]
