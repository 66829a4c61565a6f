"""The site: builds without a warning, tells all that is declared, loads nothing from elsewhere."""

from __future__ import annotations

import html
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from typing import Protocol

import pytest
from mkdocs.exceptions import PluginError
from site_hooks import on_page_markdown
from typer.core import TyperGroup
from typer.main import get_command

from eventflux.cli.commands import app
from eventflux.functions import FAMILIES, FUNCTIONS
from eventflux.planner.settings import SETTINGS
from eventflux.runtime.stream_options import SinkStreamOptions, SourceStreamOptions
from eventflux.spi.options import Options
from eventflux.spi.plugins import installed_registry
from eventflux.spi.well_known import LANGUAGE_FUNCTIONS

from .pages import ROOT


class Declared(Protocol):
    """A factory, as far as a page tells of it."""

    @property
    def options(self) -> type[Options]: ...


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the site is built, warnings being errors."""
    folder = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", folder],
        cwd=ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return folder


@pytest.mark.parametrize(
    ("mark", "told"),
    [
        ("<!-- generated: teapot -->", "page.md: nothing generates 'teapot'"),
        ("<!-- generated: connector teapot -->", "page.md: no connector 'teapot' is installed"),
        ("<!-- generated: format teapot -->", "page.md: no format 'teapot' is installed"),
        ("Here: <!-- generated: settings -->", "page.md: a mark of what is generated has a line"),
    ],
)
def test_a_mark_that_means_nothing_stops_the_build(mark: str, told: str) -> None:
    page = SimpleNamespace(file=SimpleNamespace(src_uri="page.md"))
    with pytest.raises(PluginError, match=told):
        on_page_markdown(f"# Page\n\n{mark}\n", page)


def text_of(page: Path) -> str:
    return html.unescape(re.sub(r"<[^>]+>", "", page.read_text(encoding="utf-8")))


def test_what_is_meant_as_code_is_code(site: Path) -> None:
    for page in site.rglob("*.html"):
        assert "```" not in page.read_text(encoding="utf-8"), page


class Loaded(HTMLParser):
    """What a page loads by itself; links are for the reader to follow."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        loads = ("src", "srcset", "data", "poster", *(["href"] if tag == "link" else []))
        self.found += [value for name, value in attrs if name in loads and value]

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)


def loaded(site: Path) -> Iterator[tuple[str, str]]:
    for page in site.rglob("*.html"):
        parser = Loaded()
        parser.feed(page.read_text(encoding="utf-8"))
        yield from ((page.name, address) for address in parser.found)
    for sheet in site.rglob("*.css"):
        css = sheet.read_text(encoding="utf-8")
        for address in re.findall(r"(?:url\(|@import )\s*[\"']?([^\"')]+)", css):
            yield sheet.name, address


def test_nothing_is_loaded_from_elsewhere(site: Path) -> None:
    found = list(loaded(site))
    assert any(address.endswith(".css") for _, address in found)
    assert any(address.endswith(".js") for _, address in found)
    assert [(page, a) for page, a in found if re.match(r"(?!data:)([a-z]+:|//)", a)] == []


def test_each_connector_and_format_has_its_page(site: Path) -> None:
    registry = installed_registry()
    factories: Mapping[str, tuple[str, Mapping[str, Declared]]] = {
        "source": ("connectors", registry.source_factories),
        "sink": ("connectors", registry.sink_factories),
        "source mapper": ("formats", registry.source_mapper_factories),
        "sink mapper": ("formats", registry.sink_mapper_factories),
    }
    ours = [plugin for plugin in registry.plugins if (ROOT / plugin.distribution).is_dir()]
    assert ours
    for plugin in ours:
        for kind, names in plugin.brings.items():
            if kind == "state store":
                told = text_of(site / "operating" / "state.html")
                options = registry.state_store_factories[names[0]].options.specs()
                assert all(option.name in told for option in options)
                continue
            folder, known = factories[kind]
            for name in names:
                missing(site / folder / f"{name}.html", known[name].options)


@pytest.mark.parametrize("options", [SourceStreamOptions, SinkStreamOptions])
def test_the_options_of_all_streams_are_told(site: Path, options: type[Options]) -> None:
    missing(site / "reference" / "streams.html", options)


def missing(page: Path, options: type[Options]) -> None:
    """Fail where the page lacks an option."""
    told = text_of(page)
    assert [spec.name for spec in options.specs() if spec.name not in told] == [], page


def test_each_setting_and_function_of_the_language_is_told(site: Path) -> None:
    settings = text_of(site / "reference" / "settings.html")
    assert [name for name in SETTINGS if name not in settings] == []
    functions = text_of(site / "sql" / "functions.html").lower()
    assert [name for name in LANGUAGE_FUNCTIONS if f"{name}(" not in functions] == []
    assert [name for name in FUNCTIONS if name not in functions] == []
    for name, family in FAMILIES.items():
        page = text_of(site / "sql" / "functions" / f"{name}.html")
        assert [function.name for function in family if f"{function.name}(" not in page] == []


def test_each_command_is_told(site: Path) -> None:
    told = text_of(site / "reference" / "commands.html")
    program = get_command(app)
    assert isinstance(program, TyperGroup)
    for name in program.commands:
        assert f"eventflux {name}" in told
    assert "--dry-run" in told
    assert "130  ended at once" in told
