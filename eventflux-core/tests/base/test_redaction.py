"""Passwords in the text of a program: nothing that is said of it shows them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventflux.base.errors import Diagnostic, Position, SqlError
from eventflux.base.redaction import Redaction


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("""("rabbitmq.password" = 'guest')""", """("rabbitmq.password" = '***')"""),
        ("'rabbitmq.password'='guest',", "'rabbitmq.password'='***',"),
        ("(rabbitmq.password == 'gu''est')", "(rabbitmq.password == '***')"),
        ("`ws.auth-token` = guest)", "`ws.auth-token` = ***)"),
        (
            "\"a.PassWord\" /* so */ = -- it's\n 'guest'",
            "\"a.PassWord\" /* so */ = -- it's\n '***'",
        ),
        ("'a.password' 'guest'", "'a.password' '***'"),
        ("'a.password' = 'guest' 'more'", "'a.password' = '***'"),
        ("'a.password' = my guest, b = 2", "'a.password' = ***, b = 2"),
        ("'a.password' = \"gu est\", b", "'a.password' = ***, b"),
        ("'a.password' = 'guest", "'a.password' = '***'"),
        ("'a.password' = 'gu\nest' x", "'a.password' = '***\n***' x"),
        ("'a.password = 'guest'", "'a.password = '***'"),
        ("'plugin.pin' = '1234', 'plugin.ping' = '5'", "'plugin.pin' = '***', 'plugin.ping' = '5'"),
        ("'p.of.me' = '1234', 'p.off' = '5'", "'p.of.me' = '***', 'p.off' = '5'"),
        ("'u' = 'amqp://me:guest@host/'", "'u' = 'amqp://***@host/'"),
        ("'a.password' = '${PASSWORD}', b", "'a.password' = '${PASSWORD}', b"),
        ("'a.password' = '${file:/run/x}'", "'a.password' = '${file:/run/x}'"),
        ("'a.password' = '${PASSWORD:guest}'", "'a.password' = '***'"),
        ("WHERE password = 'no option'", "WHERE password = 'no option'"),
        ("'rabbitmq.host' = 'localhost'", "'rabbitmq.host' = 'localhost'"),
        ("(url = 'ws://h/?key=1', urls = '5')", "(url = '***', urls = '5')"),
    ],
)
def test_values_of_secret_options_are_hidden(text: str, shown: str) -> None:
    assert Redaction(text, {"plugin.pin", "p.of.", "url"}).hide(text) == shown


def test_the_caret_stays_under_what_it_is_about() -> None:
    sql = "CREATE STREAM S (a INT)\nWITH ('a.password' = 'a long one', 'a.prot' = 1);"
    position = Position(2, sql.splitlines()[1].index("'a.prot'") + 1)
    shown = Diagnostic("unknown", position).render(sql).splitlines()
    assert "a long one" not in shown[1]
    assert shown[1][shown[2].index("^") :].startswith("'a.prot'")


@pytest.mark.parametrize(
    ("sql", "message", "shown"),
    [
        ("'a.password' 'guest'", "found the string 'guest'", "found the string '***'"),
        ("'a.password' = my pass", "write 'my pass'", "write '***'"),
        ("'a.password' = 'ab'", "'ab' is no absolute path", "'***' is no absolute path"),
        ("'a.password' = 'it''s'", "not 'it''s', not it's", "not '***', not ***"),
        ("", "amqp://me:guest@host refused", "amqp://***@host refused"),
    ],
)
def test_messages_do_not_repeat_them(sql: str, message: str, shown: str) -> None:
    assert Redaction(sql).message(message) == shown


def test_an_error_shows_them_in_no_part() -> None:
    sql = "'a.password' = 'guest!'"
    error = SqlError([Diagnostic("not 'guest!'", Position(1, 16), "try 'guest!'")], sql)
    assert "guest!" not in f"{error} {error!r} {error.diagnostics} {vars(error)}"


@given(st.text("'\"a.password= \n-/*x", max_size=40), st.integers(1, 5), st.integers(1, 40))
def test_any_text_can_be_shown(sql: str, line: int, column: int) -> None:
    text = Redaction(sql)
    assert text.hide(sql).count("\n") == sql.count("\n")
    shown = text.excerpt(line, column)
    assert shown is None or shown[1] >= 1


def test_a_long_text_takes_no_longer_than_its_length() -> None:
    for piece in ("a.b-", "'", '"', "x ", "'password' ", "/*", "--"):
        assert Redaction(piece * 20_000).excerpt(1, 1) is not None
