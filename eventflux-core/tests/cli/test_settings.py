"""`--set` as the command line reads it."""

from __future__ import annotations

import pytest
import typer

from eventflux.cli.settings import parse_set


def test_a_value_may_hold_equals_signs_and_be_empty() -> None:
    assert parse_set(["S.a.b=x=y", "S.c="]) == {"S.a.b": "x=y", "S.c": ""}


def test_the_last_of_one_name_wins() -> None:
    assert parse_set(["S.a=1", "S.a=2"]) == {"S.a": "2"}


@pytest.mark.parametrize("text", ["S.a", "=1", " =1", "port=5"])
def test_what_is_no_assignment_is_a_usage_error(text: str) -> None:
    with pytest.raises(typer.BadParameter):
        parse_set([text])
