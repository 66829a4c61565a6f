"""Settings: typed values, defaults, and what is wrong with them."""

from __future__ import annotations

import pytest

from eventflux.planner import plan_sql
from eventflux.planner.settings import SETTINGS, parse_setting, read_setting


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("app.name", "orders", "orders"),
        ("app.time", "EVENT", "event"),
        ("app.flush.on.stop", "True", True),
        ("app.start.timeout", "5000", 5000),
        ("app.stop.timeout", "1 min 30 sec", 90_000),
    ],
)
def test_typed_values(name: str, text: str, value: object) -> None:
    assert parse_setting(name, text) == value
    assert read_setting({name: text}, name) == value


@pytest.mark.parametrize("name", SETTINGS)
def test_every_setting_has_a_default_and_a_meaning(name: str) -> None:
    assert read_setting({}, name) == SETTINGS[name].default
    assert SETTINGS[name].doc


def test_settings_of_a_program_are_text_as_written() -> None:
    plan = plan_sql("SET app.start.timeout = '2s'; SET app.time = Event; SET app.name = NULL;").plan
    assert plan.settings == {"app.start.timeout": "2s", "app.time": "Event"}
    assert read_setting(plan.settings, "app.start.timeout") == 2000
