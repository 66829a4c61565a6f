"""The registry: registration from Python, look-ups, and what their errors say."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest

from eventflux.base.errors import MissingPackageError, OptionError, PlannedError, PluginError
from eventflux.base.types import DataType
from eventflux.planner.aggregates import AGGREGATES
from eventflux.spi import (
    ConnectorContext,
    MapperContext,
    Options,
    ScalarFunction,
    Sink,
    SinkFactory,
    SinkMapper,
    SinkMapperFactory,
    Source,
    SourceFactory,
    SourceMapper,
    SourceMapperFactory,
    option,
)
from eventflux.spi.registry import Registry


class NoOptions(Options):
    """None."""


class MySource(SourceFactory):
    name = "mine"
    doc = "a source"
    kind = "live"
    options = NoOptions

    def create(self, options: Any, context: ConnectorContext) -> Source:
        raise NotImplementedError


class MySink(SinkFactory):
    name = "mine"
    doc = "a sink"
    options = NoOptions

    def create(self, options: Any, context: ConnectorContext) -> Sink:
        raise NotImplementedError


class MySourceMapper(SourceMapperFactory):
    name = "mine"
    doc = "a mapper"
    options = NoOptions

    def create(self, options: Any, context: MapperContext) -> SourceMapper:
        raise NotImplementedError


class MySinkMapper(SinkMapperFactory):
    name = "mine"
    doc = "a mapper"
    options = NoOptions

    def create(self, options: Any, context: MapperContext) -> SinkMapper:
        raise NotImplementedError


class Undocumented(SourceFactory):
    name = "bare"

    def create(self, options: Any, context: ConnectorContext) -> Source:
        raise NotImplementedError


class Unkind(MySource):
    kind = "eager"  # type: ignore[assignment]


class OneFormat(MySource):
    formats = "json"


class Described(MySource):
    doc = None  # type: ignore[assignment]


class Metadated(MySource):
    metadata: ClassVar[Any] = {"key": str}


class Formatted(Options):
    format: str = option("json", doc="which format")


class Grabbing(MySource):
    options: ClassVar[Any] = Formatted


class Optionless(MySource):
    options = dict  # type: ignore[assignment]


@pytest.fixture
def registry() -> Registry:
    return Registry()


def test_each_kind_is_found_by_the_name_it_was_given_in_any_case(registry: Registry) -> None:
    source, sink, reader, writer = MySource(), MySink(), MySourceMapper(), MySinkMapper()
    registry.add_source_factory("Custom.In", source)
    registry.add_sink_factory("Custom.In", sink)
    registry.add_source_mapper_factory("custom", reader)
    registry.add_sink_mapper_factory("custom", writer)
    assert registry.source_factory("custom.in") is source
    assert registry.sink_factory("CUSTOM.IN") is sink
    assert registry.source_mapper_factory("Custom") is reader
    assert registry.sink_mapper_factory("custom") is writer


def test_listings_keep_the_names_and_are_sorted(registry: Registry) -> None:
    for name in ("zeta", "Alpha", "mid"):
        registry.add_sink_factory(name, MySink())
    assert list(registry.sink_factories) == ["Alpha", "mid", "zeta"]
    assert len(registry.source_factories) == 0
    assert "ALPHA" in registry.sink_factories


def test_a_name_is_taken_once_in_any_case(registry: Registry) -> None:
    first = MySource()
    registry.add_source_factory("custom", first)
    with pytest.raises(PluginError, match=r"source 'CUSTOM' is already provided by this program"):
        registry.add_source_factory("CUSTOM", MySource())
    assert registry.source_factory("custom") is first


def test_a_name_that_is_taken_is_replaced_where_that_is_said(registry: Registry) -> None:
    registry.add_sink_factory("Custom", MySink(), provider="plugin 'x' (x 1)")
    with pytest.raises(PluginError, match="hint: give it another name, or say replace=True"):
        registry.add_sink_factory("custom", MySink())
    with pytest.raises(PluginError, match="hint: one of the two has to go"):
        registry.add_sink_factory("custom", MySink(), provider="plugin 'y' (y 1)")
    second = MySink()
    registry.add_sink_factory("custom", second, replace=True)
    assert registry.sink_factory("Custom") is second
    assert list(registry.sink_factories) == ["custom"]
    assert registry.provider_of(second) == "this program"


def test_a_function_is_replaced_with_all_its_names(registry: Registry) -> None:
    registry.add_function("twice", lambda n: 2 * n, [int], int, aliases=["double_it"])
    with pytest.raises(PluginError, match="function 'TWICE' is already provided by this program"):
        registry.add_function("TWICE", lambda n: n + n, [int], int)
    registry.add_function("Twice", lambda n: n + n, [int], int, replace=True)
    assert list(registry.functions) == ["twice"]
    assert registry.functions["twice"].name == "Twice"


@pytest.mark.parametrize("name", ["", "two words", "1st", "é"])
def test_unfit_names_are_refused(registry: Registry, name: str) -> None:
    with pytest.raises(PluginError, match="is no name for a source"):
        registry.add_source_factory(name, MySource())


@pytest.mark.parametrize(
    ("factory", "reason"),
    [
        (MySource, r"MySource is a class\n  hint: give an instance: MySource\(\)"),
        (MySink(), "is a MySink, expected a SourceFactory"),
        (None, "is a NoneType, expected a SourceFactory"),
        (Undocumented(), "Undocumented lacks doc, kind, options"),
        (Unkind(), "kind is 'eager', expected one of 'acking', 'replayable', 'live'"),
        (OneFormat(), "formats is 'json', expected a list of names"),
        (Optionless(), "expected a class of Options"),
        (Described(), "doc is None, expected a text of one line"),
        (Metadated(), "metadata is .* expected a mapping of names to a DataType each"),
        (Grabbing(), "expected no option 'format', which every stream has: give it a prefix"),
    ],
)
def test_what_is_no_factory_is_refused(registry: Registry, factory: Any, reason: str) -> None:
    with pytest.raises(PluginError, match=reason):
        registry.add_source_factory("custom", factory)
    assert "custom" not in registry.source_factories


def test_an_unknown_name_lists_the_known_and_guesses(registry: Registry) -> None:
    registry.add_source_factory("custom", MySource())
    with pytest.raises(OptionError, match="unknown extension 'costum'") as caught:
        registry.source_factory("costum")
    assert caught.value.hint == "did you mean 'custom'? known sources: custom"
    with pytest.raises(OptionError, match="unknown format 'xyz'") as caught:
        registry.sink_mapper_factory("xyz")
    assert caught.value.hint == "known sink mappers: none"


def test_the_guess_knows_packages_that_are_not_installed(registry: Registry) -> None:
    with pytest.raises(OptionError) as caught:
        registry.source_factory("rabitmq")
    assert "did you mean 'rabbitmq'?" in (caught.value.hint or "")


def test_the_other_side_of_a_connector_is_not_confused_with_it(registry: Registry) -> None:
    registry.add_sink_factory("log", MySink())
    with pytest.raises(OptionError, match="extension 'log' is a sink and no source"):
        registry.source_factory("log")


@pytest.mark.parametrize(
    ("look_up", "name", "package"),
    [
        ("source_factory", "rabbitmq", "eventflux-rabbitmq"),
        ("sink_factory", "RabbitMQ", "eventflux-rabbitmq"),
        ("source_mapper_factory", "json", "eventflux-mappers"),
        ("sink_mapper_factory", "csv", "eventflux-mappers"),
    ],
)
def test_a_missing_package_is_named(
    registry: Registry, look_up: str, name: str, package: str
) -> None:
    with pytest.raises(MissingPackageError, match=f"comes with {package}") as caught:
        getattr(registry, look_up)(name)
    assert caught.value.packages == (package,)
    assert caught.value.hint == f"pip install {package}"


def test_what_is_planned_is_not_told_to_be_installable(registry: Registry) -> None:
    registry.add_source_factory("queue", MySource())
    for look_up, name in [("source_factory", "kafka"), ("sink_mapper_factory", "Avro")]:
        with pytest.raises(PlannedError, match=f"'{name}' is not supported yet") as caught:
            getattr(registry, look_up)(name)
        hint = caught.value.hint or ""
        assert f"eventflux-{name.lower()} is planned for a later version; known s" in hint
        assert "pip" not in hint


def test_a_provider_can_be_forgotten(registry: Registry) -> None:
    registry.add_source_factory("a", MySource(), provider="one")
    registry.add_sink_factory("a", MySink(), provider="two")
    registry.add_function("twice", lambda x: 2 * x, [int], int, provider="one")
    registry.discard("one")
    assert list(registry.source_factories) == []
    assert list(registry.sink_factories) == ["a"]
    assert dict(registry.functions) == {}


# Functions


def test_types_of_a_function_come_from_its_annotations(registry: Registry) -> None:
    def mix(text: str, count: int, ratio: float, flag: bool) -> str:
        """Mixes."""
        return f"{text}{count}{ratio}{flag}"

    registry.add_function("Mix", mix, aliases=["blend"])
    function = registry.functions["mix"]
    assert function is registry.functions["blend"]
    assert list(function.arguments) == [
        DataType.STRING,
        DataType.LONG,
        DataType.DOUBLE,
        DataType.BOOL,
    ]
    assert function.returns is DataType.STRING
    assert function.null_on_null
    assert function.doc == "Mixes."
    assert function.call("a", 1, 2.5, True) == "a12.5True"


def test_types_can_be_given_in_any_spelling(registry: Registry) -> None:
    registry.add_function("f", lambda a, b, c: a, [int, "varchar", DataType.FLOAT], "INTEGER")
    function = registry.functions["f"]
    assert list(function.arguments) == [DataType.LONG, DataType.STRING, DataType.FLOAT]
    assert function.returns is DataType.INT


def test_a_builtin_without_annotations_takes_given_types(registry: Registry) -> None:
    registry.add_function("length_of", len, [str], int)
    assert registry.functions["length_of"].call("abc") == 3


def test_a_callable_object_and_a_bound_method_are_functions(registry: Registry) -> None:
    class Scale:
        def __init__(self, factor: float) -> None:
            self.factor = factor

        def __call__(self, value: float) -> float:
            return self.factor * value

        def plus(self, value: int) -> int | None:
            return value + 1

    registry.add_function("scale", Scale(3.0))
    registry.add_function("plus", Scale(3.0).plus)
    assert registry.functions["scale"].call(2.0) == 6.0
    assert registry.functions["plus"].returns is DataType.LONG


def test_parameters_with_defaults_are_left_out(registry: Registry) -> None:
    def rounded(value: float, digits: int = 1) -> float:
        return round(value, digits)

    registry.add_function("rounded", rounded)
    registry.add_function("rounded_to", rounded, [float, int])
    assert len(registry.functions["rounded"].arguments) == 1
    assert registry.functions["rounded_to"].call(1.26, 2) == 1.26


def test_null_is_passed_only_where_the_annotation_takes_it(registry: Registry) -> None:
    def default(value: str | None, other: str) -> str:
        return other if value is None else value

    def any_null(a: str | None, b: int | None) -> bool:
        return a is None or b is None

    registry.add_function("dflt", default)
    registry.add_function("any_null", any_null)
    registry.add_function("strict", any_null, null_on_null=True)
    strict = {
        name: [function.is_strict(at) for at in range(2)]
        for name, function in registry.functions.items()
    }
    assert strict == {
        "dflt": [False, True],
        "any_null": [False, False],
        "strict": [True, True],
    }
    assert registry.functions["dflt"].call is default


def _vague(x) -> int:  # type: ignore[no-untyped-def]
    return int(x)


def _odd(x: list[int]) -> int:
    return x[0]


def _many(*xs: int) -> int:
    return sum(xs)


def _named(*, x: int) -> int:
    return x


def _endless(x: int) -> None: ...


def _dangling(x: Nowhere) -> int:  # type: ignore[name-defined]  # noqa: F821
    return 1


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        (lambda x: x, "parameter 'x' has no annotation"),
        (_vague, "parameter 'x' has no annotation"),
        (_odd, r"parameter 'x' has the type list\[int\], no SQL type"),
        (_many, "no fixed number of arguments"),
        (_named, "keyword-only"),
        (_endless, "its result has the type"),
        (_dangling, "Nowhere"),
        (5, "5 is not callable"),
    ],
)
def test_a_function_without_sql_types_is_refused(
    registry: Registry, call: Any, reason: str
) -> None:
    with pytest.raises(PluginError, match=f"function 'f'.*{reason}"):
        registry.add_function("f", call)
    assert "f" not in registry.functions


def test_given_types_must_fit_the_callable(registry: Registry) -> None:
    with pytest.raises(PluginError, match=r"declared with 2 argument\(s\)"):
        registry.add_function("f", lambda x: x, [int, int], int)
    with pytest.raises(PluginError, match="argument 1 has the type 'MONEY'"):
        registry.add_function("f", lambda x: x, ["MONEY"], int)


def test_a_function_name_is_taken_once_aliases_included(registry: Registry) -> None:
    registry.add_function("f", lambda x: x, [int], int, aliases=["g"])
    for name, aliases in (("G", []), ("h", ["F"]), ("h", ["i", "I"])):
        with pytest.raises(PluginError, match=r"already provided|twice"):
            registry.add_function(name, lambda x: x, [int], int, aliases=aliases)
    assert set(registry.functions) == {"f", "g"}


@pytest.mark.parametrize("name", [*AGGREGATES, "COALESCE", "window_start", "window_end"])
def test_a_function_of_the_language_is_not_replaced(registry: Registry, name: str) -> None:
    with pytest.raises(PluginError, match="is part of the language"):
        registry.add_function(name, lambda x: x, [int], int)


def test_a_described_function_is_taken_as_it_is(registry: Registry) -> None:
    function = ScalarFunction("geo:area", lambda r: r * r, [DataType.DOUBLE], DataType.DOUBLE)
    registry.add_function(function)
    assert registry.functions["geo:area"] is function
    with pytest.raises(PluginError, match="is no name for a function"):
        registry.add_function(ScalarFunction("a b", abs, [DataType.INT], DataType.INT))
    wrong: Any = ScalarFunction("h", abs, ["INT"], DataType.INT)  # type: ignore[list-item]
    with pytest.raises(PluginError, match="'INT' is no DataType"):
        registry.add_function(wrong)
