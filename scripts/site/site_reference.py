"""Tables of what connectors, mappers, settings, functions and metrics declare, as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path

from eventflux.base.types import DataType
from eventflux.functions import FAMILIES
from eventflux.functions.declaration import KINDS as PARAMETERS
from eventflux.functions.declaration import Function
from eventflux.monitoring.metrics import METRICS
from eventflux.planner.aggregates import declared_aggregates
from eventflux.planner.settings import SETTINGS
from eventflux.runtime.stream_options import (
    ErrorOptions,
    SinkStreamOptions,
    SourceStreamOptions,
)
from eventflux.spi.functions import TableFunction
from eventflux.spi.mapper import SinkMapperFactory, SourceMapperFactory
from eventflux.spi.options import OptionSpec
from eventflux.spi.plugins import installed_registry
from eventflux.spi.registry import Registry
from eventflux.spi.sink import SinkFactory
from eventflux.spi.source import SourceFactory

ROOT = Path(__file__).resolve().parents[2]

KINDS = {
    "acking": "acking: a message is acknowledged when all that came of it is safe",
    "replayable": "replayable: reading resumes from a stored position",
    "live": "live: what is lost on the way or in a crash does not come again",
}
GIVES = {
    "argument": "the type of `x`",
    "sum": "LONG of integers, DECIMAL of DECIMALs, else DOUBLE",
    "mean": "DECIMAL of DECIMALs, else DOUBLE",
}
"""The types of aggregates that depend on their argument's."""
GIVES_ONE = {
    "argument": "the type of its first argument",
    "same": "the one type of its arguments",
}
"""The types of functions that depend on their arguments'."""
CONFIRMS = {
    True: "confirms: what it has sent is safe on the other side",
    False: "does not confirm: that it was sent is all that is known of a message",
}


def connector(name: str) -> str:
    """All that is declared of a connector."""
    found, parts = registry(), []
    if name in found.source_factories:
        source = found.source_factories[name]
        parts.append(_connector("source", name, source, f"Kind: {KINDS[source.kind]}."))
    if name in found.sink_factories:
        sink = found.sink_factories[name]
        parts.append(_connector("sink", name, sink, f"It {CONFIRMS[sink.confirms]}."))
    if not parts:
        raise LookupError(f"no connector {name!r} is installed")
    return "\n".join(parts)


def _connector(role: str, name: str, factory: SourceFactory | SinkFactory, kind: str) -> str:
    return (
        f"### As a {role}\n\n`type = '{role}', extension = '{name}'` {plain(factory.doc)}.\n\n"
        f"{kind} Formats: {_formats(factory.formats)}.\n\n{_options(factory.options.specs())}"
        f"{_metadata('read' if role == 'source' else 'set', factory.metadata)}"
        f"Every {role} has [these options](../reference/streams.md#{role}s), too.\n"
    )


def format_(name: str) -> str:
    """All that is declared of a format."""
    parts = [
        f"### In a {role}\n\n{_sentence(plain(mapper.doc))}\n\n{_options(mapper.options.specs())}"
        for role, mappers in _mappers(registry())
        if (mapper := mappers.get(name)) is not None
    ]
    if not parts:
        raise LookupError(f"no format {name!r} is installed")
    return "\n".join(parts)


def connectors() -> str:
    """One table of all connectors."""
    found = registry()
    rows: list[tuple[str, str, str, str]] = [
        (f"[{name}]({name}.md)", "source", source.kind, plain(source.doc))
        for name, source in found.source_factories.items()
    ]
    rows += [
        (
            f"[{name}]({name}.md)",
            "sink",
            "confirms" if sink.confirms else "does not confirm",
            plain(sink.doc),
        )
        for name, sink in found.sink_factories.items()
    ]
    return table(("extension", "as", "kind", "what it does"), sorted(rows))


def formats() -> str:
    """One table of all formats."""
    rows = [
        (f"[{name}](../formats/{name}.md)", role, plain(mapper.doc))
        for role, mappers in _mappers(registry())
        for name, mapper in mappers.items()
    ]
    return table(("format", "in", "what it does"), sorted(rows, key=lambda row: row[0]))


def _mappers(
    found: Registry,
) -> tuple[tuple[str, Mapping[str, SourceMapperFactory | SinkMapperFactory]], ...]:
    return (("source", found.source_mapper_factories), ("sink", found.sink_mapper_factories))


def options_of_streams(role: str) -> str:
    """The options that every stream has, or those that a source or sink has besides or in
    another way."""
    if role == "every":
        return _options(ErrorOptions.specs())
    options = SourceStreamOptions if role == "source" else SinkStreamOptions
    common = ErrorOptions.specs()
    return _options([spec for spec in options.specs() if spec not in common])


def settings() -> str:
    """The settings of an app."""
    return table(
        ("setting", "type, default", "meaning"),
        [
            (
                code(setting.name),
                _kind(" | ".join(setting.choices) or setting.kind, code(setting.default_text)),
                plain(setting.doc),
            )
            for setting in SETTINGS.values()
        ],
    )


def functions() -> str:
    """The scalar functions that installed plugins bring."""
    known = {id(function): function for function in registry().functions.values()}
    if not known:
        return "The packages of this site bring none.\n"
    rows = [
        (
            code(f"{function.name}({', '.join(map(str, function.arguments))})"),
            f"rows of {function.returns}"
            if isinstance(function, TableFunction)
            else str(function.returns),
            ", ".join(map(code, function.aliases)),
            plain(function.doc),
        )
        for function in known.values()
    ]
    return table(("function", "gives", "also called", "meaning"), sorted(rows))


def family(name: str) -> str:
    """The functions of the language of one family, each with its examples.

    Raises:
        LookupError: there is no such family.
    """
    if name not in FAMILIES:
        raise LookupError(f"no functions are of the family {name!r}")
    return "".join(map(_function, FAMILIES[name]))


def families() -> str:
    """One table of all functions of the language."""
    rows = [
        (
            f"[{code(function.name)}](functions/{name}.md#{function.name.lower()})",
            ", ".join(map(code, function.aliases)),
            function.doc,
        )
        for name, functions in FAMILIES.items()
        for function in functions
    ]
    return table(("function", "also called", "gives"), rows)


def _function(function: Function) -> str:
    ways = dict.fromkeys(
        (f"{function.name}({overload.shown})", GIVES_ONE.get(overload.gives, overload.gives))
        for overload in function.overloads
    )
    lines = [f"- {code(way)} gives {given}" for way, given in ways]
    lines += [f"- {code(form)}" for form in function.forms]
    also = f" Also {', '.join(map(code, function.aliases))}." if function.aliases else ""
    kinds = dict.fromkeys(
        f"{code(parameter.name)} is {PARAMETERS[parameter.takes]}."
        for overload in function.overloads
        for parameter in overload.parameters
        if parameter.takes in PARAMETERS and parameter.takes not in ("any", "same", "decimal")
    )
    examples = "\n".join(function.examples)
    return (
        f"## {function.name}\n\n{_sentence(function.doc)}{also} {' '.join(kinds)}\n\n"
        + "\n".join(lines)
        + f"\n\n```values\n{examples}\n```\n\n"
    )


def aggregates() -> str:
    """The aggregate functions, each with what it gives and other names of it."""
    return table(
        ("aggregate", "also", "gives", "of no values", "meaning"),
        [
            (
                code(declared.signature),
                ", ".join(code(f"{alias}(x)") for alias in declared.aliases),
                GIVES.get(declared.gives, declared.gives),
                declared.of_none,
                plain(declared.doc),
            )
            for declared in declared_aggregates()
        ],
    )


def metrics() -> str:
    """What ``/metrics`` serves."""
    return table(
        ("metric", "kind", "labels", "of"),
        [(code(m.name), m.kind, ", ".join(m.labels), plain(m.doc)) for m in METRICS],
    )


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; a line break in a cell becomes a blank."""
    lines = [header, ["---"] * len(header), *rows]
    return "".join(f"| {' | '.join(map(_cell, line))} |\n" for line in lines) + "\n"


def code(text: str) -> str:
    """Text to be read literally; nothing stays nothing."""
    return f"`{text}`" if text else ""


def plain(doc: str) -> str:
    """A doc of the code as Markdown: its signs mean themselves."""
    for sign in "\\*_<>{}[]$`":
        doc = doc.replace(sign, f"\\{sign}")
    return doc


@cache
def registry() -> Registry:
    """What the distributions of this repository bring, whatever else is installed."""
    found = installed_registry()
    for plugin in found.plugins:
        if not (ROOT / plugin.distribution).is_dir():
            found.discard(plugin.label)
    return found


def _cell(text: str) -> str:
    """One line; what stands in backquotes may hold a ``|`` as it is."""
    parts = " ".join(text.split()).split("`")
    return "`".join(p if at % 2 else p.replace("|", "\\|") for at, p in enumerate(parts))


def _sentence(doc: str) -> str:
    return f"{doc[:1].upper()}{doc[1:].rstrip('.')}."


def _formats(names: Sequence[str]) -> str:
    if not names:
        return "none, it has rows"
    return "any" if "*" in names else ", ".join(map(code, names))


def _options(specs: Sequence[OptionSpec]) -> str:
    if not specs:
        return "It has no options of its own.\n\n"
    return table(
        ("option", "type, default", "meaning"),
        [(code(s.name), _kind(s.type_name, _default(s)), plain(s.doc)) for s in specs],
    )


def _kind(data_type: str, default: str) -> str:
    return f"{data_type}, {default}" if default else data_type


def _default(spec: OptionSpec) -> str:
    return "**required**" if spec.required else code(spec.default_text)


def _metadata(verb: str, known: Mapping[str, DataType]) -> str:
    if not known:
        return ""
    rows = [(code(name), str(data_type)) for name, data_type in known.items()]
    return f"METADATA columns {verb} these of a message:\n\n" + table(("METADATA", "type"), rows)
