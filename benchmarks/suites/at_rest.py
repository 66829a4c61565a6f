"""Starts the main job over memory connectors, says so, and waits for a line."""

import sys

from benchmarks.workloads import W1
from eventflux import EventFluxManager

manager = EventFluxManager()
with manager.create_app(W1.sql):
    print("started", flush=True)
    sys.stdin.readline()
