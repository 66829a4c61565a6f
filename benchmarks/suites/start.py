"""Starting: the command line against an empty typer program, compiling, memory at rest."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.figures import Figure, Goal, ratios
from benchmarks.measure import Group, Timer, whole
from benchmarks.product import clock_of
from benchmarks.settings import Settings
from benchmarks.suites.memory import resident_mb
from benchmarks.workloads import CHAIN, CHAIN_LENGTH, FIRST_TRADE_MS, W1, W2, Workload
from eventflux.compiler import compile_plan
from eventflux.planner import plan_sql

TITLE = "Start"
SETTLING_S = 3.0
"""Longer than starting takes; what waits for its broker tries for 30 s."""
_NOWHERE = ["--set", "OrderInput.rabbitmq.port=1", "--set", "OrderOutput.rabbitmq.port=1"]

HERE = Path(__file__).parent
MAIN_JOB = HERE.parent / "main_job.sql"
EMPTY = HERE / "empty_program.py"
QUERIES = {W1.name: 1, W2.name: 1, CHAIN.name: CHAIN_LENGTH}


def eventflux_command() -> list[str]:
    """The installed ``eventflux`` beside this interpreter, else the module that it runs."""
    beside = Path(sys.executable).with_name("eventflux")
    if beside.exists():
        return [str(beside)]
    found = shutil.which("eventflux")
    return [found] if found else [sys.executable, "-m", "eventflux.cli"]


def cpu_of(command: Sequence[str]) -> Timer:
    """CPU ms, user and system, of a whole process.

    Raises:
        RuntimeError: it failed, so its time would mean nothing.
    """

    def measure() -> float:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        assert process.stdout is not None
        said = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise RuntimeError(f"{' '.join(command)} failed: {said.decode()[-1000:]}")
        return (usage.ru_utime + usage.ru_stime) * 1000

    return whole(measure)


def groups(settings: Settings) -> list[Group]:
    return [_command_line(), *(_compiling(workload) for workload in (W1, W2, CHAIN))]


def _command_line() -> Group:
    empty = [sys.executable, str(EMPTY), "--help"]
    command = eventflux_command()

    def report(found: Mapping[str, Sequence[float]]) -> list[Figure]:
        return [
            Figure(
                TITLE,
                f"CPU: {what} ÷ empty typer program",
                ratios(found[what], found["empty"]),
                goal,
                context=f"{sorted(found[what])[len(found[what]) // 2]:.0f} ms",
            )
            for what, goal in (("--help", Goal(1.5)), ("check of the main job", Goal(2.5)))
        ]

    timers = {
        "empty": cpu_of(empty),
        "--help": cpu_of([*command, "--help"]),
        "check of the main job": cpu_of([*command, "check", str(MAIN_JOB)]),
    }
    return Group("start", timers, report)


def _compiling(workload: Workload) -> Group:
    queries = QUERIES[workload.name]
    # The first row has the step compiled.
    row = ("SYM1", 1.0, FIRST_TRADE_MS) if workload is W2 else ("1", "2", 60.0, "3")

    def measure() -> float:
        start = time.process_time_ns()
        plan = plan_sql(workload.sql).plan
        engine = compile_plan(plan, functions={}, clock=clock_of(plan))
        engine.outlet([workload.target])
        engine.step(workload.source, [engine.row_type(workload.source)(*row)])
        return (time.process_time_ns() - start) / 1e6 / queries

    def report(found: Mapping[str, Sequence[float]]) -> list[Figure]:
        return [
            Figure(
                TITLE,
                f"parse, plan and compile {workload.name}, a query",
                found["compile"],
                Goal(5),
                unit="ms",
            )
        ]

    return Group(f"compile {workload.name}", {"compile": whole(measure)}, report)


def once(settings: Settings) -> list[Figure]:
    """Resident memory of ``eventflux run`` when nothing comes in."""
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as w1:
        w1.write(W1.sql)
        w1.flush()
        cases = {
            "W1 over memory connectors": [w1.name],
            "the main job, waiting for its broker": [str(MAIN_JOB), *_NOWHERE],
        }
        return [
            Figure(TITLE, f"memory at rest, {what}", [_at_rest(command)], Goal(45), unit="MB")
            for what, command in cases.items()
        ]


def _at_rest(arguments: Sequence[str]) -> float:
    with subprocess.Popen(
        [*eventflux_command(), "run", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        time.sleep(SETTLING_S)
        if process.poll() is not None:
            assert process.stderr is not None
            raise RuntimeError(f"the app at rest ended: {process.stderr.read()[-1000:]}")
        resident = resident_mb(process.pid)
        process.kill()
    return resident
