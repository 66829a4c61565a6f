"""Each declared option of each connector and mapper with what it can't be.

The cases are made from the declarations, so that a new option is tried as soon as it is declared.
"""

from __future__ import annotations

import typing
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import pytest

from eventflux import EventFluxError, EventFluxManager
from eventflux.runtime.stream_options import SinkStreamOptions, SourceStreamOptions
from eventflux.spi import Bytes, Duration, OptionSpec, Secret

ALSO = {
    "rabbitmq": {"rabbitmq.host": "localhost"},
    "websocket": {"websocket.url": "ws://localhost"},
}
"""What a connector needs besides its required options."""

MANAGER = EventFluxManager()
CONTEXT = MANAGER.context
Role = Literal["source", "sink"]


@dataclass(frozen=True)
class Place:
    """An option, and the stream that it is tried on."""

    role: Role
    extension: str
    format: str | None
    spec: OptionSpec
    beside: tuple[OptionSpec, ...]
    """All options of that stream."""

    @property
    def name(self) -> str:
        """The option as a stream with the column ``v`` has it."""
        return self.spec.name.replace("<column>", "v").replace(f"<{self.spec.of}>", "some-name")

    def __str__(self) -> str:
        return f"{self.role} {self.extension}/{self.format}: {self.spec.name}"


def plausible(spec: OptionSpec) -> str:
    """A text that a required option may have."""
    if spec.type is bool:
        return "true"
    if spec.type in (int, float, Bytes):
        return str(spec.low or 1)
    if spec.type is Duration:
        return "1s"
    choices = typing.get_args(spec.type)
    return str(choices[0]) if choices else "some-text"


def places() -> Iterator[Place]:
    roles: Sequence[tuple[Role, Any, Any, Any]] = (
        ("source", CONTEXT.source_factories, CONTEXT.source_mapper_factories, SourceStreamOptions),
        ("sink", CONTEXT.sink_factories, CONTEXT.sink_mapper_factories, SinkStreamOptions),
    )
    for role, connectors, mappers, common in roles:
        for name, connector in connectors.items():
            formats = list(connector.formats)
            chosen = None if not formats else "json" if formats[0] == "*" else formats[0]
            own = connector.options.specs()
            beside = (*own, *common.specs(), *(mappers[chosen].options.specs() if chosen else ()))
            for spec in (*own, *(common.specs() if name == "memory" else ())):
                yield Place(role, name, chosen, spec, beside)
        for name, mapper in mappers.items():
            own = mapper.options.specs()
            beside = (*own, *connectors["memory"].options.specs())
            for spec in own:
                yield Place(role, "memory", name, spec, beside)


PLACES = list(places())


def told(place: Place, name: str, value: str) -> str:
    """What is said of a stream that sets this option, on its fourth line."""
    given = {spec.name: plausible(spec) for spec in place.beside if spec.required}
    given |= ALSO.get(place.extension, {})
    given.pop(place.spec.name, None)
    lines = [f"type = '{place.role}', extension = '{place.extension}'"]
    lines[0] += f", format = '{place.format}'" if place.format else ""
    required = ", ".join(f"'{key}' = '{text}'" for key, text in given.items())
    lines += [required] if required else ["'error.log-level' = 'warn'"]
    lines.append(f"'{name}' = '{value}'")
    sql = "CREATE STREAM S (v STRING) WITH (\n" + ",\n".join(lines) + "\n);"
    with pytest.raises(EventFluxError) as raised:
        MANAGER.create_app(sql, name="program.sql")
    return str(raised.value)


def wrong_values(spec: OptionSpec) -> dict[str, str]:
    """Values that ``spec`` can't have, and what must be said of each."""
    if typing.get_origin(spec.type) is Literal:
        choices = ", ".join(map(str, typing.get_args(spec.type)))
        return {"none-of-them": f"expects one of {choices}, got 'none-of-them'"}
    expected: dict[Any, dict[str, str]] = {
        bool: {"perhaps": "expects true or false, got 'perhaps'"},
        int: {
            "many": "expects an integer, got 'many'",
            "1.5": "expects an integer, got '1.5'",
            "": "expects an integer, got ''",
        },
        float: {"many": "expects a number, got 'many'"},
        Duration: {"soon": "expects a duration such as 250ms or 2s, got 'soon'"},
        Bytes: {"large": "expects a size such as 4096 or 4 MiB, got 'large'"},
    }
    return expected.get(spec.type, {})


def out_of_range(spec: OptionSpec) -> dict[str, str]:
    limits = f"at least {spec.low}" if spec.high is None else f"{spec.low} to {spec.high}"
    found = {}
    if spec.low is not None and not (spec.type in (Duration, Bytes) and spec.low == 0):
        found[str(spec.low - 1)] = f"must be {limits}, got '{spec.low - 1}'"
    if spec.high is not None:
        found[str(spec.high + 1)] = f"must be {limits}, got '{spec.high + 1}'"
    return found


@pytest.mark.parametrize("place", PLACES, ids=str)
def test_a_wrong_value_is_refused_with_what_was_expected(place: Place) -> None:
    cases = wrong_values(place.spec) | out_of_range(place.spec)
    for value, expected in cases.items():
        text = told(place, place.name, value)
        first = text.splitlines()[0]
        assert first.startswith("program.sql:4:1: error: stream 'S': ")
        assert f"option '{place.name}' {expected}" in first
        assert f"hint: {place.spec.doc}" in text
        assert text.count("error:") == 1, text


@pytest.mark.parametrize("place", PLACES, ids=str)
def test_a_misspelt_name_is_refused_with_the_right_one(place: Place) -> None:
    name = place.name
    misspelt = name[:-3] + name[-2] + name[-3] + name[-1] if name[-3] != name[-2] else name + "x"
    if place.spec.of is not None:
        stem = place.spec.stem.removesuffix(".")
        misspelt = stem[:-2] + stem[-1] + stem[-2] + "." + name.removeprefix(place.spec.stem)
    text = told(place, misspelt, plausible(place.spec))
    unknown = f"program.sql:4:1: error: stream 'S': unknown option '{misspelt}'"
    assert unknown in text
    assert f"did you mean '{name}'?" in text


@pytest.mark.parametrize("place", [place for place in PLACES if place.spec.type is Secret], ids=str)
def test_a_secret_under_a_misspelt_name_shows_nowhere(place: Place) -> None:
    name = place.name + "x"
    if place.spec.of is not None:
        stem = place.spec.stem.removesuffix(".")
        name = f"{stem}x.{place.name.removeprefix(place.spec.stem)}"
    text = told(place, name, "what-nobody-may-see")
    assert f"unknown option '{name}'" in text
    assert "what-nobody-may-see" not in text


@pytest.mark.parametrize("place", PLACES, ids=str)
def test_a_reference_to_nothing_is_refused(place: Place) -> None:
    text = told(place, place.name, "${A_VARIABLE_THAT_NOBODY_SET}")
    assert text.startswith(f"program.sql:4:1: error: stream 'S': option '{place.name}': ")
    assert "A_VARIABLE_THAT_NOBODY_SET is not set" in text
    assert text.count("error:") == 1, text


@pytest.mark.parametrize("place", [place for place in PLACES if place.spec.required], ids=str)
def test_a_required_option_that_is_missing_is_named(place: Place) -> None:
    text = told(place, "error.strategy", "drop")
    assert f"stream 'S': option '{place.name}' is required" in text
    assert f"hint: {place.spec.doc}" in text


@pytest.mark.parametrize("place", [place for place in PLACES if place.spec.type is Secret], ids=str)
def test_a_secret_shows_in_no_error(place: Place) -> None:
    text = told(place, place.name, "mark-of-a-secret${A_VARIABLE_THAT_NOBODY_SET}")
    excerpt = [line for line in text.splitlines() if " | " not in line]
    assert "mark-of-a-secret" not in "\n".join(excerpt)


def test_all_kinds_of_connectors_and_mappers_were_tried() -> None:
    names = {(place.role, place.extension) for place in PLACES}
    assert {("source", "rabbitmq"), ("sink", "rabbitmq"), ("source", "timer")} <= names
    assert sum(bool(wrong_values(place.spec)) for place in PLACES) > 30
