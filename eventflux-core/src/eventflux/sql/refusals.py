"""What the language has, or other SQL has, and this version refuses by name."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from eventflux.sql.cursor import RESERVED, Cursor
from eventflux.sql.words import PLANNED


def _always(_: Cursor) -> bool:
    return True


def _before_parenthesis(cursor: Cursor) -> bool:
    return cursor.ahead().upper == "("


def _before_name(cursor: Cursor) -> bool:
    return cursor.ahead().is_name and cursor.ahead().upper not in RESERVED


def _before_nulls(cursor: Cursor) -> bool:
    return cursor.ahead().upper == "NULLS"


def _before_operand(cursor: Cursor) -> bool:
    """Whether something follows that an operator could take, and not a name's end."""
    following = cursor.ahead()
    return following.kind in ("string", "number", "quoted") or following.upper in (
        "(",
        "-",
        "IN",
        "TIME",
    )


class Refusal(msgspec.Struct, frozen=True):
    message: str
    hint: str
    """What to write instead, or that it is planned."""
    applies: Callable[[Cursor], bool] = _always


def _not_yet(
    what: str, hint: str | None = None, applies: Callable[[Cursor], bool] = _always
) -> Refusal:
    return Refusal(f"{what} is not supported yet", hint or PLANNED, applies)


_SUBQUERY = "a subquery in an expression would read the whole of an endless stream"
_SUBQUERY_HINT = (
    "a subquery stands in FROM: FROM (SELECT …) AS name; to look at the rows of another stream "
    f"is a join, {PLANNED}"
)

OPERATOR_REFUSALS: dict[str, Refusal] = {
    "::": _not_yet("the cast ::", "write CAST(x AS type)"),
    "ESCAPE": Refusal("ESCAPE follows the pattern of a LIKE", "write x LIKE '50!%' ESCAPE '!'"),
    "RLIKE": _not_yet("RLIKE", "write LIKE", _before_operand),
    "REGEXP": _not_yet("REGEXP", "write LIKE", _before_operand),
    "SIMILAR": _not_yet("SIMILAR TO", "write LIKE"),
    "GLOB": _not_yet("GLOB", "write LIKE", _before_operand),
    "CONTAINS": _not_yet("CONTAINS IN", "write the values: x IN (1, 2, 3)", _before_operand),
    "COLLATE": _not_yet("COLLATE", "texts compare by code point"),
    "OVER": Refusal(
        "OVER (…) has no meaning over an endless stream",
        "use a window: FROM S WINDOW('tumbling', 5 MINUTES) … GROUP BY …",
        lambda cursor: _before_parenthesis(cursor) or _before_name(cursor),
    ),
    "IGNORE": _not_yet("IGNORE NULLS", "leave it out: aggregates skip NULL", _before_nulls),
    "RESPECT": _not_yet(
        "RESPECT NULLS", "aggregates skip NULL: write first(coalesce(x, 0))", _before_nulls
    ),
    "SEPARATOR": _not_yet(
        "SEPARATOR", "write string_agg(x, ',')", lambda cursor: cursor.ahead().kind == "string"
    ),
    "FILTER": Refusal(
        "FILTER (WHERE …) follows an aggregate, and nothing else",
        "write CASE WHEN condition THEN value END",
        _before_parenthesis,
    ),
    "WITHIN": Refusal(
        "WITHIN GROUP (ORDER BY …) follows an aggregate, and nothing else",
        "write percentile_cont(0.95) WITHIN GROUP (ORDER BY x)",
        lambda cursor: cursor.ahead().upper == "GROUP",
    ),
    "DIV": _not_yet("DIV", "write CAST(a / b AS LONG)", _before_operand),
    "XOR": _not_yet("XOR", "write a != b", _before_operand),
    "ISNULL": _not_yet("ISNULL", "write IS NULL"),
    "NOTNULL": _not_yet("NOTNULL", "write IS NOT NULL"),
    "<=>": Refusal("the operator <=> is not SQL", "write a IS NOT DISTINCT FROM b"),
    "&&": Refusal("the operator && is not SQL", "write AND"),
    "??": Refusal("the operator ?? is not SQL", "write coalesce(a, b)"),
    "^": Refusal("the operator ^ is not SQL", "multiply: x * x"),
    "&": _not_yet("the operator &", "write AND between conditions"),
    "|": _not_yet("the operator |", "write OR between conditions"),
    "=>": Refusal("the operator => is not SQL", "write >="),
    ":=": Refusal("the operator := is not SQL", "write ="),
    "!": Refusal("! is not SQL", "write NOT, or != for not equal"),
    "~": Refusal("the operator ~ is not SQL", "write LIKE"),
}
"""By the keyword or symbol that stands where an operator may."""

OPERAND_REFUSALS: dict[str, Refusal] = {
    "EXISTS": Refusal(_SUBQUERY, _SUBQUERY_HINT, _before_parenthesis),
    "SELECT": Refusal(_SUBQUERY, _SUBQUERY_HINT),
    "!": Refusal("! is not SQL", "write NOT"),
    "~": Refusal("the operator ~ is not SQL", "write LIKE"),
    "$$": Refusal("$$ … $$ can't stand here", "write a string in single quotes"),
    "$": Refusal("$ means nothing here", "${NAME} is replaced in WITH values only"),
    "?": Refusal("placeholders are not supported", "write the value"),
    "@": Refusal("@ means nothing here", "remove it"),
    "#": Refusal(
        "# means nothing here", "a window stands after the stream: FROM S#window.tumbling(5 min)"
    ),
    "[": Refusal(
        "a list in brackets needs ARRAY before it", "write ARRAY[1, 2]; after IN: x IN (1, 2)"
    ),
    "{": Refusal("{ means nothing here", "${NAME} is replaced in WITH values only"),
    "*": Refusal("* can only stand for all columns, or in count(*)", "name a column"),
    "DISTINCT": _not_yet("DISTINCT", "GROUP BY the columns over a window"),
    "ALL": _not_yet("ALL before a value", "leave it out: count(x) counts all values", _before_name),
}
"""By the keyword or symbol that stands where a value may."""


def _before_by(cursor: Cursor) -> bool:
    return cursor.ahead().upper == "BY"


_JOIN_HINT = (
    f"joins are {PLANNED}; today each query reads one stream, and several may write into one"
)
_JOIN = _not_yet("JOIN", _JOIN_HINT)
_TABLES = f"tables are {PLANNED}; today all data is in streams"
_PATTERNS = f"patterns are {PLANNED}"

SEVERAL_ROWS = (
    "what gives several rows stands in the select list: SELECT id, UNNEST(tags) AS tag FROM S"
)


def _before_rows(cursor: Cursor) -> bool:
    """Whether what is joined are rows made of each: LATERAL …, UNNEST (…)."""
    ahead = [cursor.ahead(step).upper for step in range(4)]
    found = [place for place, word in enumerate(ahead) if word in ("LATERAL", "UNNEST")]
    return bool(found) and set(ahead[1 : found[0]]) <= {"JOIN", "OUTER"}


ROWS_REFUSAL = Refusal(
    "a join with LATERAL or UNNEST is not part of this language", SEVERAL_ROWS, _before_rows
)
"""Of the words in :data:`SOURCE_REFUSALS`, where either follows."""

SOURCE_REFUSALS: dict[str, Refusal] = {
    **dict.fromkeys(("JOIN", "INNER", "CROSS", "NATURAL", "UNIDIRECTIONAL"), _JOIN),
    **{
        word: _not_yet("JOIN", _JOIN_HINT, lambda cursor: cursor.ahead().upper in ("JOIN", "OUTER"))
        for word in ("LEFT", "RIGHT", "FULL")
    },
    ",": _not_yet("reading several streams at once (a join)", _JOIN_HINT),
    "->": _not_yet("a pattern", _PATTERNS),
    "=": _not_yet("a pattern", _PATTERNS),
    "LATERAL": ROWS_REFUSAL,
    "TABLESAMPLE": Refusal("TABLESAMPLE is not part of this language", "leave it out"),
}
"""By the keyword that stands after the stream of FROM."""

TABLE_FUNCTIONS: dict[str, tuple[str, str | None]] = {
    "PATTERN": ("PATTERN (…)", _PATTERNS),
    "SEQUENCE": ("SEQUENCE (…)", _PATTERNS),
    "MATCH": ("MATCH (…)", _PATTERNS),
    "UNNEST": ("UNNEST (…) in FROM", SEVERAL_ROWS),
    "LATERAL": ("LATERAL (…)", "write FROM (SELECT …) AS name"),
    "TABLE": ("TABLE (…) in FROM", "write FROM TUMBLE(TABLE S, DESCRIPTOR(ts), 5 MINUTES)"),
}
"""By the word that stands before ( after FROM."""

CLAUSE_REFUSALS: dict[str, Refusal] = {
    "FETCH": Refusal("FETCH is not part of this language", "write LIMIT 10"),
    "INTERSECT": Refusal(
        "INTERSECT has no meaning over endless streams", "filter with WHERE … AND …"
    ),
    "EXCEPT": Refusal("EXCEPT has no meaning over endless streams", "filter with WHERE NOT …"),
    "QUALIFY": Refusal(
        "QUALIFY has no meaning over an endless stream",
        "filter in a second query that reads this one's stream",
    ),
    "PARTITION": _not_yet("PARTITION BY", "group by the key", _before_by),
    "ON": _not_yet("ON", "only joins and UPSERT have one"),
    "WITHIN": _not_yet("WITHIN"),
    "[": _not_yet("a filter in brackets", "write WHERE"),
}
"""By the keyword that stands where a clause of a query may."""

STATEMENT_REFUSALS: dict[tuple[str, ...], Refusal] = {
    ("UPDATE",): _not_yet("UPDATE (tables)", _TABLES),
    ("DELETE",): _not_yet("DELETE (tables)", _TABLES),
    ("UPSERT",): _not_yet("UPSERT (tables)", _TABLES),
    ("PARTITION",): _not_yet("PARTITION", "group by the key: GROUP BY …"),
    ("(",): _not_yet("a query in parentheses", "remove the parentheses"),
    ("DROP",): Refusal(
        "DROP is not part of this language", "an app's definitions last as long as it runs"
    ),
    ("ALTER",): Refusal("ALTER is not part of this language", "change the definition itself"),
    ("MERGE",): Refusal("MERGE is not part of this language", "write INSERT INTO"),
    **{
        (word,): Refusal(f"{word} is not part of this language", "there are no transactions")
        for word in ("BEGIN", "COMMIT", "ROLLBACK", "START")
    },
    **{
        (word,): Refusal(f"{word} is not part of this language", hint)
        for word, hint in {
            "USE": "a program has its own streams and no databases",
            "GRANT": "who may read and write is settled at the broker",
            "SHOW": "`eventflux explain FILE` shows a program's streams and queries",
            "DESCRIBE": "`eventflux explain FILE` shows a program's streams and queries",
            "EXPLAIN": "`eventflux explain FILE` shows the plan of a program",
            "EXECUTE": "each statement of a program runs by itself",
            "DECLARE": "option values take variables of the environment: '${NAME}'",
        }.items()
    },
    ("#",): Refusal("'#' does not start a statement", "a comment begins with --"),
}
"""By the words that a statement starts with."""

DEFINITION_REFUSALS: dict[str, Refusal] = {
    "TABLE": _not_yet("CREATE TABLE", f"{_TABLES}: CREATE STREAM"),
    "MATERIALIZED": Refusal(
        "CREATE MATERIALIZED VIEW is not part of this language",
        "write CREATE VIEW: its rows are made as they come",
    ),
    "AGGREGATION": _not_yet("CREATE AGGREGATION", "write a query with a window and GROUP BY"),
    "OR": Refusal("CREATE OR REPLACE is not part of this language", "write CREATE alone"),
    "TEMPORARY": Refusal("TEMPORARY is not part of this language", "write CREATE STREAM"),
    "TEMP": Refusal("TEMP is not part of this language", "write CREATE STREAM"),
}
"""By the word after CREATE or DEFINE."""

COLUMN_CLAUSE_REFUSALS: dict[tuple[str, ...], Refusal] = {
    ("PRIMARY", "KEY"): _not_yet("PRIMARY KEY", "leave it out: streams have no keys"),
}
"""By the words that start a clause among the columns."""

COLUMN_REFUSALS: dict[str, Refusal] = {
    "NOT": Refusal("NOT NULL stands before METADATA", "write name type NOT NULL METADATA"),
    "PRIMARY": _not_yet("PRIMARY KEY", "leave it out: streams have no keys"),
    "UNIQUE": _not_yet("UNIQUE", "leave it out: streams have no keys"),
    "DEFAULT": _not_yet("DEFAULT", "write coalesce(column, value) in the query"),
    "NULL": Refusal("NULL is what every column may be", "leave it out, or write NOT NULL"),
    "CHECK": Refusal("CHECK is not part of this language", "write WHERE in the query"),
    "REFERENCES": Refusal("REFERENCES is not part of this language", "leave it out"),
    "COMMENT": Refusal("COMMENT is not part of this language", "write -- comment"),
}
"""By the word after the type of a column."""
