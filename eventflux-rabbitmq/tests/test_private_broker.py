"""The private node that the other tests run on."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from eventflux_rabbitmq.testing import BrokerError, PrivateBroker, node


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(node, "SERVER", Path("/nowhere/rabbitmq-server"))
    broker = PrivateBroker()
    with pytest.raises(BrokerError, match="apt-get install rabbitmq-server"):
        broker.start()
    broker.close()


@pytest.mark.broker
def test_a_node_that_does_not_start_is_told_with_its_words_and_leaves_nothing() -> None:
    broker = PrivateBroker(config={"no.such.setting": "1"})
    folder = broker.folder
    with pytest.raises(BrokerError, match=r"no\.such\.setting"), broker:
        pass
    assert not folder.exists()


@pytest.mark.broker
def test_two_nodes_live_side_by_side_and_leave_nothing(broker: PrivateBroker) -> None:
    other = broker
    with PrivateBroker() as broker:
        assert other.port != broker.port
        pid, folder = broker.pid, broker.folder
        broker.declare_queue("orders")
        broker.publish("orders", [b"1", b"2", b"3"])
        assert broker.take("orders", 2) == [b"1", b"2"]
        assert broker.take("orders", 2, timeout=0.2) == [b"3"]
        assert broker.count("orders") == 0
        name_server = broker.helper_pids
        assert all(map(alive, name_server))
    assert not alive(pid)
    assert not any(map(alive, name_server))
    assert not folder.exists()
    broker.close()


@pytest.mark.broker
def test_a_node_evaluates_erlang(broker: PrivateBroker) -> None:
    assert broker.evaluate("X = 40, {X + 2, [orders]}") == "{42, [orders]}"
    with pytest.raises(BrokerError, match="badmatch"):
        broker.evaluate("1 = 2")
    with pytest.raises(BrokerError, match="syntax error"):
        broker.evaluate("no such thing")


@pytest.mark.broker
def test_a_stopped_node_says_so(broker: PrivateBroker) -> None:
    with pytest.raises(BrokerError, match="failed with status"):
        broker.ctl("no_such_command")
    idle = PrivateBroker()
    with pytest.raises(BrokerError, match="is not running"):
        _ = idle.pid
    with pytest.raises(BrokerError, match=r"node\(\) failed in the node"):
        idle.evaluate("node()")
    idle.stop()
    idle.close()
