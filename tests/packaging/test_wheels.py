"""What the wheels hold, and what works once they are installed in a new environment."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.packaging.conftest import Environment

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
ORDERS = str(ROOT / "examples" / "orders.sql")
ROWS = f"OrderInput={ROOT / 'examples' / 'orders.jsonl'}"


def names_in(wheels: Path, distribution: str) -> set[str]:
    (wheel,) = wheels.glob(f"{distribution}-0*.whl")
    return set(zipfile.ZipFile(wheel).namelist())


@pytest.mark.parametrize(
    "package",
    [
        "eventflux_core",
        "eventflux_mappers",
        "eventflux_rabbitmq",
        "eventflux_websocket",
    ],
)
def test_each_distribution_ships_its_types_and_its_license(wheels: Path, package: str) -> None:
    names = names_in(wheels, package)
    module = package.removesuffix("_core")
    assert f"{module}/py.typed" in names
    assert any(name.endswith("licenses/LICENSE") for name in names)
    folders = {name.split("/")[0] for name in names}
    assert {folder for folder in folders if not folder.endswith(".dist-info")} == {module}


def test_the_meta_distribution_has_no_code(wheels: Path) -> None:
    assert all(".dist-info/" in name for name in names_in(wheels, "eventflux"))


def test_the_core_alone_says_what_to_install_for_a_program(core_alone: Environment) -> None:
    done = core_alone.run("eventflux", "run", ORDERS)
    assert done.returncode == 6, done.stderr
    install = next(line for line in done.stderr.splitlines() if "pip install" in line)
    assert set(install.split("pip install ")[1].split()) == {
        "eventflux-mappers",
        "eventflux-rabbitmq",
    }
    assert "Traceback" not in done.stderr
    assert core_alone.run("eventflux", "check", ORDERS).returncode == 6


def test_the_core_alone_runs_a_program_over_rows(core_alone: Environment) -> None:
    done = core_alone.run(
        "eventflux", "run", ORDERS, "--dry-run", "--input", ROWS, "--output", "json"
    )
    assert done.returncode == 0, done.stderr
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(row["order_id"], row["priority"]) for row in rows] == [
        ("A-1001", "HIGH"),
        ("A-1003", "LOW"),
        ("A-1004", "MEDIUM"),
        ("A-1006", "HIGH"),
        ("A-1007", "LOW"),
        ("A-1009", "MEDIUM"),
    ]
    assert "eventflux-rabbitmq" in done.stderr
    assert "eventflux-mappers" in done.stderr


def test_the_core_alone_knows_its_own_connectors(core_alone: Environment) -> None:
    done = core_alone.run("eventflux", "connectors")
    assert done.returncode == 0, done.stderr
    assert "memory" in done.stdout
    assert "rabbitmq" not in done.stdout


def test_the_core_alone_says_what_its_pages_need(core_alone: Environment, tmp_path: Path) -> None:
    program = tmp_path / "ticks.sql"
    program.write_text(
        "CREATE STREAM A (t STRING) WITH (type = 'source', extension = 'timer',"
        " \"timer.interval\" = '1h');\n"
        "CREATE STREAM B (t STRING) WITH (type = 'sink', extension = 'log');\n"
        "INSERT INTO B SELECT t FROM A;\n"
    )
    done = core_alone.run("eventflux", "run", str(program), "--http", "0")
    assert done.returncode == 6, done.stderr
    assert "prometheus-client" in done.stderr
    assert "pip install 'eventflux-core[http]'" in done.stderr
    assert "Traceback" not in done.stderr


def test_installing_a_plugin_is_all_it_takes(with_rabbitmq: Environment) -> None:
    plugins = with_rabbitmq.run("eventflux", "plugins")
    assert plugins.returncode == 0, plugins.stderr
    for distribution in ("eventflux-core", "eventflux-mappers", "eventflux-rabbitmq"):
        assert distribution in plugins.stdout
    assert "could not be loaded" not in plugins.stdout
    check = with_rabbitmq.run("eventflux", "check", ORDERS)
    assert (check.returncode, check.stderr) == (0, "")
    options = with_rabbitmq.run("eventflux", "connectors", "rabbitmq")
    assert "rabbitmq.prefetch" in options.stdout


def test_installed_packages_are_typed_for_others(with_rabbitmq: Environment) -> None:
    code = (
        "import importlib.resources as r\n"
        "for name in ('eventflux', 'eventflux_mappers', 'eventflux_rabbitmq'):\n"
        "    assert r.files(name).joinpath('py.typed').is_file(), name\n"
    )
    assert with_rabbitmq.run("python", "-c", code).returncode == 0
