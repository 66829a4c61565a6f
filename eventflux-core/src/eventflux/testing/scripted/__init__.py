"""Connectors and a state store that do what a script says: lose the connection, refuse, hang.

They stand for a broker and its client. A :class:`ScriptedQueue` keeps what was put until it
is settled, and delivers again what a lost connection left open; a :class:`ScriptedTarget`
records what arrived and is safe. A :class:`ScriptedLog` has partitions, and is read from
positions. Faults are taken from scripts, one entry a call, so a test
says exactly what goes wrong, or draws it at random. Nothing here waits for time: delays
are turns of the event loop.
"""

from eventflux.testing.scripted.faults import (
    Delay,
    Fault,
    Hang,
    Lose,
    Refuse,
    Script,
    ScriptedOptions,
)
from eventflux.testing.scripted.log import ScriptedLog, ScriptedLogFactory, ScriptedLogSource
from eventflux.testing.scripted.sink import ScriptedSink, ScriptedSinkFactory, ScriptedTarget
from eventflux.testing.scripted.source import (
    ScriptedQueue,
    ScriptedSource,
    ScriptedSourceFactory,
)
from eventflux.testing.scripted.store import (
    ScriptedHistory,
    ScriptedStore,
    ScriptedStoreFactory,
)

__all__ = [
    "Delay",
    "Fault",
    "Hang",
    "Lose",
    "Refuse",
    "Script",
    "ScriptedHistory",
    "ScriptedLog",
    "ScriptedLogFactory",
    "ScriptedLogSource",
    "ScriptedOptions",
    "ScriptedQueue",
    "ScriptedSink",
    "ScriptedSinkFactory",
    "ScriptedSource",
    "ScriptedSourceFactory",
    "ScriptedStore",
    "ScriptedStoreFactory",
    "ScriptedTarget",
]
