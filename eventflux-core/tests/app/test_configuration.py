"""The configuration file and the environment: what they say, what wins, what is refused."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from eventflux import SqlError
from eventflux.app.config_file import lines_of
from eventflux.app.program import Examined, examine
from eventflux.app.substitution import MOST_BYTES, substitute
from eventflux.base.errors import Diagnostic, OptionError

PREFIX = "EVENTFLUX_STREAMS__"


def program(source: str = "", columns: str = "v LONG") -> str:
    return f"""CREATE STREAM Input ({columns})
    WITH (type = 'source', extension = 'scripted', format = 'words'{source});
CREATE STREAM Out (v LONG) WITH (type = 'sink', extension = 'scripted', format = 'words');
INSERT INTO Out SELECT v FROM Input;
"""


@pytest.fixture
def told(outside: Any, tmp_path: Path) -> Any:
    """Everything that is said of a program with a configuration, an environment, `--set`."""

    def tell(
        sql: str,
        toml: str = "",
        variables: Mapping[str, str] | None = None,
        overrides: Mapping[str, str] | None = None,
    ) -> Examined:
        file = tmp_path / "production.toml"
        file.write_text(toml, encoding="utf-8")
        examined: Examined = examine(
            sql,
            outside.manager.context,
            file="orders.sql",
            config=file,
            environment=variables or {},
            overrides=overrides,
        )
        return examined

    return tell


def value_of(examined: Examined, option: str, stream: str = "Input") -> tuple[str, str]:
    """An option's text and where it comes from."""
    assert examined.program is not None, examined.problems
    text = examined.program.wiring.streams[stream].texts[option]
    return text.text, text.origin.shown("orders.sql").rpartition("/")[2]


LAYERS = {
    "file": ("1", "production.toml:2"),
    "environment": ("2", f"{PREFIX}Input__batch_max_messages"),
    "sql": ("3", "orders.sql:2"),
    "set": ("4", "--set"),
}


@pytest.mark.parametrize("strongest", range(1, 5))
def test_each_layer_wins_over_those_before_it(told: Any, strongest: int) -> None:
    given = list(LAYERS)[:strongest]
    examined = told(
        program(", 'batch.max.messages' = '3'" if "sql" in given else ""),
        '[streams.Input]\n"batch.max.messages" = 1\n' if "file" in given else "",
        {f"{PREFIX}Input__batch_max_messages": "2"} if "environment" in given else {},
        {"Input.batch.max.messages": "4"} if "set" in given else {},
    )
    assert value_of(examined, "batch.max.messages") == LAYERS[given[-1]]
    resolved = examined.program.wiring.streams["Input"]
    assert resolved.common.batch_max_messages == int(LAYERS[given[-1]][0])


@pytest.mark.parametrize("strongest", range(1, 5))
def test_settings_have_the_same_order(told: Any, strongest: int) -> None:
    given = list(LAYERS)[:strongest]
    examined = told(
        ("SET app.start.timeout = '3s';\n" if "sql" in given else "") + program(),
        '[app]\n"start.timeout" = "1s"\n' if "file" in given else "",
        {"EVENTFLUX_APP__START_TIMEOUT": "2s"} if "environment" in given else {},
        {"app.start.timeout": "4s"} if "set" in given else {},
    )
    assert examined.program is not None
    text = examined.program.setting_texts["app.start.timeout"]
    assert text.text == f"{strongest}s"
    assert text.origin.layer == given[-1]


@pytest.mark.parametrize(
    ("variable", "option"),
    [
        ("batch_max_messages", "batch.max.messages"),
        ("BATCH_MAX_MESSAGES", "batch.max.messages"),
        ("error_log_level", "error.log-level"),
        ("words_separator", "words.separator"),
        ("words_position_v", "words.position.v"),
        ("words_position_a__b", "words.position.a__b"),
    ],
)
def test_an_underscore_stands_for_a_dot_or_a_dash(told: Any, variable: str, option: str) -> None:
    values = {"error.log-level": "debug", "words.separator": ","}
    value = values.get(option, "1")
    examined = told(program(columns="v LONG, a__b LONG"), "", {f"{PREFIX}Input__{variable}": value})
    assert value_of(examined, option) == (value, f"{PREFIX}Input__{variable}")


def test_streams_of_any_name_can_be_meant(told: Any) -> None:
    sql = program().replace("Input", '"in-put__1"')
    examined = told(sql, "", {f"{PREFIX}in_put__1__max_in_flight": "7"})
    assert value_of(examined, "max.in.flight", "in-put__1")[0] == "7"
    examined = told(program(), "", {f"{PREFIX}INPUT__MAX_IN_FLIGHT": "7"})
    assert value_of(examined, "max.in.flight")[0] == "7"


def messages(diagnostics: tuple[Diagnostic, ...]) -> str:
    return "\n".join(diagnostic.render("", "orders.sql") for diagnostic in diagnostics)


@pytest.mark.parametrize(
    ("variable", "text"),
    [
        (f"{PREFIX}Inputt__max_in_flight", "no stream is called 'Inputt'"),
        (f"{PREFIX}Inputt__max_in_flight", "did you mean 'Input'?"),
        (f"{PREFIX}Input__max_in_fligth", "unknown option 'max.in.fligth'"),
        (f"{PREFIX}Input__max_in_fligth", "did you mean 'max.in.flight'?"),
        (f"{PREFIX}Input__max_in_fligth", f"(environment variable {PREFIX}Input__max_in_fligth)"),
        (f"{PREFIX}Input__max_in_flight", "option 'max.in.flight' expects an integer, got 'x'"),
        (f"{PREFIX}Input__linger", "option 'linger' is for sinks, this is a source"),
        (f"{PREFIX}Input__type", "'type' can be set in the SQL only"),
        (f"{PREFIX}Input__event_time", "'event.time' can be set in the SQL only"),
        (f"{PREFIX}Input", "names no stream and option"),
        (f"{PREFIX}Input__words_position_w", "'words.position.w' expects an integer"),
        ("EVENTFLUX_STREAM__Input__linger", "did you mean EVENTFLUX_STREAMS__"),
        ("EVENTFLUX_APP__start_timeuot", "did you mean 'app.start.timeout'?"),
        ("EVENTFLUX_APP__start_timeout", "app.start.timeout is a duration"),
        ("EVENTFLUX_APP__start_timeout", "(environment variable EVENTFLUX_APP__start_timeout)"),
        ("EVENTFLUX_CHECKPOINT__interval", "checkpoint.interval is a duration"),
    ],
)
def test_a_variable_that_can_not_be_meant_is_refused(told: Any, variable: str, text: str) -> None:
    examined = told(program(), "", {variable: "x"})
    assert text in messages(examined.problems)
    assert len(examined.problems) == 1


def test_a_variable_that_may_be_two_options_is_refused(told: Any) -> None:
    columns = 'v LONG, "a-b" LONG, "a.b" LONG'
    examined = told(program(columns=columns), "", {f"{PREFIX}Input__words_position_a_b": "1"})
    assert "may be 'words.position.a-b' or 'words.position.a.b'" in messages(examined.problems)


def test_a_variable_that_may_be_of_two_streams_is_refused(told: Any) -> None:
    sql = program().replace("Input", '"in.put"') + "CREATE STREAM in_put (v LONG);"
    examined = told(sql.replace("in_put (v", '"in-put" (v'), "", {f"{PREFIX}in_put__linger": "1"})
    assert "may be 'linger' of 'in-put' or 'linger' of 'in.put'" in messages(examined.problems)


def test_two_variables_of_one_option_are_refused(told: Any) -> None:
    names = (f"{PREFIX}Input__MAX_IN_FLIGHT", f"{PREFIX}Input__max_in_flight")
    examined = told(program(), "", dict.fromkeys(names, "7"))
    assert f"'max.in.flight' is set by {names[0]} too" in messages(examined.problems)


def test_variables_of_others_are_let_be(told: Any) -> None:
    examined = told(program(), "", {"EVENTFLUX_VENV": "/x", "EVENTFLUX_PYTHON": "y", "PATH": "z"})
    assert examined.program is not None
    assert examined.warnings == ()


def test_a_single_underscore_is_doubted(told: Any) -> None:
    examined = told(program(), "", {"EVENTFLUX_STREAMS_Input_linger": "1s"})
    assert examined.program is not None
    (warning,) = examined.warnings
    assert "EVENTFLUX_STREAMS_Input_linger is not used" in warning.message
    assert "two underscores" in (warning.hint or "")


def test_variables_are_taken_as_they_are(told: Any) -> None:
    examined = told(program(), "", {f"{PREFIX}Input__words_separator": "${"})
    assert value_of(examined, "words.separator")[0] == "${"


@pytest.mark.parametrize(
    ("toml", "line", "text"),
    [
        ("[streams.Input]\n\n# why\ncolour = 'red'", 4, "unknown option 'colour'"),
        ("[streams.Input]\n'batch.max.mesages' = 1", 2, "did you mean 'batch.max.messages'?"),
        ("[streams.Input]\nmax.in.flight = 'x'", 2, "expects an integer, got 'x'"),
        ("[streams.Input.max]\nin.flight = 'x'", 2, "expects an integer, got 'x'"),
        ("streams.Input = {linger = '1s'}", 1, "option 'linger' is for sinks"),
        ("\n[streams.Inptu]\nlinger = '1s'", 2, "did you mean 'Input'?"),
        ("[streams]\nInput = 1", 2, "[streams.Input] is no table"),
        ("[steams.Input]\nlinger = '1s'", 1, "did you mean 'streams'?"),
        ("[queries.q]\nname = 'x'", 1, "it has [app] and [streams.<name>]"),
        ("[app]\ntiem = 'event'", 2, "did you mean 'app.time'?"),
        ("[app]\ntime = 'never'", 2, "'never'"),
        ("[streams.Input]\nlinger = [\n 1]", 2, "'linger' is a list"),
        ("[streams.Input]\nlinger = 2020-01-01", 2, "'linger' is a date"),
        ("[streams.Input]\na.b = 1\n'a.b' = 2", 3, "'a.b' is given twice"),
        ("[streams.Input]\ntype = 'sink'", 2, "'type' can be set in the SQL only"),
        ("[streams.Input]\n'words.separator' = '${NOT_SET}'", 2, "NOT_SET is not set"),
        ("[app]\nname = '${NOT_SET}'", 2, "app.name: the environment variable NOT_SET"),
    ],
)
def test_what_is_wrong_in_the_file_is_told_with_its_line(
    told: Any, toml: str, line: int, text: str
) -> None:
    rendered = messages(told(program(), toml).problems)
    assert text in rendered
    assert f"production.toml:{line}: error: " in rendered


def test_the_lines_of_a_toml_file() -> None:
    text = '''# options
title = "x"
[streams."a.b"]
"rabbitmq.host" = "h"
long = """
[not.a.table]
x = 1
"""
list = [
  1,
]
rabbitmq.port = 1
'''
    table = ("streams", "a.b")
    assert lines_of(text) == {
        ("title",): 2,
        ("streams",): 3,
        table: 3,
        (*table, "rabbitmq.host"): 4,
        (*table, "long"): 5,
        (*table, "list"): 9,
        (*table, "rabbitmq"): 12,
        (*table, "rabbitmq", "port"): 12,
    }


@pytest.mark.parametrize(
    ("name", "content", "text"),
    [
        ("c.toml", b"[streams", r"c\.toml is not TOML"),
        ("c.yaml", b"streams:\n  A: 1\n", r"a configuration file is TOML"),
        ("c.toml", b"\xff", r"is not UTF-8"),
        ("none.toml", None, r"can't be read"),
    ],
)
def test_a_file_that_can_not_be_read_is_named(
    outside: Any, tmp_path: Path, name: str, content: bytes | None, text: str
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(OptionError, match=text):
        outside.manager.create_app(program(), config=path)


def test_references_are_put_into_the_file_and_set_and_settings(told: Any) -> None:
    examined = told(
        "SET app.name = '${NAME}';\n" + program(),
        "[app]\nstart.timeout = '${SECONDS}s'\n[streams.Input]\nmax.in.flight = '${SECONDS}'",
        {"SECONDS": "9", "NAME": "x"},
        {"Input.batch.max.messages": "${SECONDS}"},
    )
    assert value_of(examined, "max.in.flight")[0] == "9"
    assert value_of(examined, "batch.max.messages")[0] == "9"
    assert examined.program.settings["app.start.timeout"] == "9s"
    # outside of WITH the text of SQL is left as it is
    assert examined.program.settings["app.name"] == "${NAME}"


def test_references_are_put_into_what_the_plan_depends_on(told: Any) -> None:
    sql = program(", 'event.time' = '${TIME}'").replace("'source'", "'${ROLE:source}'")
    examined = told(sql, "", {"TIME": "v"})
    assert examined.program.plan.streams["Input"].event_time == "v"
    assert examined.program.plan.streams["Input"].role == "source"
    (problem,) = told(sql, "", {"TIME": "v", "ROLE": "sorce"}).problems
    assert "did you mean 'source'?" in problem.hint
    (problem,) = told(sql).problems
    assert "Input: 'event.time': the environment variable TIME is not set" in problem.message
    (problem,) = told(sql.replace(":source", ""), "", {"TIME": "v"}).problems
    assert "Input: 'type': the environment variable ROLE is not set" in problem.message


def test_only_the_text_that_wins_needs_its_variables(told: Any) -> None:
    toml = "[streams.Input]\nmax.in.flight = '${NOT_SET}'"
    examined = told(program(", 'max.in.flight' = '7'"), toml)
    assert value_of(examined, "max.in.flight")[0] == "7"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("${NONE", "never closed"),
        ("${A:${B}}", "the default of \\${A:…} holds a reference"),
        ("${}", "'\\${}' is no reference"),
        ("${A B}", "is no reference"),
        ("${file:/not/there}", "the file can't be read: No such file"),
        ("${file:}", "the file can't be read"),
        ("${file:/dev/zero}", "the file is longer than 64 KiB"),
    ],
)
def test_a_reference_that_is_none_is_refused(text: str, told: str) -> None:
    with pytest.raises(OptionError, match=told):
        substitute(text, {})


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"s3cret\n", "s3cret"),
        (b"s3cret\r\n", "s3cret"),
        (b"s3cret\n\n", "s3cret\n"),
        (b" a b ", " a b "),
        (b"${HOME}", "${HOME}"),
        (b"x" * MOST_BYTES, "x" * MOST_BYTES),
    ],
)
def test_the_text_of_a_file_is_put_in_but_for_its_last_newline(
    tmp_path: Path, content: bytes, text: str
) -> None:
    file = tmp_path / "secret"
    file.write_bytes(content)
    assert substitute(f"<${{file:{file}}}>", {}) == f"<{text}>"


def test_a_file_that_is_no_text_is_named_without_a_byte_of_it(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_bytes(b"s3cret\xff")
    with pytest.raises(OptionError, match=r"secret}: the file is not UTF-8 text$"):
        substitute(f"${{file:{file}}}", {})


def test_the_text_of_a_file_is_not_shown(told: Any, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("s3cret\n")
    reference = f"${{file:{tmp_path / 'secret'}}}"
    examined = told(program(f", 'max.in.flight' = '{reference}'"))
    (problem,) = examined.problems
    assert "'max.in.flight' expects an integer, got the given value" in problem.message
    with pytest.raises(SqlError) as raised:
        raise SqlError(examined.problems, program())
    assert "s3cret" not in str(raised.value)
