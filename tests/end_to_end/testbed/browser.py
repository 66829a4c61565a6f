"""A real browser: Debian's Chromium without a window, driven through its own driver program."""

from __future__ import annotations

import functools
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service

CHROMIUM, DRIVER = Path("/usr/bin/chromium"), Path("/usr/bin/chromedriver")
START_LIMIT = 60
"""Seconds that a page may take to load, and a script in it to answer."""
_SWITCHES = (
    "--headless=new",
    "--no-sandbox",  # it needs a user who isn't root; pages here are our own
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@contextmanager
def running_browser() -> Iterator[Chrome]:
    """A browser with an empty profile of its own, closed at the end.

    Raises:
        RuntimeError: its programs are not installed.
    """
    missing = [str(program) for program in (CHROMIUM, DRIVER) if not program.exists()]
    if missing:
        raise RuntimeError(
            f"{' and '.join(missing)} not found: apt-get install chromium chromium-driver"
        )
    options = ChromeOptions()
    options.binary_location = str(CHROMIUM)
    for switch in _SWITCHES:
        options.add_argument(switch)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = Chrome(options, Service(str(DRIVER)))  # given a driver, it looks for none to download
    driver.set_page_load_timeout(START_LIMIT)
    driver.set_script_timeout(START_LIMIT)
    try:
        yield driver
    finally:
        driver.quit()


def console_of(browser: Chrome) -> list[str]:
    """What pages have complained of since the last call: failed requests, uncaught errors."""
    return [entry["message"] for entry in browser.get_log("browser")]  # type: ignore[no-untyped-call]


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Requests are not told of on the terminal."""


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder's files over HTTP on this machine; gives the address they are at."""
    handler = functools.partial(_Quiet, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
