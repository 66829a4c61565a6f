"""Long expressions on several lines: broken before AND and OR, before WHEN and ELSE."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from eventflux.sql.lexer import Token
from eventflux.sql.spacing import begins_operand, tokens_text

_OPENING, _CLOSING = ("(", "[", "CASE"), (")", "]", "END")


def laid_out(before: str, tokens: Sequence[Token], behind: str, width: int) -> list[str]:
    """``before``, an expression and ``behind`` as one line, or as several where that is wider
    than ``width``: the further ones indented by what belongs together."""
    line = before + tokens_text(tokens) + behind
    if len(line) <= width:
        return [line]
    for operator in ("OR", "AND"):
        operands = [part for _, part in _parts(tokens, (operator,))]
        if len(operands) > 1:
            texts = [f"  {operator} {tokens_text(operand)}" for operand in operands[1:]]
            texts[-1] += behind
            return [before + tokens_text(operands[0]), *texts]
    if tokens[0].upper == "CASE" and _whole(tokens):
        return [*_case(before, tokens), f"END{behind}"]
    return [line]


def _case(before: str, tokens: Sequence[Token]) -> Iterator[str]:
    """The lines of a CASE but for its END."""
    (_, subject), *parts = _parts(tokens[1:-1], ("WHEN", "THEN", "ELSE"))
    line = f"{before}CASE {tokens_text(subject)}".rstrip()
    for word, part in parts:
        if word == "THEN":
            line += f" THEN {tokens_text(part)}"
        else:
            yield line
            line = f"  {word} {tokens_text(part)}"
    yield line


def _whole(tokens: Sequence[Token]) -> bool:
    """Whether what the first token opens ends with the last one."""
    depth = 0
    for token in tokens[:-1]:
        depth += _step(token)
        if depth == 0:
            return False
    return _step(tokens[-1]) == -1


def _step(token: Token) -> int:
    return (token.upper in _OPENING) - (token.upper in _CLOSING)


def _parts(tokens: Sequence[Token], words: Sequence[str]) -> list[tuple[str, Sequence[Token]]]:
    """What stands between ``words`` that are in no parentheses and no CASE, each with the word
    before it; the first one may be empty."""
    parts: list[tuple[str, Sequence[Token]]] = []
    start, word, depth, ranges, operand = 0, "", 0, 0, True
    for index, token in enumerate(tokens):
        infix = depth == 0 and (not operand or token.upper == "WHEN")
        if infix and token.upper == "BETWEEN":
            ranges += 1
        elif infix and token.upper == "AND" and ranges:
            ranges -= 1
        elif infix and token.upper in words:
            parts.append((word, tokens[start:index]))
            start, word = index + 1, token.upper
        depth += _step(token)
        operand = begins_operand(tokens, index, operand)
    return [*parts, (word, tokens[start:])]
