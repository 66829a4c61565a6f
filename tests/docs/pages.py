"""Pages of Markdown: their fenced blocks, with what the fence says of each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

_OPENING = re.compile(r"(?P<indent> *)(?P<fence>`{3,})(?P<language>[\w+-]*)(?P<rest>.*)$")
_ATTRIBUTE = re.compile(r'([\w-]+)="([^"]*)"')


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: ``language title="orders.sql"`` and what stands in it."""

    language: str
    title: str
    """The file that it shows; empty for none."""
    exit: int
    """The exit code that its commands end with: ``{exit="3"}``."""
    text: str
    line: int
    """Where its first line stands in the page, from 1."""
    part: str = ""
    """The file that it is a part of; empty for none."""


TUTORIAL = ROOT / "docs" / "plugins" / "tutorial.md"
"""The page that installs what it makes: tests/packaging runs it, in an environment of its own."""


def pages() -> list[Path]:
    """All that shows examples: the site's pages but for the tutorial, and the READMEs."""
    found = [
        ROOT / "README.md",
        *sorted(ROOT.glob("eventflux-*/README.md")),
        *sorted(ROOT.glob("docs/**/*.md")),
    ]
    found.remove(TUTORIAL)
    return found


def blocks(page: Path) -> Iterator[Block]:
    """The fenced blocks of a page, in order.

    Raises:
        ValueError: one is not closed, or its attributes can't be read.
    """
    lines = iter(enumerate(page.read_text(encoding="utf-8").split("\n"), 1))
    for number, line in lines:
        opening = _OPENING.match(line)
        if opening is None:
            continue
        indent, fence = opening["indent"], opening["fence"]
        inside: list[str] = []
        for _, text in lines:
            if text.strip() == fence:
                break
            inside.append(text.removeprefix(indent))
        else:
            raise ValueError(f"{page}:{number}: the block has no end")
        attributes = dict(_ATTRIBUTE.findall(opening["rest"]))
        unread = _ATTRIBUTE.sub("", opening["rest"]).strip("{} ")
        if unread or not attributes.keys() <= {"title", "part", "exit"}:
            raise ValueError(f"{page}:{number}: what does {opening['rest'].strip()!r} mean?")
        yield Block(
            opening["language"],
            attributes.get("title", ""),
            int(attributes.get("exit", 0)),
            "".join(f"{text}\n" for text in inside),
            number + 1,
            attributes.get("part", ""),
        )
