"""Options: where they come from, what wins, what is refused and where it stands."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from eventflux import EventFluxManager, MissingPackageError, SqlError
from eventflux.app.substitution import substitute
from eventflux.base.errors import OptionError


def program(source: str = "", sink: str = "", head: str = "") -> str:
    return f"""{head}
CREATE STREAM Input (v LONG)
    WITH (type = 'source', extension = 'scripted', format = 'words'{source});
CREATE STREAM Out (v LONG) WITH (type = 'sink', extension = 'scripted', format = 'words'{sink});
INSERT INTO Out SELECT v FROM Input;
"""


def problems(outside: Any, sql: str, **given: Any) -> str:
    with pytest.raises(SqlError) as raised:
        outside.manager.create_app(sql, **given)
    return str(raised.value)


@pytest.mark.parametrize(
    ("option", "told"),
    [
        ("'words.seperator' = ','", "unknown option 'words.seperator'"),
        ("'words.seperator' = ','", "did you mean 'words.separator'?"),
        ("'batch.max.mesages' = '1'", "did you mean 'batch.max.messages'?"),
        ("'batch.max.messages' = 'many'", "expects an integer, got 'many'"),
        ("'max.in.flight' = '0'", "must be at least 1, got '0'"),
        ("'error.strategy' = 'explode'", "expects one of drop, retry, dlq, fail, got 'explode'"),
    ],
)
def test_a_wrong_option_is_named_at_its_place(outside: Any, option: str, told: str) -> None:
    text = problems(outside, program(source=f",\n  {option}"))
    assert told in text
    assert "<sql>:4:" in text
    assert "stream 'Input'" in text


def test_all_wrong_options_are_named_at_once(outside: Any) -> None:
    text = problems(
        outside, program(source=", 'linger' = '1s', colour = 'red'", sink=", 'linger' = 'soon'")
    )
    assert "option 'linger' is for sinks" in text
    assert "unknown option 'colour'" in text
    assert "option 'linger' expects a duration" in text


@pytest.mark.parametrize(
    ("option", "told"),
    [
        ("'words.position.v' = 'x'", "option 'words.position.v' expects an integer, got 'x'"),
        ("'words.position.w' = '1'", "'words.position.w': the stream has no column 'w'"),
        ("'words.position.w' = '1'", "hint: known: v"),
        ("'words.position.V' = '1'", "hint: did you mean 'v'?"),
        ("'words.positon.v' = '1'", "did you mean 'words.position.v'?"),
    ],
)
def test_a_wrong_member_of_a_family_is_named_at_its_place(
    outside: Any, option: str, told: str
) -> None:
    text = problems(outside, program(source=f",\n  {option}"))
    assert told in text
    assert [line for line, _ in places(text)] == [4]
    assert text.count("error:") == 1


def test_options_of_the_other_side_are_refused_by_name(outside: Any) -> None:
    text = problems(outside, program(source=", 'linger' = '1s'", sink=", 'words.position.v' = '0'"))
    assert "stream 'Input': option 'linger' is for sinks, this is a source" in text
    assert "stream 'Out': option 'words.position.v' is for sources, this is a sink" in text


def test_a_family_reaches_the_mapper(outside: Any) -> None:
    outside.queue.put(b"a 7")
    outside.queue.end()
    with outside.manager.create_app(program(source=", 'words.position.v' = '1'")) as app:
        assert app.wait_finished(5)
    assert outside.target.arrived == [b"7"]


def places(text: str) -> list[tuple[int, int]]:
    """Where the errors of a message stand, in its order."""
    return [
        (int(line), int(column)) for line, column in re.findall(r"^<sql>:(\d+):(\d+)", text, re.M)
    ]


def test_errors_of_sql_and_options_are_told_together_in_order(outside: Any) -> None:
    sql = """CREATE STREAM Input (v DOBLE, w LONG)
    WITH (type = 'source', extension = 'scripted', format = 'words', colour = 'red');
INSERT INTO Out SELECT nope FROM Input;
CREATE STREAM Out (v LONG) WITH (type = 'sink', extension = 'scripted', format = 'wrods',
    'linger' = 'soon');
SELECT v, FROM Input;
"""
    text = problems(outside, sql, overrides={"Input.lnger": "1", "Nowhere.x": "1"})
    assert places(text) == [(1, 24), (2, 70), (3, 24), (4, 82), (5, 5), (6, 11)]
    assert text.count("error:") == 8
    assert text.index("called 'Nowhere' (--set)") > text.index("<sql>:6:11")


@pytest.mark.parametrize(
    "column",
    ["v DOBLE", "'v' LONG", 'v LONG, "a""b" LONG', "v LONG METADATA FROM 'x'", "v LONG w LONG"],
)
def test_columns_that_are_wrong_hide_no_option(outside: Any, column: str) -> None:
    sql = program(source=", 'linger' = '1s'").replace("Input (v LONG)", f"Input ({column})")
    text = problems(outside, sql)
    assert text.count("error:") == 2
    assert "option 'linger' is for sinks" in text


@pytest.mark.parametrize(
    "definition",
    [
        "(type = 'sourc', extension = 'scripted', format = 'words', 'words.separator' = ',')",
        "(type = 'source', extention = 'scripted', format = 'words', 'words.separator' = ',')",
        "(type = 'source', extension = , format = 'words', 'words.separator' = ',')",
        "(type = 'source', extension = 'scriptd', format = 'words', 'words.separator' = ',')",
        "(extension = 'scripted', 'words.separator' = ',')",
    ],
)
def test_one_wrong_option_is_one_error(outside: Any, definition: str) -> None:
    text = problems(outside, f"CREATE STREAM Input (v LONG) WITH {definition};")
    assert text.count("error:") == 1


def test_options_of_a_stream_that_could_not_be_read_are_not_wrong(outside: Any) -> None:
    text = problems(outside, "CREATE STREAM Input v;", overrides={"Input.linger": "1s"})
    assert text.count("error:") == 1


def test_missing_packages_stand_among_the_other_errors() -> None:
    manager = EventFluxManager(plugins=False)
    sql = program(source=", 'linger' = '1s'").replace("'scripted'", "'rabbitmq'")
    sql = sql.replace("'words'", "'json'").replace("SELECT v", "SELECT nope")
    with pytest.raises(SqlError) as raised:
        manager.create_app(sql)
    text = str(raised.value)
    assert "pip install eventflux-rabbitmq" in text
    assert "'nope'" in text
    assert places(text) == sorted(places(text))


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        (program().replace("'scripted'", "'scriptd'", 1), "did you mean 'scripted'?"),
        (program().replace("'words'", "'wrods'", 1), "did you mean 'words'?"),
        (program().replace(", format = 'words'", "", 1), "'scripted' needs a format"),
    ],
)
def test_unknown_connectors_and_formats_are_named(outside: Any, sql: str, told: str) -> None:
    assert told in problems(outside, sql)


def test_a_package_that_is_not_installed_is_named() -> None:
    manager = EventFluxManager(plugins=False)
    sql = program().replace("'scripted'", "'rabbitmq'").replace("'words'", "'json'")
    with pytest.raises(MissingPackageError) as raised:
        manager.create_app(sql)
    assert raised.value.packages == ("eventflux-rabbitmq", "eventflux-mappers")
    assert "pip install eventflux-rabbitmq eventflux-mappers" in str(raised.value)


def test_set_wins_over_sql_which_wins_over_the_file(outside: Any) -> None:
    config = {"streams": {"Input": {"words.separator": "1", "batch": {"max": {"messages": 1}}}}}
    sql = program(source=", 'words.separator' = '2'")
    outside.queue.put(b"7,7")
    app = outside.manager.create_app(
        sql.replace("Input (v LONG)", "Input (v LONG, w LONG)"),
        config=config,
        overrides={"Input.words.separator": ","},
    )
    steps: list[int] = []
    app.on("Out", lambda rows: steps.append(len(rows)), batch=True)
    outside.queue.put(b"8,8", b"9,9")
    outside.queue.end()
    with app:
        assert app.wait_finished(5)
    assert outside.target.arrived == [b"7", b"8", b"9"]
    assert steps == [1, 1, 1]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"overrides": {"Inputt.linger": "1"}}, "no stream is called 'Inputt' (--set)"),
        ({"overrides": {"Out.lnger": "1"}}, "unknown option 'lnger' (--set)"),
        ({"overrides": {"Out.linger": "soon"}}, "got 'soon' (--set)"),
        ({"overrides": {"Input.type": "sink"}}, "'type' can be set in the SQL only (--set)"),
        ({"overrides": {"linger": "1"}}, "'linger' names no stream option and no setting"),
        ({"overrides": {"app.tiem": "event"}}, "unknown setting 'app.tiem' (--set)"),
        ({"overrides": {"app.time": "never"}}, "'never' (--set)"),
        ({"overrides": {"checkpoint.interval": "soon"}}, "is a duration such as"),
        ({"overrides": {"checkpoint.store": "redis"}}, "unknown checkpoint.store 'redis' (--set)"),
        ({"config": {"steams": {}}}, "'steams' is no table of a configuration file"),
        ({"config": {"streams": {"Inpt": {}}}}, "no stream is called 'Inpt' (the configuration)"),
        (
            {"config": {"streams": {"Input": {"colour": "red"}}}},
            "unknown option 'colour' (the configuration)",
        ),
        ({"config": {"streams": {"Input": {"linger": [1]}}}}, "'linger' is a list"),
        ({"config": {"app": {"start.timeout": "soon"}}}, "'soon' (the configuration)"),
    ],
)
def test_what_comes_from_outside_is_checked_and_says_from_where(
    outside: Any, given: Any, told: str
) -> None:
    assert told in problems(outside, program(), **given)


def test_settings_have_the_same_precedence(outside: Any) -> None:
    sql = program(head="SET app.name = 'from sql';")
    assert outside.manager.create_app(program(), name="/x/orders.sql").name == "orders"
    config = {"app": {"name": "from file"}}
    assert outside.manager.create_app(program(), config=config).name == "from file"
    assert outside.manager.create_app(sql, config=config).name == "from sql"
    overridden = outside.manager.create_app(sql, overrides={"app.name": "from set"})
    assert overridden.name == "from set"


def test_variables_are_put_in_before_types_are_checked(
    outside: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BATCH", "17")
    monkeypatch.delenv("NOT_THERE", raising=False)
    outside.manager.create_app(program(source=", 'batch.max.messages' = '${BATCH}'"))
    text = problems(outside, program(source=", 'batch.max.messages' = '${NOT_THERE}'"))
    assert "stream 'Input': option 'batch.max.messages': the environment variable NOT_THERE" in text


def test_references_are_replaced_once(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("s3cret\n")
    environment = {"HOST": "broker", "EMPTY": "", "NESTED": "${HOST}"}
    for text, expected in {
        "${HOST}:5672": "broker:5672",
        "${HOST}${HOST}": "brokerbroker",
        "${NONE:there}": "there",
        "${NONE:-there}": "there",
        "${EMPTY:there}": "there",
        "${EMPTY}": "",
        "${NONE:}": "",
        "${NONE:a:b}": "a:b",
        "${NESTED}": "${HOST}",
        "$${HOST}": "${HOST}",
        "$HOST": "$HOST",
        f"${{file:{secret}}}": "s3cret",
    }.items():
        assert substitute(text, environment) == expected, text
    for text in ("${NONE}", "${}", "${1x}", "${file:/not/there}"):
        with pytest.raises(OptionError):
            substitute(text, environment)


def test_replaced_connectors_need_not_be_installed() -> None:
    manager = EventFluxManager(plugins=False)
    sql = (
        program(source=", 'rabbitmq.queue' = '${QUEUE_NOT_SET}'")
        .replace("'scripted'", "'rabbitmq'")
        .replace("'words'", "'json'")
    )
    app = manager.create_app(sql, replace_external=True)
    warnings = [warning.render(sql) for warning in app.warnings]
    assert any("eventflux-rabbitmq" in warning for warning in warnings)
    assert all("warning:" in warning for warning in warnings)
    seen: list[int] = []
    app.on("Out", lambda row: seen.append(row.v))
    with app:
        app.input("Input").send((7,), wait="confirmed")
    assert seen == [7]
    assert app.health() == {}


def test_replaced_connectors_that_are_installed_are_checked(outside: Any) -> None:
    sql = program(source=", 'words.seperator' = ','")
    assert "did you mean 'words.separator'?" in problems(outside, sql, replace_external=True)
    app = outside.manager.create_app(program(), replace_external=True)
    with app:
        app.input("Input").send((7,))
    assert outside.source_factory.made == []
    assert outside.target.arrived == []


def test_common_options_are_checked_where_the_connector_is_missing() -> None:
    manager = EventFluxManager(plugins=False)
    sql = program(source=", 'max.in.flight' = 'x', 'rabbitmq.any' = 'y'")
    sql = sql.replace("'scripted'", "'rabbitmq'").replace("'words'", "'json'")
    with pytest.raises(SqlError) as raised:
        manager.create_app(sql, replace_external=True)
    assert "'max.in.flight' expects an integer" in str(raised.value)
    assert "unknown option" not in str(raised.value)
