"""The README: each program runs against a real node, and each option is in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from eventflux import EventFluxManager
from eventflux_rabbitmq.options import SinkOptions, SourceOptions
from eventflux_rabbitmq.properties import SINK_METADATA, SOURCE_METADATA
from eventflux_rabbitmq.testing import PrivateBroker

README = (Path(__file__).resolve().parents[1] / "README.md").read_text(encoding="utf-8")
PROGRAMS = re.findall(r"```sql\n(.*?)```", README, re.DOTALL)


def overrides(sql: str, broker: PrivateBroker) -> Iterator[tuple[str, str]]:
    """What leads the streams of a program to the node, for ``--set``."""
    for stream, options in re.findall(r"CREATE STREAM (\w+)(.*?)\);", sql, re.DOTALL):
        tls = "rabbitmq.ssl" in options
        port = broker.tls_port if tls else broker.port
        if "rabbitmq.uri" in options:
            yield f"{stream}.rabbitmq.uri", f"amqp://guest@127.0.0.1:{port}/%2F"
        else:
            yield f"{stream}.rabbitmq.host", "127.0.0.1"
            yield f"{stream}.rabbitmq.port", str(port)
        if tls:
            assert broker.authority is not None
            yield f"{stream}.rabbitmq.ssl.ca", str(broker.authority.file)


@pytest.mark.broker
@pytest.mark.parametrize("number", range(len(PROGRAMS)))
def test_each_program_starts_and_stops(number: int, broker: PrivateBroker) -> None:
    sql = PROGRAMS[number]
    if "large-orders" in sql:
        broker.declare_exchange("large-orders")
    app = EventFluxManager().create_app(sql, overrides=dict(overrides(sql, broker)))
    with app:
        assert set(app.health().values()) == {"running"}


@pytest.mark.parametrize("options", [SourceOptions, SinkOptions])
def test_each_option_is_in_it(options: type[SourceOptions] | type[SinkOptions]) -> None:
    named = re.findall(r"[a-z][a-z.]*[a-z]", README)
    known = {*named, *(f"rabbitmq.{name}" for name in named)}
    known |= {f"rabbitmq.queue.{name}" for name in named}
    missing = [spec.name for spec in options.specs() if spec.stem.rstrip(".") not in known]
    missing = [name for name in missing if name.partition(".<")[0] not in known]
    assert missing == []


def test_each_metadata_name_is_in_it() -> None:
    quoted = re.findall(r"`([\w.<>]+)`", README)
    for name in {*SOURCE_METADATA, *SINK_METADATA}:
        assert name.replace("*", "<name>") in quoted
