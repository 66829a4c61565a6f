"""A small market: trades over WebSocket, the same ones for the same seed.

usage: python simulator.py [--port 8765] [--rate 25] [--seed 7]
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import random
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from websockets.asyncio.server import ServerConnection, broadcast, serve

PRICES = {"ALDR": 48.0, "BRCH": 112.0, "CEDR": 256.0, "ELMW": 19.5, "TEST": 1.0}


def trades(seed: int, rate: float, begin_ms: int) -> Iterator[Mapping[str, Any]]:
    """Trades without end, ``rate`` a second from ``begin_ms`` on by their own time.

    Prices walk at random and are drawn back to where they began; now and then a trade is a
    large one, or one of size 0.
    """
    chance = random.Random(seed)
    prices = dict(PRICES)
    for number in itertools.count():
        symbol = chance.choice(list(prices))
        drawn_back = 0.01 * (PRICES[symbol] / prices[symbol] - 1)
        prices[symbol] *= 1 + drawn_back + chance.gauss(0, 0.003)
        size = chance.choice((0, 10, 20, 50, 50, 100, 100, 200, 500))
        if chance.random() < 0.02:
            size = 4000
        yield {
            "symbol": symbol,
            "price": round(prices[symbol], 2),
            "size": size,
            "at": begin_ms + round(number * 1000 / rate),
        }


@asynccontextmanager
async def market(port: int = 0, rate: float = 25, seed: int = 7) -> AsyncIterator[int]:
    """A market that is open while the block runs; gives its port. Who is connected gets the
    trades as they are made, who is not misses them."""
    clients: set[ServerConnection] = set()

    async def welcome(client: ServerConnection) -> None:
        clients.add(client)
        try:
            await client.wait_closed()
        finally:
            clients.discard(client)

    async def trade() -> None:
        for made in trades(seed, rate, time.time_ns() // 1_000_000):
            broadcast(clients, json.dumps(made))
            await asyncio.sleep(1 / rate)

    async with serve(welcome, "127.0.0.1", port, compression=None) as server:
        trading = asyncio.create_task(trade())
        try:
            yield next(iter(server.sockets)).getsockname()[1]
        finally:
            trading.cancel()


async def main() -> None:
    parser = argparse.ArgumentParser(description="a small market: trades over WebSocket")
    parser.add_argument("--port", type=int, default=8765)
    parser.add_argument("--rate", type=float, default=25, help="trades a second")
    parser.add_argument("--seed", type=int, default=7)
    given = parser.parse_args()
    async with market(given.port, given.rate, given.seed) as port:
        print(f"trades at ws://127.0.0.1:{port}/trades", flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    try:
        asyncio.run(main())
    except KeyboardInterrupt:
        print()
