"""The conformance kit: what connectors, mappers, functions and state stores must do, as tests to
inherit.

Subclass a suite in a test module, as ``Test…``, and say how to reach the other side::

    from eventflux.testing import SourceMapperConformance

    class TestPipes(SourceMapperConformance):
        factory = PipesSourceMapperFactory()
        columns = "id LONG NOT NULL, name STRING"

        def decodes(self):
            return [(b"1|Ann", [(1, "Ann")])]

pytest runs what it inherits. It needs ``pip install 'eventflux-core[testing]'``.
"""

from eventflux.testing.conformance.functions import FunctionConformance
from eventflux.testing.conformance.mappers import SinkMapperConformance, SourceMapperConformance
from eventflux.testing.conformance.sinks import SinkConformance
from eventflux.testing.conformance.sources import SourceConformance
from eventflux.testing.conformance.state_stores import StateStoreConformance

__all__ = [
    "FunctionConformance",
    "SinkConformance",
    "SinkMapperConformance",
    "SourceConformance",
    "SourceMapperConformance",
    "StateStoreConformance",
]
