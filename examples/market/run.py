"""The market, the app and the page in one go: open the address that it prints; Ctrl-C ends it.

usage: python run.py [--port 8700] [--rate 25] [--seed 7]
"""

from __future__ import annotations

import argparse
import asyncio
import functools
import logging
import os
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from simulator import market

from eventflux import EventFluxError, EventFluxManager

HERE = Path(__file__).resolve().parent


class QuietHandler(SimpleHTTPRequestHandler):
    """Files of this folder, without a line for each request."""

    def log_message(self, format: str, *args: object) -> None:
        logging.getLogger("market.page").debug(format, *args)


@contextmanager
def page(port: int) -> Iterator[int]:
    """The page, served on loopback while the block runs; gives its port."""
    handler = functools.partial(QuietHandler, directory=str(HERE))
    try:
        listening = ThreadingHTTPServer(("127.0.0.1", port), handler)
    except OSError as error:
        why = f"the page can't be served at port {port}: {error.strerror}"
        raise OSError(f"{why}\n  hint: give another with --port; 0 is any free one") from error
    with listening as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def answers(host: str, port: int) -> bool:
    """Whether something listens there."""
    with suppress(OSError), socket.create_connection((host, port), timeout=0.5):
        return True
    return False


def program(environment: dict[str, str]) -> str:
    """The SQL: with the queue of alerts where a RabbitMQ answers."""
    sql = (HERE / "market.sql").read_text(encoding="utf-8")
    host = environment.get("MARKET_RABBITMQ_HOST", "127.0.0.1")
    port = int(environment.get("MARKET_RABBITMQ_PORT", "5672"))
    if not answers(host, port):
        print(f"no RabbitMQ at {host}:{port}: alerts go to the page and the log only")
        return sql
    print(f"RabbitMQ at {host}:{port}: alerts go to its queue market-alerts, too")
    return sql + (HERE / "rabbitmq.sql").read_text(encoding="utf-8")


async def run(port: int, rate: float, seed: int) -> None:
    """Run all of it until SIGINT or SIGTERM, or until the app fails."""
    ended = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    results = int(os.environ.get("MARKET_PORT") or free_port())
    async with market(0, rate, seed) as feed:
        own = {"MARKET_FEED": f"ws://127.0.0.1:{feed}/trades", "MARKET_PORT": str(results)}
        environment = {**os.environ, **own}
        app = EventFluxManager().create_app(
            program(environment), name="market", environment=environment
        )
        await app.astart()
        try:
            with page(port) as served:
                print(f"open http://127.0.0.1:{served}/page.html?results={results}", flush=True)
                finished = asyncio.create_task(app.await_finished())
                told = asyncio.create_task(ended.wait())
                await asyncio.wait({finished, told}, return_when=asyncio.FIRST_COMPLETED)
                told.cancel()
                if finished.done():
                    finished.result()
                finished.cancel()
        finally:
            await app.astop()


def main() -> None:
    parser = argparse.ArgumentParser(description="a live market in the browser")
    parser.add_argument("--port", type=int, default=8700, help="of the page; 0 is any free one")
    parser.add_argument("--rate", type=float, default=25, help="trades a second")
    parser.add_argument("--seed", type=int, default=7, help="the same seed makes the same trades")
    given = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    logging.getLogger("websockets").setLevel(logging.WARNING)
    try:
        asyncio.run(run(given.port, given.rate, given.seed))
    except (EventFluxError, OSError) as error:
        raise SystemExit(f"error: {error}") from None
    print("stopped")


if __name__ == "__main__":
    main()
