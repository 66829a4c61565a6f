"""WebSocket side by side: ``python -m benchmarks.websocket``.

Every contender does its job in a process of its own, one after the other, round after round; the
other end is this process. Ratios are of messages a second in the same round, from the moment that
both ends are ready until all has been processed or has arrived, which is counted in bytes; those
of broadcasting are of CPU time.
"""

from __future__ import annotations

import argparse
import json
import resource
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import side_by_side, websocket_peer
from benchmarks.figures import Figure, Goal, ratios
from benchmarks.orders import body
from benchmarks.websocket_jobs import CLIENTS

HERE = Path(__file__).parent
ROUNDS = 5
JOBS = ("receive", "send", "pipe", "broadcast")
_PATHS = {"receive": ("/in",), "send": ("/out",), "pipe": ("/in", "/out")}


@dataclass
class Contender:
    """Someone who does a job, and what it took each round."""

    name: str
    job: str
    mode: str
    count: int
    rate: list[float] = field(default_factory=list)
    """Messages a second."""
    cpu: list[float] = field(default_factory=list)
    """µs a message of its process."""

    @property
    def context(self) -> str:
        rate, cpu = statistics.median(self.rate), statistics.median(self.cpu)
        return f"{rate:,.0f} msg/s, {cpu:.1f} µs CPU"

    def note(self, messages: int, seconds: float, cpu: float) -> None:
        self.rate.append(messages / seconds)
        self.cpu.append(cpu / messages * 1e6)


def contenders() -> list[Contender]:
    """All, with as many messages as take about a second."""
    jobs = [(job, mode) for job in _PATHS for mode in ("client", "server")]
    return [
        *(Contender("eventflux", job, mode, 400_000) for job, mode in jobs),
        *(Contender("websockets", job, mode, 80_000) for job, mode in jobs),
        *(Contender(name, "broadcast", "server", 50) for name in ("eventflux", "websockets")),
    ]


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


def _start(contender: Contender, port: int) -> subprocess.Popen[str]:
    program = HERE / f"websocket_{'product' if contender.name == 'eventflux' else 'bare'}.py"
    arguments = (contender.job, contender.mode, str(port), str(contender.count))
    return subprocess.Popen(
        [sys.executable, str(program), *arguments], stdout=subprocess.PIPE, text=True
    )


def run(contender: Contender) -> None:
    """Let it do its job once, and note what it took."""
    if contender.job == "broadcast":
        _run_broadcast(contender)
        return
    paths = _PATHS[contender.job]
    mode = contender.mode
    data = websocket_peer.frames_to(mode, websocket_peer.messages(contender.count))
    results = websocket_peer.results(contender.count)
    size = websocket_peer.frames_from(mode, results)
    if mode == "client":
        listener = websocket_peer.listening()
        process = _start(contender, listener.getsockname()[1])
        connections = dict(websocket_peer.accepted(listener) for _ in paths)
    else:
        port = _free_port()
        process = _start(contender, port)
        connections = {path: websocket_peer.connected(port, path) for path in paths}
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n", f"{contender} did not begin"
    began = time.perf_counter()
    if contender.job == "pipe":
        websocket_peer.pipe(connections["/in"], connections["/out"], data, size)
    elif contender.job == "send":
        [sink] = connections.values()
        websocket_peer.take(sink, size)
    else:
        connections["/in"].sendall(data)
    seconds = time.perf_counter() - began
    for connection in connections.values():
        connection.shutdown(socket.SHUT_WR)
    report = json.loads(process.stdout.readline())
    process.wait(30)
    for connection in connections.values():
        connection.close()
    assert report.get("kept", len(results)) == len(results), f"{contender}: {report}"
    # that a message has been received is known over there only
    took = report["seconds"] if contender.job == "receive" else seconds
    contender.note(contender.count, took, report["cpu"])


def _run_broadcast(contender: Contender) -> None:
    """Its own clock counts: what it sends fits in the buffers of the system."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096))
    size = websocket_peer.frames_from("server", [body(n, 60) for n in range(contender.count)])
    port = _free_port()
    process = _start(contender, port)
    clients = [websocket_peer.connected(port, "/out") for _ in range(CLIENTS)]
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n", f"{contender} did not begin"
    for client in clients:
        websocket_peer.take(client, size)
        client.close()
    report = json.loads(process.stdout.readline())
    process.wait(30)
    contender.note(contender.count * CLIENTS, report["seconds"], report["cpu"])


def figures_of(done: Sequence[Contender]) -> list[Figure]:
    """The ratios, their goals, and what stands behind them."""
    by = {(c.job, c.mode, c.name): c for c in done}
    figures = []
    for job, mode in dict.fromkeys((c.job, c.mode) for c in done):
        ours, theirs = by[job, mode, "eventflux"], by[job, mode, "websockets"]
        context = f"{ours.context} ÷ {theirs.context}"
        if job == "broadcast":
            # by the work, not by the clock: that is the system's, and of a thousand readers
            label, goal, values = f"to {CLIENTS:,} clients", 1.0, ratios(theirs.cpu, ours.cpu)
        else:
            label, goal, values = mode, 0.8, ratios(ours.rate, theirs.rate)
        figures.append(Figure(job, label, values, Goal(goal, at_least=True), "×", context))
    return figures


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print the table; 1 if a goal was missed."""
    parser = argparse.ArgumentParser("python -m benchmarks.websocket", description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--only", action="append", choices=JOBS)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all values there")
    given = parser.parse_args(arguments)
    chosen = [c for c in contenders() if not given.only or c.job in given.only]
    console, progress = side_by_side.consoles()
    with progress.status("starting") as status:
        for turn in range(given.rounds):
            for contender in chosen if turn % 2 else reversed(chosen):
                what = f"{contender.job}, {contender.mode}, {contender.name}"
                status.update(f"round {turn + 1} of {given.rounds}: {what}")
                run(contender)
    measured = {f"{c.job}, {c.mode}: {c.name}": {"rate": c.rate, "cpu": c.cpu} for c in chosen}
    what = f"WebSocket, eventflux ÷ websockets: {given.rounds} rounds"
    return side_by_side.finish(console, what, figures_of(chosen), [], given.json, measured)


if __name__ == "__main__":
    sys.exit(main())
