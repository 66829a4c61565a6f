"""A password, however it is given, is in nothing that EventFlux shows.

The ways are those that a stream's option can come from; the surfaces are the commands, the logs at
their most talkative, errors of every kind, tracebacks with their variables, plans and counters.
"""

from __future__ import annotations

import contextlib
import io
import logging
import os
import pickle
import socket
import subprocess
import sys
import time
import tomllib
import traceback
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import msgspec
import pytest
from rich.console import Console
from rich.traceback import Traceback

from eventflux import EventFluxError, EventFluxManager, SqlError
from eventflux.cli.commands import run_command
from eventflux_rabbitmq.testing import PrivateBroker

pytestmark = pytest.mark.slow

EVENTFLUX = (sys.executable, "-m", "eventflux.cli")
MARK = "Zx9-mark-of-the-secret"
PASSWORD = f"p@{MARK}/?#"
QUOTED = f"p%40{MARK}%2F%3F%23"
"""The password as a URI holds it."""


@dataclass(frozen=True)
class Way:
    """How a program is given its password."""

    name: str
    options: str
    """What stands in the SQL."""
    environment: Mapping[str, str] = field(default_factory=dict)
    arguments: Sequence[str] = ()
    config: str = ""
    in_sql: bool = False
    """Whether the password itself stands in the text of the program."""


def password_option(text: str) -> str:
    return f"\"rabbitmq.host\" = '127.0.0.1', \"rabbitmq.port\" = 'PORT', {text}"


def ways() -> Iterator[Way]:
    variable = "\"rabbitmq.password\" = '${BROKER_PASSWORD}'"
    yield Way("in the SQL", password_option(f"\"rabbitmq.password\" = '{PASSWORD}'"), in_sql=True)
    yield Way("a variable", password_option(variable), {"BROKER_PASSWORD": PASSWORD})
    yield Way("a file", password_option("\"rabbitmq.password\" = '${file:FOLDER/password}'"))
    uri = "\"rabbitmq.uri\" = 'amqp://USER:{}@127.0.0.1:PORT/'"
    yield Way("a URI in the SQL", uri.format(QUOTED), in_sql=True)
    yield Way("a variable in a URI", uri.format("${BROKER_PASSWORD}"), {"BROKER_PASSWORD": QUOTED})
    yield Way(
        "a URI in a variable",
        "\"rabbitmq.uri\" = '${BROKER_URI}'",
        {"BROKER_URI": f"amqp://USER:{QUOTED}@127.0.0.1:PORT/"},
    )
    plain = password_option("\"rabbitmq.username\" = 'USER'")
    yield Way("--set", plain, arguments=["--set", f"Orders.rabbitmq.password={PASSWORD}"])
    yield Way(
        "a configuration file",
        plain,
        config=f"[streams.Orders]\n\"rabbitmq.password\" = '{PASSWORD}'\n",
    )
    yield Way(
        "the environment's own", plain, {"EVENTFLUX_STREAMS__Orders__rabbitmq_password": PASSWORD}
    )


WAYS = {way.name: way for way in ways()}

SQL = """
CREATE STREAM Orders (id STRING, amount DOUBLE) WITH (
  type = 'source', extension = 'rabbitmq', format = 'json',
  "rabbitmq.queue" = 'orders', OPTIONS
);
CREATE STREAM Large (id STRING, amount DOUBLE) WITH (type = 'sink', extension = 'log');
INSERT INTO Large SELECT id, amount FROM Orders WHERE amount > 50;
"""


@dataclass
class Case:
    """One way, laid out in a folder."""

    way: Way
    folder: Path
    port: int
    user: str = "clerk"

    def __post_init__(self) -> None:
        (self.folder / "password").write_text(PASSWORD)
        self.write()
        if self.way.config:
            (self.folder / "program.toml").write_text(self.way.config)

    def filled(self, text: str) -> str:
        places = {"PORT": str(self.port), "FOLDER": str(self.folder), "USER": self.user}
        for name, value in places.items():
            text = text.replace(name, value)
        return text

    @property
    def sql(self) -> str:
        return self.filled(SQL.replace("OPTIONS", self.way.options))

    @property
    def environment(self) -> dict[str, str]:
        return {name: self.filled(text) for name, text in self.way.environment.items()}

    def write(self, change: Callable[[str], str] = str) -> None:
        (self.folder / "program.sql").write_text(change(self.sql))

    def run(self, command: str, *extra: str) -> subprocess.CompletedProcess[str]:
        """Run a command of EventFlux over the program; nothing that it prints has the mark."""
        done = subprocess.run(
            [*EVENTFLUX, command, *self.command, *extra],
            cwd=self.folder,
            env={**os.environ, **self.environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        check_hidden(done.stdout + done.stderr)
        return done

    @property
    def command(self) -> list[str]:
        config = ["--config", "program.toml"] if self.way.config else []
        return ["program.sql", *self.way.arguments, *config]

    def start(self, *extra: str) -> subprocess.Popen[bytes]:
        """Run the program until it is stopped; :attr:`printed` is what it says."""
        with (self.folder / "printed").open("wb") as printed:
            return subprocess.Popen(
                [*EVENTFLUX, "run", *self.command, *extra],
                cwd=self.folder,
                env={**os.environ, **self.environment},
                stdin=subprocess.DEVNULL,
                stdout=printed,
                stderr=subprocess.STDOUT,
            )

    @property
    def printed(self) -> str:
        return (self.folder / "printed").read_text()

    def wait_until_logged(self, process: subprocess.Popen[bytes], text: str) -> None:
        deadline = time.monotonic() + 30
        while text not in self.printed:
            assert process.poll() is None, self.printed
            assert time.monotonic() < deadline, self.printed
            time.sleep(0.02)

    def app(self, manager: EventFluxManager, sql: str | None = None) -> Any:
        given = [argument.split("=", 1) for argument in self.way.arguments if "=" in argument]
        return manager.create_app(
            self.sql if sql is None else sql,
            name="program.sql",
            overrides=dict(given),
            config=tomllib.loads(self.way.config),
        )


def check_hidden(text: str) -> None:
    assert MARK not in text, text


def unused_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


@pytest.fixture(params=WAYS)
def case(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Case:
    made = Case(WAYS[request.param], tmp_path, unused_port())
    for name, text in made.environment.items():
        monkeypatch.setenv(name, text)
    return made


def test_commands_that_succeed(case: Case, capsys: pytest.CaptureFixture[str]) -> None:
    for line in (
        "check",
        "check --show-options",
        "check --output json",
        "explain",
        "explain --code",
        "explain --format json",
        "explain --format mermaid",
    ):
        assert run_here(case, capsys, line) == 0
    assert case.run("run", "--dry-run", "--log-level", "debug").returncode == 0


def run_here(case: Case, capsys: pytest.CaptureFixture[str], line: str) -> object:
    """What a command ends with, run in this process; nothing that it prints has the mark."""
    command, *more = line.split()
    with contextlib.chdir(case.folder), pytest.raises(SystemExit) as ended:
        run_command([command, *case.command, *more])
    printed = capsys.readouterr()
    check_hidden(printed.out + printed.err)
    return ended.value.code


def spoilt(sql: str) -> Iterator[str]:
    """The program with mistakes beside, inside and around the options with the password."""
    yield sql.replace("\"rabbitmq.queue\" = 'orders',", "\"rabbitmq.quue\" = 'orders',")
    yield sql.replace("\"rabbitmq.queue\" = 'orders',", "\"rabbitmq.queue\" = 'orders'")
    yield sql.replace("'orders',", "'orders,")
    yield sql.replace("\n);\nCREATE", "\nCREATE")
    yield sql.replace("'\n);\nCREATE", "\n);\nCREATE")
    yield sql.replace("'\n);\nCREATE", "' more\n);\nCREATE")
    yield sql.replace("rabbitmq.password", "rabbitmq.pasword").replace("mq.uri", "mq.urii")
    yield sql.replace('"rabbitmq.password" = \'', '"rabbitmq.password" \'')
    yield sql.replace("amqp://", "http://")
    yield sql.replace("amqp://", "amqp:/")
    yield sql.replace("'rabbitmq'", "'rabitmq'")
    yield sql.replace("WITH (\n  type = 'source'", "WIHT (\n  type = 'source'")


def test_errors_of_programs(case: Case) -> None:
    sql = case.sql
    programs = [wrong for wrong in spoilt(sql) if wrong != sql]
    assert len(programs) > 6
    manager = EventFluxManager()
    for wrong in programs:
        try:
            case.app(manager, wrong)
        except EventFluxError as error:
            check_error(error)
            if isinstance(error, SqlError):
                for problem in error.diagnostics:
                    check_hidden(f"{problem.message} {problem.hint}")


def test_one_error_through_the_command_line(case: Case, capsys: pytest.CaptureFixture[str]) -> None:
    case.write(lambda sql: sql.replace('"rabbitmq.queue"', '"rabbitmq.quue"'))
    for line in ("check", "check --output json", "explain --format json"):
        assert run_here(case, capsys, line) == 3
    assert case.run("run", "--log-format", "json", "--log-level", "debug").returncode == 3


def check_error(error: EventFluxError) -> None:
    """Neither an error nor its traceback says it."""
    check_hidden(str(error))
    check_hidden(repr(error))
    check_hidden("".join(traceback.format_exception(error)))


def with_locals(error: BaseException) -> str:
    """The traceback as rich prints it with all variables, but for those of the test."""
    assert error.__traceback__ is not None
    console = Console(file=io.StringIO(), width=200)
    shown = Traceback.from_exception(
        type(error),
        error,
        error.__traceback__.tb_next,
        show_locals=True,
        locals_max_length=1000,
        locals_max_string=100_000,
    )
    console.print(shown)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_what_python_shows(case: Case) -> None:
    app = case.app(EventFluxManager())
    plan = app.plan
    for thing in (app, plan, vars(app), app.stats(), app.health(), app.warnings):
        check_hidden(repr(thing))
        check_hidden(f"{thing}")
    check_hidden(msgspec.json.encode(plan).decode())
    for stream in plan.streams.values():
        check_hidden(repr(stream))
    with pytest.raises((TypeError, AttributeError, pickle.PicklingError)):
        pickle.dumps(app)


def test_a_broker_that_is_not_there(case: Case, caplog: pytest.LogCaptureFixture) -> None:
    done = case.run(
        "run", "--set", "app.start.timeout=300ms", "--log-level", "debug", "--log-format", "json"
    )
    assert done.returncode == 4, done.stderr
    caplog.set_level(logging.DEBUG)
    app = case.app(EventFluxManager(), "SET app.start.timeout = '300ms';" + case.sql)
    with pytest.raises(EventFluxError) as raised:
        app.start()
    check_error(raised.value)
    check_hidden(caplog.text)
    if not case.way.in_sql and not case.way.arguments and not case.way.config:
        # the caller's own variables hold what the caller gave
        check_hidden(with_locals(raised.value))


def with_broker(case: Case, broker: PrivateBroker, user: str, patch: pytest.MonkeyPatch) -> Case:
    """The case with a broker that is there."""
    made = replace(case, port=broker.port, user=user)
    for name, text in made.environment.items():
        patch.setenv(name, text)
    return made


@pytest.fixture(scope="module")
def clerk(_session_broker: PrivateBroker) -> Iterator[str]:
    """A user whose password is right."""
    name = "clerk"
    _session_broker.add_user(name, PASSWORD)
    yield name
    _session_broker.delete_user(name)


@pytest.fixture
def refused(case: Case, broker: PrivateBroker, monkeypatch: pytest.MonkeyPatch) -> Case:
    """The case with a user whom the broker doesn't know."""
    return with_broker(case, broker, "stranger", monkeypatch)


@pytest.fixture
def accepted(
    case: Case, broker: PrivateBroker, clerk: str, monkeypatch: pytest.MonkeyPatch
) -> Case:
    """The case with the right password."""
    return with_broker(case, broker, clerk, monkeypatch)


@pytest.mark.broker
def test_a_broker_that_refuses(refused: Case, caplog: pytest.LogCaptureFixture) -> None:
    done = refused.run("run", "--log-level", "debug", "--log-format", "json")
    assert done.returncode == 5, done.stderr
    assert "was refused" in done.stderr
    caplog.set_level(logging.DEBUG)
    with pytest.raises(EventFluxError) as raised:
        refused.app(EventFluxManager()).start()
    check_error(raised.value)
    check_hidden(caplog.text)


def page(port: int, path: str) -> str:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
            return str(answer.read().decode())
    except urllib.error.HTTPError as error:
        return error.read().decode()


@pytest.mark.broker
def test_a_running_program_and_its_pages(accepted: Case, broker: PrivateBroker) -> None:
    if accepted.user not in accepted.sql + "".join(accepted.environment.values()):
        accepted.write(
            lambda sql: sql.replace(
                '"rabbitmq.queue"', '"rabbitmq.username" = \'clerk\', "rabbitmq.queue"'
            )
        )
    port = unused_port()
    process = accepted.start("--log-level", "debug", "--http", str(port))
    try:
        accepted.wait_until_logged(process, "running; Ctrl-C stops it")
        broker.publish("orders", [b'{"id": "A", "amount": 99}', b"no JSON"])
        broker.close_connections()
        pages = {path: page(port, path) for path in ("/live", "/ready", "/metrics", "/stats")}
        accepted.wait_until_logged(process, "connected again")
        process.terminate()
        assert process.wait(30) == 0
    finally:
        process.kill()
    assert "eventflux" in pages["/metrics"]
    for text in (*pages.values(), accepted.printed):
        check_hidden(text)
