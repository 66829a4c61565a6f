"""The installed `eventflux` with a configuration file, an environment, `--set` and passwords."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

EVENTFLUX = str(Path(sys.executable).with_name("eventflux"))
PASSWORDS = {"sql": "pw-in-sql", "file": "pw-in-toml", "env": "pw-in-env", "set": "pw-in-set",
             "secret": "pw-in-secret-file"}  # fmt: skip
PROGRAM = """CREATE STREAM Orders (id STRING, amount DOUBLE) WITH (
  type = 'source', extension = 'rabbitmq', format = 'json',
  "rabbitmq.host" = 'localhost', "rabbitmq.queue" = 'orders', "rabbitmq.password" = 'pw-in-sql'
);
CREATE STREAM Out (id STRING) WITH (
  type = 'sink', extension = 'rabbitmq', format = 'json',
  "rabbitmq.host" = 'localhost', "rabbitmq.exchange" = 'out'
);
INSERT INTO Out SELECT id FROM Orders WHERE amount > 50;
"""
CONFIG = """[streams.Out]
"rabbitmq.password" = "pw-in-toml"
"rabbitmq.vhost" = "/"
"rabbitmq.prefetch" = 1
"""


def run(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [EVENTFLUX, *arguments],
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture
def program(tmp_path: Path) -> str:
    path = tmp_path / "orders.sql"
    path.write_text(PROGRAM)
    return str(path)


@pytest.fixture
def config(tmp_path: Path) -> str:
    path = tmp_path / "production.toml"
    path.write_text(CONFIG.replace('"rabbitmq.prefetch" = 1\n', ""))
    return str(path)


def shown(done: subprocess.CompletedProcess[str]) -> str:
    return done.stdout + done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("check",),
        ("check", "--show-options"),
        ("check", "--show-options", "--output", "json"),
        ("check", "--output", "json", "--set", "Orders.rabbitmq.prot=1"),
        ("check", "--set", "Orders.rabbitmq.port=x"),
        ("check", "--set", "Nowhere.rabbitmq.password=pw-in-set"),
        ("explain",),
        ("explain", "--format", "json"),
        ("explain", "--format", "mermaid"),
        ("explain", "--code"),
        ("run", "--dry-run"),
        ("run", "--log-level", "debug", "--set", "app.start.timeout=50ms"),
    ],
    ids=" ".join,
)
def test_a_password_is_in_no_output(
    program: str, config: str, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    secret = tmp_path / "secret"
    secret.write_text("pw-in-secret-file\n")
    done = run(
        arguments[0],
        program,
        "--config",
        config,
        *arguments[1:],
        "--set",
        "Orders.rabbitmq.password=${file:" + str(secret) + "}",
        "--set",
        "Orders.rabbitmq.port=1" if arguments[-1] == "app.start.timeout=50ms" else "app.name=x",
        EVENTFLUX_STREAMS__Out__rabbitmq_password="pw-in-env",
    )
    for password in PASSWORDS.values():
        assert password not in shown(done)
    assert "Traceback" not in shown(done)


@pytest.mark.parametrize(
    "wrong",
    [
        PROGRAM.replace("\"rabbitmq.queue\" = 'orders'", "\"rabbitmq.qeue\" = 'orders'"),
        PROGRAM.replace('"rabbitmq.password" = \'pw', '"rabbitmq.password" \'pw'),
        PROGRAM.replace("'pw-in-sql'", "'pw-in-sql"),
        PROGRAM.replace("'pw-in-sql'", "'pw-in-sql' 'x'"),
        PROGRAM.replace("'pw-in-sql'", "pw-in-sql"),
        PROGRAM.replace("'pw-in-sql'", '"pw-in-sql"'),
        PROGRAM.replace("'pw-in-sql'\n", "'pw-in-sql', \"rabbitmq.password\" = 'pw-in-sql'\n"),
        PROGRAM.replace("'pw-in-sql'\n)", "'pw-in-sql'\n"),
        PROGRAM.replace("extension = 'rabbitmq'", "extension = 'rabitmq'"),
        PROGRAM.replace("extension = 'rabbitmq'", "extension = 'kafka'"),
    ],
)
@pytest.mark.parametrize("output", ["text", "json"])
def test_an_error_on_the_line_of_a_password_hides_it(
    tmp_path: Path, wrong: str, output: str
) -> None:
    path = tmp_path / "wrong.sql"
    path.write_text(wrong)
    done = run("check", str(path), "--output", output)
    assert done.returncode in (3, 6)
    assert "pw-in-sql" not in shown(done)
    assert run("fmt", str(path), "--check").returncode in (1, 3)


def test_each_value_tells_where_it_comes_from(program: str, config: str) -> None:
    done = run(
        "check", program, "-c", config, "--show-options", "--output", "json",
        "--set", "Orders.rabbitmq.prefetch=7",
        EVENTFLUX_STREAMS__Out__rabbitmq_password="pw-in-env",
        EVENTFLUX_APP__STOP_TIMEOUT="3s",
        EVENTFLUX_VENV="of somebody else",
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    (options,) = json.loads(done.stdout)["options"]
    streams = {stream["stream"]: stream["options"] for stream in options["streams"]}
    orders = {option["name"]: option for option in streams["Orders"]}
    out = {option["name"]: option for option in streams["Out"]}
    settings = {setting["name"]: setting for setting in options["settings"]}
    assert (orders["rabbitmq.prefetch"]["value"], orders["rabbitmq.prefetch"]["layer"]) == (
        "7",
        "set",
    )
    assert (out["rabbitmq.vhost"]["file"], out["rabbitmq.vhost"]["line"]) == (config, 3)
    assert out["rabbitmq.password"]["variable"] == "EVENTFLUX_STREAMS__Out__rabbitmq_password"
    assert out["rabbitmq.password"]["value"] == orders["rabbitmq.password"]["value"] == "***"
    assert settings["app.stop.timeout"]["value"] == "3s"


def test_unknown_names_are_told_in_each_of_the_four_places(tmp_path: Path) -> None:
    program, config = tmp_path / "orders.sql", tmp_path / "c.toml"
    program.write_text(PROGRAM.replace("rabbitmq.exchange", "rabbitmq.exchnage"))
    config.write_text('[streams.Orders]\n"rabbitmq.prefecth" = 1\n')
    done = run(
        "check", str(program), "-c", str(config), "--set", "Orders.rabbitmq.vhots=x",
        EVENTFLUX_STREAMS__Orders__rabbitmq_heartbaet="1s",
    )  # fmt: skip
    assert done.returncode == 3
    for name in ("exchange", "prefetch", "vhost", "heartbeat"):
        assert f"did you mean 'rabbitmq.{name}'?" in done.stderr
    assert f"{config}:2: error: " in done.stderr
