"""Every example of the READMEs and of the site, run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from eventflux import EventFluxError

from .examples import Examples, alike, commands
from .pages import ROOT, Block, blocks, pages


def examples() -> Iterator[object]:
    for page in pages():
        found = list(blocks(page))
        broker = any("PrivateBroker" in block.text for block in found)
        marks = [pytest.mark.broker] if broker else []
        if found:
            yield pytest.param(page, found, id=str(page.relative_to(ROOT)), marks=marks)


@pytest.mark.parametrize(("page", "found"), list(examples()))
def test_the_examples_do_what_the_page_says(
    page: Path, found: list[Block], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    examples = Examples(tmp_path)
    for block in found:
        try:
            examples.run(block)
        except Exception as error:
            error.add_note(f"{page.relative_to(ROOT)}:{block.line}")
            raise


@pytest.mark.parametrize(
    ("told", "printed", "same"),
    [
        ("a\nb\n", "a\nb\n", True),
        ("a\n", "a  \n\n", True),
        ("a\n", "b\n", False),
        ("at … o'clock\n", "at 12 o'clock\n", True),
        ("at … o'clock\n", "at 12\n o'clock\n", False),
        ("a\n…\nd\n", "a\nb\nc\nd\n", True),
        ("a\n…\nd\n", "a\nd\n", True),
        ("…\nd\n", "a\nb\nd\n", True),
        ("a\n…\n", "a\nb\nc\n", True),
        ("a\n…\n", "b\n", False),
    ],
)
def test_what_is_printed_is_compared(told: str, printed: str, same: bool) -> None:
    assert alike(told, printed) is same


def test_commands_have_what_they_print_below_them() -> None:
    assert commands("$ a \\\n  b\none\n$ c\n") == [("a \\\n  b", "one\n"), ("c", "")]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("sql", "CREATE STREAM S (a INT); SELECT b FROM S;"),
        ("rows", "S (1)\n-> T (2)\n"),
        ("values", "1 + 1 -> 3\n"),
        ("values", "1 + 1 -> 2.0\n"),
        ("python", "assert False"),
        ("output", "nothing was printed\n"),
        ("console", "$ false\n"),
        ("console", "$ echo one\ntwo\n"),
        ("console", "$ pip install eventflux-teapot\n"),
        ("console", "$ cd nowhere\n"),
        ("diff", "--- a/none\n+++ b/none\n@@ -1 +1 @@\n-a\n+b\n"),
        ("json", "{"),
        ("cobol", "STOP RUN"),
    ],
)
def test_a_wrong_example_is_found(language: str, text: str, tmp_path: Path) -> None:
    examples = Examples(tmp_path)
    examples.run(Block("sql", "", 0, "CREATE STREAM S (a INT); INSERT INTO T SELECT a FROM S;", 1))
    with pytest.raises((AssertionError, EventFluxError, ValueError)):
        examples.run(Block(language, "", 0, text, 1))


def test_files_can_be_changed_and_shown_in_part(tmp_path: Path) -> None:
    examples = Examples(tmp_path)
    examples.run(Block("text", "new/a.txt", 0, "one\n    two\n    three\n", 1))
    examples.run(Block("console", "", 0, "$ cd new\n$ cat a.txt | head -1\none\n", 1))
    change = "--- a/a.txt\n+++ b/a.txt\n@@ -1,2 +1,2 @@\n-one\n+One\n     two\n"
    examples.run(Block("diff", "", 0, change, 1))
    examples.run(Block("text", "", 0, "two\nthree\n", 1, part="a.txt"))
    examples.run(Block("text", "", 0, "One\n", 1, part="a.txt"))
    for gone in ("one\n", "two\n  three\n", "three\ntwo\n"):
        with pytest.raises(AssertionError):
            examples.run(Block("text", "", 0, gone, 1, part="a.txt"))


@pytest.mark.parametrize("fence", ["```sql linenums", '```sql run="no"', "```sql"])
def test_a_fence_that_says_what_nobody_reads_is_refused(fence: str, tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"{fence}\nSELECT 1;\n" + ("```\n" if " " in fence else ""))
    with pytest.raises(ValueError, match=r"page\.md:1"):
        list(blocks(page))
