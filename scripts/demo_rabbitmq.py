"""`scripts/demo --rabbitmq`: examples/orders.sql between the queues of a private RabbitMQ node."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

from eventflux_rabbitmq.testing import PrivateBroker

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"


def take_while_running(
    broker: PrivateBroker, process: subprocess.Popen[bytes], expected: int
) -> list[bytes]:
    """Take ``expected`` messages off the results; fewer when the process ends before that."""
    arrived: list[bytes] = []
    while len(arrived) < expected:
        running = process.poll() is None
        arrived += broker.take("results", expected - len(arrived), timeout=1)
        if not running:
            break
    return arrived


def main() -> int:
    orders = (EXAMPLES / "orders.jsonl").read_bytes().splitlines()
    expected = sum((json.loads(order)["amount"] or 0) > 50 for order in orders)

    print("Starting a private RabbitMQ node…", flush=True)
    with PrivateBroker() as broker:
        print(f"Queue 'orders', exchange 'processed-orders', on port {broker.port}.", flush=True)
        broker.declare_queue("orders")
        broker.declare_exchange("processed-orders")
        broker.declare_queue("results")
        broker.bind("results", "processed-orders", "high-value")
        broker.publish("orders", orders)
        print(f"Published {len(orders)} orders to the queue 'orders'.\n", flush=True)

        command = [str(Path(sys.executable).with_name("eventflux")), "run", "examples/orders.sql"]
        for stream in ("OrderInput", "OrderOutput"):
            command += ["--set", f"{stream}.rabbitmq.port={broker.port}"]
        print("$ eventflux", *command[1:], flush=True)
        process = subprocess.Popen(command, cwd=EXAMPLES.parent)
        try:
            arrived = take_while_running(broker, process, expected)
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
            status = process.wait(40)

        print("\nMessages that arrived behind the exchange 'processed-orders':")
        for body in arrived:
            print(" ", body.decode())
        left = broker.count("orders")
        print(f"\n{len(arrived)} of {expected} expected; left in 'orders': {left}.")
        return status if len(arrived) == expected else 1


if __name__ == "__main__":
    sys.exit(main())
