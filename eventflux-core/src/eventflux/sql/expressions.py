"""Expressions: recognised here, token by token, and built into a tree by sqlglot.

The recogniser decides what the language has: which words are names and which are
operators, how deep an expression may nest, and what is refused by name. It hands sqlglot a
small, unambiguous vocabulary of tokens (every name quoted, every function name made one
that no dialect knows), so that sqlglot brings precedence and positions and no rules of
its own.
"""

from __future__ import annotations

from sqlglot import TokenType

from eventflux.sql.ast import Expr
from eventflux.sql.call_forms import (
    FUNCTION_WORDS,
    WORDED,
    bare_call,
    has_comma_in_call,
    worded_arguments,
)
from eventflux.sql.cursor import RESERVED, Cursor
from eventflux.sql.data_types import data_type
from eventflux.sql.durations import interval, is_interval
from eventflux.sql.lexer import Token
from eventflux.sql.misuse import refuse_operand, refuse_operator
from eventflux.sql.ordering import order_in_call, within_group
from eventflux.sql.refusals import OPERAND_REFUSALS
from eventflux.sql.trees import TreeBuilder, depth_of
from eventflux.sql.vocabulary import (
    ARITHMETIC,
    AT_TIME_ZONE,
    BINARY,
    CALL_MARK,
    CONSTANTS,
    LIKES,
    type_tokens,
)

MAX_NESTING = 40
MAX_CHAIN = 100
_FACTORS = ("*", "/", "%")
_ARROWS = ("->", "->>")
_NEGATABLE = ("IN", "LIKE", "ILIKE", "BETWEEN")


def expression(cursor: Cursor) -> Expr:
    """Read an expression as far as it goes.

    Raises:
        Problem: it is not one, or nests deeper than :data:`MAX_NESTING`.
    """
    first = cursor.index
    reader = _Reader(cursor)
    reader.expression()
    tokens = tuple(cursor.tokens[first : cursor.index])
    tree = reader.out.tree()
    if depth_of(tree) > MAX_CHAIN + 1:
        raise cursor.problem(
            f"this expression chains more than {MAX_CHAIN} operators, one over the other",
            "put parts of it in parentheses, or compute them in a query of their own",
            tokens[0],
        )
    return Expr(tree, tokens)


class _Reader:
    """Recognises one expression and writes the tokens for sqlglot."""

    def __init__(self, cursor: Cursor) -> None:
        self.cursor = cursor
        self.out = TreeBuilder(cursor.source)
        self.depth = 0

    def take(self, kind: TokenType, text: str | None = None) -> None:
        self.out.emit(kind, self.cursor.advance(), text)

    def need(self, word: str, kind: TokenType, expected: str, hint: str | None = None) -> None:
        """Take ``word``, which must come next."""
        if not self.cursor.at(word):
            self.cursor.unexpected(expected, hint)
        self.take(kind)

    def enter(self) -> None:
        self.depth += 1
        if self.depth > MAX_NESTING + 1:
            raise self.cursor.problem(
                f"this expression nests deeper than {MAX_NESTING} levels",
                "compute parts of it in a query of their own",
            )

    def expression(self) -> None:
        self.enter()
        mark = self.out.mark
        self.joined()
        while self.operator():
            pass
        self.depth -= 1
        if self.depth and self.out.mark - mark > 1:
            self.out.fold(mark)

    def joined(self) -> None:
        """Operands joined by ``||``, which binds less than arithmetic and more than the rest."""
        self.arithmetic()
        while self.cursor.at("||"):
            self.take(TokenType.DPIPE)
            self.arithmetic()

    def arithmetic(self) -> None:
        """Operands joined by ``+ - * / %``.

        Releases of sqlglot differ in how tightly ``%`` binds, so each ``%`` with what it
        takes is made a part here: like ``*`` and ``/``, from left to right.
        """
        start = self.operand()
        run: list[str] = []
        while (sign := self.cursor.token.upper) in ARITHMETIC:
            if "%" in run or (run and sign == "%"):
                self.out.fold(start)
            run = [*run, sign] if sign in _FACTORS else []
            self.take(ARITHMETIC[sign])
            operand = self.operand()
            start = start if sign in _FACTORS else operand
        if "%" in run:
            self.out.fold(start)

    def operator(self) -> bool:
        """Read one operator and what it needs on its right; false if there is none."""
        cursor = self.cursor
        token = cursor.token
        if token.upper == "NOT" and cursor.ahead().upper in _NEGATABLE:
            self.take(TokenType.NOT)
            token = cursor.token
        if token.upper == "IS":
            self.is_test()
        elif token.upper == "IN":
            self.in_list()
        elif token.upper == "BETWEEN":
            self.between()
        elif token.upper in LIKES:
            self.take(LIKES[token.upper])
            self.joined()
            self.escape()
        elif token.upper in BINARY:
            self.take(BINARY[token.upper])
            self.joined()
        else:
            refuse_operator(cursor)
            return False
        return True

    def escape(self) -> None:
        """``[ESCAPE 'c']`` after the pattern of a LIKE."""
        cursor = self.cursor
        if not cursor.at("ESCAPE"):
            return
        self.take(TokenType.ESCAPE)
        if cursor.token.kind != "string" or len(cursor.token.text) > 1:
            cursor.unexpected(
                "one character in single quotes after ESCAPE", "LIKE '100!%' ESCAPE '!'"
            )
        self.take(TokenType.STRING)

    def is_test(self) -> None:
        """``IS [NOT] NULL``, ``IS [NOT] DISTINCT FROM value``."""
        cursor = self.cursor
        self.take(TokenType.IS)
        if cursor.at("NOT"):
            self.take(TokenType.NOT)
        if cursor.at("DISTINCT"):
            self.take(TokenType.DISTINCT)
            self.need("FROM", TokenType.FROM, "FROM after IS DISTINCT")
            self.joined()
            return
        if cursor.at("TRUE") or cursor.at("FALSE") or cursor.at("UNKNOWN"):
            raise cursor.unsupported(
                f"IS {cursor.token.upper}",
                "write coalesce(x, FALSE), coalesce(NOT x, FALSE) or x IS NULL",
            )
        self.need(
            "NULL", TokenType.NULL, "NULL or NOT NULL after IS", "values compare with = and !="
        )

    def in_list(self) -> None:
        cursor = self.cursor
        self.take(TokenType.IN)
        if cursor.token.is_name:
            hint = "it takes a list of values: x IN (1, 2, 3)"
            raise cursor.unsupported(f"IN {cursor.token.text} (IN with a name)", hint)
        self.need("(", TokenType.L_PAREN, "( after IN", "write a list of values: x IN (1, 2, 3)")
        self.arguments()

    def between(self) -> None:
        self.take(TokenType.BETWEEN)
        self.joined()
        expected = "AND between the bounds of BETWEEN"
        self.need("AND", TokenType.AND, expected, "write x BETWEEN 1 AND 10")
        self.joined()

    def arguments(self, *, ordered: bool = False) -> None:
        """``[expression {, expression}] )``; where they may be ``ordered``, ORDER BY behind them,
        or WITHIN GROUP (ORDER BY …)."""
        cursor = self.cursor
        some = not cursor.at(")") and not (ordered and cursor.at("ORDER", "BY"))
        if some:
            self.expression()
            while cursor.at(","):
                self.take(TokenType.COMMA)
                self.expression()
        if ordered:
            some = order_in_call(cursor, self.out, self.expression, some)
            within_group(cursor, self.out, self.expression, some)
        self.close()

    def close(self, opening: Token | None = None) -> None:
        """``)``; ``opening`` is the parenthesis that it closes."""
        cursor = self.cursor
        if cursor.at("ORDER", "BY"):
            hint = "write array_agg(x ORDER BY y)"
            raise cursor.problem("ORDER BY stands at the end of a query, or in an aggregate", hint)
        if cursor.at("FROM") or cursor.at("FOR"):
            raise cursor.unsupported(
                f"{cursor.token.upper} inside a call", "separate the arguments by commas"
            )
        if not cursor.at(")"):
            if opening is not None:
                place = cursor.source.position(opening.start)
                cursor.unexpected("an operator or )", f"the ( at {place} is not closed")
            cursor.unexpected("an operator, a comma or )")
        self.take(TokenType.R_PAREN)

    def operand(self) -> int:
        """Read a value with its signs and NOTs; gives where it starts behind the NOTs."""
        prefixes, start = 0, self.out.mark
        while self.prefix():
            self.enter()
            prefixes += 1
            if self.out.last == TokenType.NOT:
                start = self.out.mark
        value = self.out.mark
        self.primary()
        while self.step(value):
            pass
        self.depth -= prefixes
        return start

    def step(self, mark: int) -> bool:
        """Read one step into the nested value since ``mark``; false if there is none."""
        cursor = self.cursor
        sign = cursor.token
        if cursor.accept("AT", "TIME", "ZONE"):
            self.out.open_call(mark, CALL_MARK + AT_TIME_ZONE)
            self.primary()
            self.out.emit(TokenType.R_PAREN, sign, ")")
            self.out.fold(mark)
            return True
        if sign.upper not in ("[", ".", *_ARROWS):
            return False
        cursor.advance()
        self.out.open_call(mark, CALL_MARK + sign.upper)
        if sign.upper == "[":
            self.expression()
            if not cursor.at("]"):
                place = cursor.source.position(sign.start)
                cursor.unexpected("]", f"the [ at {place} is not closed")
            cursor.advance()
        elif sign.upper == ".":
            if not cursor.token.is_name:
                cursor.unexpected("the name of a field after the dot")
            self.take(TokenType.STRING)
            if cursor.at("("):
                raise cursor.unsupported("a function with a qualified name", "write name(…)")
        else:
            self.primary()
        self.out.emit(TokenType.R_PAREN, sign, ")")
        self.out.fold(mark)
        return True

    def prefix(self) -> bool:
        cursor = self.cursor
        if cursor.at("NOT"):
            self.take(TokenType.NOT)
        elif cursor.at("-"):
            self.take(TokenType.DASH)
        elif cursor.at("+") and cursor.ahead().kind == "number":
            cursor.advance()
        else:
            return False
        return True

    def primary(self) -> None:
        cursor = self.cursor
        token = cursor.token
        if token.kind == "number":
            self.take(TokenType.NUMBER)
        elif token.kind == "string":
            self.take(TokenType.STRING)
        elif token.upper in CONSTANTS:
            self.take(CONSTANTS[token.upper])
        elif cursor.at("("):
            self.parenthesis()
        elif cursor.at("CASE"):
            self.case()
        elif is_interval(token, cursor.ahead()):
            self.interval()
        elif self.at_cast():
            self.cast()
        elif bare_call(cursor, self.out, self.expression):
            pass
        elif self.at_call():
            self.call()
        else:
            refuse_operand(cursor)
            self.column()

    def parenthesis(self) -> None:
        cursor = self.cursor
        opening = cursor.token
        self.take(TokenType.L_PAREN)
        if cursor.at("SELECT") or cursor.at("FROM"):
            refusal = OPERAND_REFUSALS["SELECT"]
            raise cursor.problem(refusal.message, refusal.hint)
        self.expression()
        if cursor.at(","):
            raise cursor.problem("a list of values can only stand after IN")
        self.close(opening)

    def interval(self) -> None:
        """``INTERVAL '5' MINUTE``: a number of milliseconds."""
        first, mark = self.cursor.token, self.out.mark
        ms = interval(self.cursor)
        if ms < 0:
            self.out.emit(TokenType.DASH, first, "-")
        self.out.emit(TokenType.NUMBER, first, str(abs(ms)))
        if ms < 0:
            self.out.fold(mark)

    def case(self) -> None:
        cursor = self.cursor
        opening = cursor.token
        self.take(TokenType.CASE)
        if not cursor.at("WHEN"):
            self.expression()
        if not cursor.at("WHEN"):
            cursor.unexpected("WHEN")
        while cursor.at("WHEN"):
            self.take(TokenType.WHEN)
            self.expression()
            self.need("THEN", TokenType.THEN, "THEN")
            self.expression()
        if cursor.at("ELSE"):
            self.take(TokenType.ELSE)
            self.expression()
        if not cursor.at("END"):
            place = cursor.source.position(opening.start)
            nested = cursor.token.upper in ("ELSEIF", "ELSIF", "ELIF")
            hint = "write WHEN condition THEN value for each further case" if nested else None
            cursor.unexpected(f"END of the CASE at {place}", hint)
        self.take(TokenType.END)

    def at_cast(self) -> bool:
        """``CAST (`` of the form with AS; ``cast(x, 'int')`` is a call."""
        cursor = self.cursor
        if cursor.ahead().upper != "(" or cursor.token.upper not in ("CAST", "TRY_CAST"):
            return False
        return cursor.token.upper == "TRY_CAST" or not has_comma_in_call(cursor)

    def cast(self) -> None:
        cursor = self.cursor
        self.take(TokenType.VAR)
        self.take(TokenType.L_PAREN)
        self.expression()
        if cursor.at(","):
            cursor.unexpected("AS and a type", "write CAST(x AS type)")
        self.need("AS", TokenType.ALIAS, "AS and a type")
        type_token = cursor.token
        target = data_type(cursor)
        if target.epoch:
            hint = "write CAST(x AS TIMESTAMP), or AS LONG for epoch milliseconds"
            raise cursor.problem(f"{target.epoch} is no type to CAST to", hint, type_token)
        for kind, text in type_tokens(target):
            self.out.emit(kind, type_token, text)
        self.close()

    def at_call(self) -> bool:
        """``name (`` or ``namespace:name (``; AND, OR and their kind are functions here too."""
        cursor = self.cursor
        token = cursor.token
        reserved = token.upper in RESERVED and token.upper not in FUNCTION_WORDS
        if not token.is_name or reserved or token.upper in ("EXISTS", "INTERVAL"):
            return False
        if cursor.ahead().upper == "(":
            return True
        return (
            cursor.ahead(1).upper == ":"
            and cursor.ahead(2).is_name
            and cursor.ahead(3).upper == "("
        )

    def call(self) -> None:
        cursor = self.cursor
        first = cursor.advance()
        name = "cast" if first.upper == "CAST" else first.text
        if cursor.accept(":"):
            name += ":" + cursor.advance().text
        elif first.kind == "word" and self.worded_call(first):
            return
        self.out.emit(TokenType.IDENTIFIER, first, CALL_MARK + name)
        self.take(TokenType.L_PAREN)
        if cursor.at("*") and cursor.ahead().upper == ")":
            self.take(TokenType.STAR)
            self.take(TokenType.R_PAREN)
        else:
            if cursor.at("DISTINCT") and cursor.ahead().upper not in (",", ")"):
                self.take(TokenType.DISTINCT)
            self.arguments(ordered=True)
        if cursor.at("FILTER") and cursor.ahead().upper == "(":
            self.filter()

    def worded_call(self, name: Token) -> bool:
        """A call that may have words between its arguments; false if it can't."""
        cursor = self.cursor
        if name.upper not in WORDED:
            return False
        opening = cursor.advance()
        if not worded_arguments(cursor, self.out, name, self.expression, self.joined):
            cursor.index -= 1
            return False
        while cursor.at(","):
            self.take(TokenType.COMMA)
            self.expression()
        self.close(opening)
        return True

    def filter(self) -> None:
        """``FILTER (WHERE condition)`` behind an aggregate."""
        self.take(TokenType.FILTER)
        self.take(TokenType.L_PAREN)
        hint = "write FILTER (WHERE condition)"
        self.need("WHERE", TokenType.WHERE, "WHERE in FILTER (…)", hint)
        self.expression()
        self.close()

    def column(self) -> None:
        """``name`` or ``qualifier.name``."""
        cursor = self.cursor
        self.take(TokenType.IDENTIFIER)
        if not cursor.at("."):
            return
        self.take(TokenType.DOT)
        if not cursor.token.is_name:
            cursor.unexpected("the name of a column after the dot")
        self.take(TokenType.IDENTIFIER)
        if cursor.at("("):
            raise cursor.unsupported("a function with a qualified name", "write name(…)")
