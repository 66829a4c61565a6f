"""Web pages in a real browser."""

from __future__ import annotations

from pathlib import Path

import pytest
from selenium.webdriver import Chrome
from testbed.browser import console_of, served

pytestmark = pytest.mark.browser

PAGE = """<!doctype html><title>begun</title>
<script>document.title = "script ran"; console.error("a complaint")</script>"""


def test_a_served_page_runs_its_script(browser: Chrome, tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(PAGE)
    with served(tmp_path) as address:
        browser.get(f"{address}/page.html")
        assert browser.title == "script ran"
        assert any("a complaint" in line for line in console_of(browser))
