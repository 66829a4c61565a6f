"""Discovery: distributions on the path, good and broken ones side by side."""

from __future__ import annotations

import logging
import re
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from eventflux.base.errors import OptionError, PluginError, UsageError
from eventflux.spi import SPI_VERSION
from eventflux.spi.plugin_report import PluginReport
from eventflux.spi.plugins import load_plugins
from eventflux.spi.registry import Registry

Install = Callable[..., None]

GOOD = """
    from eventflux.base.types import DataType
    from eventflux.spi import Options, ScalarFunction, SourceFactory, hookimpl

    eventflux_spi = (1, 0)

    class NoOptions(Options): ...

    class Ticker(SourceFactory):
        name = "{name}"
        doc = "a source"
        kind = "live"
        options = NoOptions
        def create(self, options, context):
            raise NotImplementedError

    @hookimpl
    def register_source_factories():
        return [Ticker()]

    @hookimpl
    def register_functions():
        return [ScalarFunction("{name}_double", lambda x: 2 * x, [DataType.LONG], DataType.LONG)]
"""


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Lay out a distribution of one module with one entry point on the import path."""
    site = tmp_path / "site"
    site.mkdir()
    monkeypatch.syspath_prepend(str(site))
    modules: list[str] = []

    def lay_out(
        distribution: str, code: str | None, *, point: str = "plugin", target: str | None = None
    ) -> None:
        module = distribution.replace("-", "_") + "_module"
        modules.append(module)
        if code is not None:
            (site / f"{module}.py").write_text(textwrap.dedent(code))
        info = site / f"{distribution.replace('-', '_')}-2.5.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 2.5\n"
        )
        (info / "entry_points.txt").write_text(f"[eventflux]\n{point} = {target or module}\n")

    yield lay_out
    for module in modules:
        sys.modules.pop(module, None)


def load(registry: Registry | None = None) -> dict[str, PluginReport]:
    """The reports by distribution."""
    return {report.distribution: report for report in load_plugins(registry or Registry())}


def test_the_built_in_connectors_come_through_the_same_hooks() -> None:
    registry = Registry()
    report = load(registry)["eventflux-core"]
    assert report.error is None
    assert report.brings == {
        "source": ("console", "memory", "timer"),
        "sink": ("console", "log", "memory"),
        "state store": ("sqlite",),
    }
    assert registry.source_factory("timer").name == "timer"


def test_an_installed_plugin_is_found_and_named(install: Install) -> None:
    install("acme-ticker", GOOD.format(name="ticker"))
    registry = Registry()
    report = load(registry)["acme-ticker"]
    assert (report.name, report.version, report.error) == ("plugin", "2.5", None)
    assert report.brings == {"source": ("ticker",), "function": ("ticker_double",)}
    assert registry.source_factory("TICKER").doc == "a source"
    assert registry.functions["ticker_double"].call(4) == 8
    assert report in registry.plugins


BROKEN = {
    "missing-import": ("import no_such_library", "ModuleNotFoundError: .*no_such_library"),
    "raises-on-import": ("raise SystemExit('not today')", "SystemExit: not today"),
    "bad-syntax": ("def", "SyntaxError"),
    "no-module": (None, "ModuleNotFoundError: .*no_module"),
    "no-version": (GOOD.replace("eventflux_spi = (1, 0)", ""), "does not state the version"),
    "odd-version": (GOOD.replace("(1, 0)", "'1.0'"), "eventflux_spi is '1.0', expected two"),
    "newer-major": (GOOD.replace("(1, 0)", "(2, 0)"), "written for version 2.0 .* this is 1.0"),
    "newer-minor": (GOOD.replace("(1, 0)", "(1, 9)"), "written for version 1.9 .* this is 1.0"),
    "older-major": (GOOD.replace("(1, 0)", "(0, 9)"), "written for version 0.9 .* this is 1.0"),
    "no-hooks": ("eventflux_spi = (1, 0)", "implements no hook"),
    "unknown-hook": (
        GOOD.replace("register_source_factories", "register_sources"),
        "unknown hook 'register_sources'",
    ),
    "wrong-arguments": (
        GOOD.replace("register_source_factories()", "register_source_factories(app)"),
        "register_source_factories.*app",
    ),
    "raising-hook": (
        GOOD.replace("return [Ticker()]", "raise ValueError('boom')"),
        "register_source_factories raised ValueError: boom",
    ),
    "no-list": (GOOD.replace("return [Ticker()]", "return Ticker()"), "returned Ticker, expected"),
    "nothing": (GOOD.replace("return [Ticker()]", "return None"), "returned NoneType, expected"),
    "wrong-kind": (GOOD.replace("[Ticker()]", "[NoOptions()]"), "which has no name"),
    "a-class": (GOOD.replace("[Ticker()]", "[Ticker]"), "Ticker is a class"),
    "no-options": (GOOD.replace("options = NoOptions", ""), "Ticker lacks options"),
    "no-function": (GOOD.replace('ScalarFunction("', '("'), "expected ScalarFunction"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_plugin_is_reported_and_takes_nothing_down(
    name: str, install: Install, caplog: pytest.LogCaptureFixture
) -> None:
    code, reason = BROKEN[name]
    install(name, None if code is None else code.replace("{name}", "broken"))
    install("aaa-good", GOOD.format(name="first"))
    install("zzz-good", GOOD.format(name="last"))
    registry = Registry()
    with caplog.at_level(logging.WARNING, "eventflux.plugins"):
        reports = load(registry)

    broken = reports[name]
    assert re.search(reason, broken.error or "", re.DOTALL), broken.error
    assert broken.brings == {}
    assert f"plugin 'plugin' ({name} 2.5) could not be loaded" in caplog.text
    assert "broken" not in registry.source_factories
    assert "broken_double" not in registry.functions
    for good in ("aaa-good", "zzz-good"):
        assert reports[good].error is None
    assert {"first", "last", "memory"} <= set(registry.source_factories)


def test_of_two_plugins_with_one_name_the_first_stays_and_the_second_brings_nothing(
    install: Install,
) -> None:
    install("bbb-first", GOOD.format(name="ticker"))
    install("ccc-second", GOOD.format(name="ticker").replace("ticker_double", "other_double"))
    registry = Registry()
    reports = load(registry)
    assert reports["bbb-first"].error is None
    error = reports["ccc-second"].error
    assert error == "source 'ticker' is already provided by plugin 'plugin' (bbb-first 2.5)"
    assert "other_double" not in registry.functions


def test_what_a_plugin_brought_before_it_failed_is_taken_back(install: Install) -> None:
    code = GOOD.format(name="early") + (
        "\n    @hookimpl\n    def register_sink_factories():\n        raise OSError('late')\n"
    )
    install("late-failure", code)
    registry = Registry()
    assert "late" in (load(registry)["late-failure"].error or "")
    assert "early" not in registry.source_factories


def test_two_entry_points_of_one_module_are_one_plugin_and_one_mistake(install: Install) -> None:
    install("ddd-one", GOOD.format(name="ticker"))
    install("eee-two", None, target="ddd_one_module")
    registry = Registry()
    reports = load(registry)
    assert reports["ddd-one"].error is None
    assert "named by two entry points" in (reports["eee-two"].error or "")
    assert "ticker" in registry.source_factories


@pytest.mark.parametrize("content", [b"[eventflux]\nnonsense\n", b"\xff\xfe[eventflux]\n"])
def test_metadata_that_can_not_be_read_hides_no_other_plugin(
    content: bytes, install: Install, tmp_path: Path
) -> None:
    install("aaa-good", GOOD.format(name="ticker"))
    install("mangled", None)
    (tmp_path / "site" / "mangled-2.5.dist-info" / "entry_points.txt").write_bytes(content)
    registry = Registry()
    reports = load(registry)
    (mangled,) = (report for name, report in reports.items() if name.startswith("mangled"))
    assert "metadata can't be read" in (mangled.error or "")
    assert "ticker" in registry.source_factories


def test_a_name_of_a_broken_plugin_says_what_is_broken(install: Install) -> None:
    install("eventflux-kafka", "import no_such_library")
    registry = Registry()
    load(registry)
    with pytest.raises(PluginError, match=r"eventflux-kafka 2\.5.*no_such_library"):
        registry.source_factory("kafka")


def test_a_name_that_an_installed_plugin_should_bring_asks_for_another_version(
    install: Install,
) -> None:
    install("eventflux-kafka", GOOD.format(name="ticker"))
    registry = Registry()
    load(registry)
    with pytest.raises(OptionError, match=r"'kafka' is not in .*eventflux-kafka 2\.5") as caught:
        registry.source_factory("kafka")
    assert "pip install --upgrade eventflux-kafka" in (caught.value.hint or "")


def test_plugins_are_loaded_once_a_registry() -> None:
    registry = Registry()
    load_plugins(registry)
    with pytest.raises(UsageError):
        load_plugins(registry)
    load_plugins(Registry())


def test_the_version_is_two_numbers() -> None:
    major, minor = SPI_VERSION
    assert major >= 1
    assert minor >= 0
