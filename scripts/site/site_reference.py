"""Tables of what connectors, mappers, settings, functions and metrics declare, as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache

from eventflux.base.types import DataType
from eventflux.monitoring.metrics import METRICS
from eventflux.planner.settings import SETTINGS
from eventflux.runtime.stream_options import (
    SinkStreamOptions,
    SourceStreamOptions,
    StreamOptions,
)
from eventflux.spi.options import Options, OptionSpec
from eventflux.spi.plugins import installed_registry
from eventflux.spi.registry import Registry

KINDS = {
    "acking": "acking: a message is acknowledged when all that came of it is safe",
    "replayable": "replayable: reading resumes from a stored position",
    "live": "live: what is lost on the way or in a crash does not come again",
}


def connector(name: str) -> str:
    """All that is declared of a connector."""
    found = registry()
    parts = []
    if name in found.source_factories:
        source = found.source_factories[name]
        parts.append(
            f"### As a source\n\n`type = 'source', extension = '{name}'` {source.doc}.\n\n"
            f"Kind: {KINDS[source.kind]}. Formats: {_formats(source.formats)}.\n\n"
            f"{_options(source.options)}{_metadata('read', source.metadata)}"
            "Every source has [these options](../reference/streams.md#sources), too.\n"
        )
    if name in found.sink_factories:
        sink = found.sink_factories[name]
        parts.append(
            f"### As a sink\n\n`type = 'sink', extension = '{name}'` {sink.doc}.\n\n"
            f"Formats: {_formats(sink.formats)}.\n\n"
            f"{_options(sink.options)}{_metadata('set', sink.metadata)}"
            "Every sink has [these options](../reference/streams.md#sinks), too.\n"
        )
    if not parts:
        raise KeyError(f"connector {name!r} is installed")
    return "\n".join(parts)


def format_(name: str) -> str:
    """All that is declared of a format."""
    found = registry()
    parts = []
    if name in found.source_mapper_factories:
        decoder = found.source_mapper_factories[name]
        parts.append(f"### In a source\n\n{_sentence(decoder.doc)}\n\n{_options(decoder.options)}")
    if name in found.sink_mapper_factories:
        encoder = found.sink_mapper_factories[name]
        parts.append(f"### In a sink\n\n{_sentence(encoder.doc)}\n\n{_options(encoder.options)}")
    if not parts:
        raise KeyError(f"format {name!r} is installed")
    return "\n".join(parts)


def connectors() -> str:
    """One table of all connectors."""
    found = registry()
    rows: list[tuple[str, str, str, str]] = [
        (f"[{name}]({name}.md)", "source", source.kind, source.doc)
        for name, source in found.source_factories.items()
    ]
    rows += [
        (f"[{name}]({name}.md)", "sink", "", sink.doc)
        for name, sink in found.sink_factories.items()
    ]
    return table(("extension", "as", "kind", "what it does"), sorted(rows))


def formats() -> str:
    """One table of all formats."""
    found = registry()
    rows = [
        (f"[{name}](../formats/{name}.md)", role, mapper.doc)
        for role, mappers in (
            ("source", found.source_mapper_factories),
            ("sink", found.sink_mapper_factories),
        )
        for name, mapper in mappers.items()
    ]
    return table(("format", "in", "what it does"), sorted(rows, key=lambda row: row[0]))


def options_of_streams(role: str) -> str:
    """The options that every source, sink or inner stream has."""
    options = {
        "source": SourceStreamOptions,
        "sink": SinkStreamOptions,
        "inner": StreamOptions,
    }
    return _options(options[role])


def settings() -> str:
    """The settings of an app."""
    return table(
        ("setting", "type, default", "meaning"),
        [
            (
                code(setting.name),
                _kind(" | ".join(setting.choices) or setting.kind, code(setting.default_text)),
                setting.doc,
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
            str(function.returns),
            ", ".join(map(code, function.aliases)),
            function.doc,
        )
        for function in known.values()
    ]
    return table(("function", "gives", "also called", "meaning"), sorted(rows))


def metrics() -> str:
    """What ``/metrics`` serves."""
    return table(
        ("metric", "kind", "labels", "of"),
        [(code(m.name), m.kind, ", ".join(m.labels), m.doc) for m in METRICS],
    )


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; a line break in a cell becomes a blank."""
    lines = [header, ["---"] * len(header), *rows]
    return "".join(f"| {' | '.join(map(_cell, line))} |\n" for line in lines) + "\n"


def code(text: str) -> str:
    """Text to be read literally; nothing stays nothing."""
    return f"`{text}`" if text else ""


@cache
def registry() -> Registry:
    return installed_registry()


def _cell(text: str) -> str:
    """One line; what stands in backquotes may hold a ``|`` as it is."""
    parts = " ".join(text.split()).split("`")
    return "`".join(p if at % 2 else p.replace("|", "\\|") for at, p in enumerate(parts))


def _sentence(doc: str) -> str:
    return f"{doc[:1].upper()}{doc[1:].rstrip('.')}."


def _plain(doc: str) -> str:
    """A doc of the code as Markdown: its signs mean themselves."""
    for sign in "\\*_<>{}[]$`":
        doc = doc.replace(sign, f"\\{sign}")
    return doc


def _formats(names: Sequence[str]) -> str:
    if not names:
        return "none, it has rows"
    return "any" if "*" in names else ", ".join(map(code, names))


def _options(options: type[Options]) -> str:
    specs = options.specs()
    if not specs:
        return "It has no options of its own.\n\n"
    return table(
        ("option", "type, default", "meaning"),
        [(code(s.name), _kind(s.type_name, _default(s)), _plain(s.doc)) for s in specs],
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
