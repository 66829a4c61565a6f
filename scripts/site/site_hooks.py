"""MkDocs' hook: puts what the code declares into the pages.

A page says where: ``<!-- generated: connector rabbitmq -->``; :mod:`site_reference` and
:mod:`site_commands` know what can stand there. So a page is never older than the code.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import site_commands as commands
import site_reference as reference
from mkdocs.exceptions import PluginError

from eventflux.testing import conformance

_MARK = re.compile(r"^<!-- generated: (\S+)(?: (\S+))? -->$", re.MULTILINE)


def program(path: str) -> str:
    """A SQL file of the repository, as code."""
    sql = (reference.ROOT / path).read_text(encoding="utf-8")
    return f'```sql title="{path}"\n{sql.rstrip()}\n```'


def readme(folder: str) -> str:
    """The README of a folder, such as a distribution's, without its heading and what it depends on.

    Its links into the repository are texts here: what they lead to is not on the site.
    """
    text = (reference.ROOT / folder / "README.md").read_text(encoding="utf-8")
    _, _, body = text.partition("\n")
    body = re.sub(r"^## What it depends on.*?(?=^## |\Z)", "", body, flags=re.M | re.S)
    return re.sub(r"\[([^\]]+)\]\((?!https?:|#)[^)]+\)", r"\1", body)


def rules() -> str:
    """The rules of the conformance kit: what the tests of each suite are told to be."""
    shown = ""
    for name in conformance.__all__:
        suite = getattr(conformance, name)
        tests = {
            test: vars(base)[test].__doc__
            for base in reversed(suite.__mro__)
            for test in vars(base)
            if test.startswith("test_")
        }
        items = "".join(f"- {reference.plain(str(rule))}\n" for rule in tests.values())
        shown += f"### {name}\n\n{items}\n"
    return shown


PARTS: Mapping[str, Callable[..., str]] = {
    "aggregates": reference.aggregates,
    "commands": commands.all_commands,
    "conformance": rules,
    "connector": reference.connector,
    "connectors": reference.connectors,
    "families": reference.families,
    "family": reference.family,
    "format": reference.format_,
    "formats": reference.formats,
    "functions": reference.functions,
    "metrics": reference.metrics,
    "program": program,
    "readme": readme,
    "settings": reference.settings,
    "streams": reference.options_of_streams,
}


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Called by MkDocs with the text of each page.

    Raises:
        PluginError: a mark means nothing; MkDocs stops the build with it.
    """

    def part(mark: re.Match[str]) -> str:
        name, argument = mark.groups()
        if name not in PARTS:
            raise PluginError(f"{page.file.src_uri}: nothing generates {name!r}")
        try:
            return PARTS[name](*filter(None, [argument]))
        except LookupError as error:
            raise PluginError(f"{page.file.src_uri}: {error}") from error

    text = _MARK.sub(part, markdown)
    if "<!-- generated" in text:
        raise PluginError(f"{page.file.src_uri}: a mark of what is generated has a line of its own")
    return text
