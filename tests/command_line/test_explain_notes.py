"""`eventflux explain` shows what a connector says of a stream with its options."""

from __future__ import annotations

from eventflux.app.program import read_program
from eventflux.cli.explain import plan_text
from eventflux.cli.explain_json import plan_data
from eventflux.spi.plugins import installed_registry

SQL = """
CREATE STREAM Orders (n LONG) WITH (
  type = 'source', extension = 'rabbitmq', format = 'json',
  rabbitmq.host = 'h', rabbitmq.queue = 'orders', rabbitmq.consumers = 3);
SELECT n FROM Orders;
"""
NOTE = (
    "3 consumers share its queue: order is kept among the messages of each only "
    "(rabbitmq.consumers)"
)


def test_notes_stand_below_their_stream() -> None:
    registry = installed_registry()
    program = read_program(SQL, registry, replace_external=True)
    notes = {name: stream.notes for name, stream in program.wiring.streams.items()}
    lines = plan_text(program.plan, program.settings, notes).splitlines()
    place = next(number for number, line in enumerate(lines) if "Orders" in line)
    assert lines[place + 1] == f"    {NOTE}"
    assert plan_data(program)["streams"][0]["notes"] == [NOTE]
