"""A source with partitions keeps the rules, and the rule of partitions can be broken."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from eventflux.spi import ConnectorContext, ReceiveLimits, SourceBatch
from eventflux.testing import SourceConformance
from eventflux.testing.scripted import ScriptedLog, ScriptedLogFactory, ScriptedLogSource


class TestLog(SourceConformance):
    """Over three partitions, one after the other."""

    factory = ScriptedLogFactory(ScriptedLog([]))

    async def start(self) -> None:
        self.factory.log = ScriptedLog(["a", "b", "c"])

    def options(self) -> dict[str, str]:
        return {}

    async def put(self, payloads: Sequence[Any]) -> None:
        log = self.factory.log
        for payload in payloads:
            log.put("abc"[len(log.records) % 3], payload)


@pytest.mark.parametrize(
    ("partitions", "told"),
    [
        (["a"], "partitions has 1 values for 2 messages"),
        (["a", "z"], "a message is of partition 'z', and positions have no such one"),
    ],
)
def test_partitions_that_do_not_fit_are_a_breach(partitions: list[str], told: str) -> None:
    class Wrong(ScriptedLogSource):
        async def receive(self, limits: ReceiveLimits) -> SourceBatch:
            await super().receive(ReceiveLimits(messages=1))
            return SourceBatch([b"1", b"2"], partitions=partitions, positions={"a": 2})

    class Factory(ScriptedLogFactory):
        def create(self, options: Any, context: ConnectorContext) -> ScriptedLogSource:
            return Wrong(self.log)

    class Suite(TestLog):
        factory = Factory(ScriptedLog(["a", "b", "c"]))

    with pytest.raises(pytest.fail.Exception, match=told):
        Suite().test_gives_batches_in_their_form()
