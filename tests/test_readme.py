"""What the README and the examples show, run."""

from __future__ import annotations

import contextlib
import importlib
import io
import re
from pathlib import Path

import pytest

from eventflux import EventFluxManager

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def without_comments(sql: str) -> str:
    return re.sub(r"^--.*\n+", "", sql, flags=re.MULTILINE).strip()


def test_the_sql_is_that_of_the_example() -> None:
    (sql,) = blocks("sql")
    example = (ROOT / "examples" / "orders.sql").read_text(encoding="utf-8")
    assert without_comments(sql) == without_comments(example)


def test_the_python_runs_and_prints_the_alarm() -> None:
    (code,) = blocks("python")
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(code, "README.md", "exec"), {"__name__": "readme"})
    assert printed.getvalue() == "boiler 203.0\n"


@pytest.mark.parametrize("readme", sorted(ROOT.glob("eventflux-*/README.md")), ids=str)
def test_the_programs_of_a_package_are_right(readme: Path) -> None:
    text = readme.read_text(encoding="utf-8")
    for sql in re.findall(r"```sql\n(.*?)```", text, re.DOTALL):
        assert EventFluxManager().create_app(sql, replace_external=True).warnings == ()


def test_links_lead_somewhere() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        assert (ROOT / target).exists(), target


def test_it_opens_with_the_two_scripts_and_the_installation() -> None:
    opening = README.split("\n## ")[0]
    assert opening.index("scripts/demo") < opening.index("scripts/test")
    assert opening.index("scripts/test") < opening.index("pip install 'eventflux[rabbitmq]'")


def test_custom_connectors_and_a_function_in_one_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "examples"))
    module = importlib.import_module("custom_connectors")
    assert module.main() == [("readings", 209.3), ("readings", 210.2), ("readings", 211.1)]
