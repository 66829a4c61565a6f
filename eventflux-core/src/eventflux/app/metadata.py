"""METADATA columns and templates against what the connector and the stream have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from eventflux.app.origins import diagnostic
from eventflux.app.wiring import ResolvedStream
from eventflux.base.errors import Diagnostic, OptionError
from eventflux.base.suggest import did_you_mean, nearest
from eventflux.base.types import Column, DataType, Schema, widens_to
from eventflux.spi.options import Options
from eventflux.spi.templates import Template


def metadata_problems(resolved: ResolvedStream) -> Iterator[Diagnostic]:
    """METADATA that the connector doesn't know, or not of that type."""
    stream = resolved.stream
    if resolved.factory is None:
        return
    for column in stream.schema.metadata:
        error = _problem(resolved.connector, stream.role, resolved.factory.metadata, column)
        if error is not None:
            place = stream.metadata_places.get(column.name, stream.place)
            yield diagnostic(stream.name, error, None, place)


def _problem(
    connector: str, role: str, known: Mapping[str, DataType], column: Column
) -> OptionError | None:
    name = column.metadata or ""
    families = tuple(family.removesuffix("*") for family in known if family.endswith(".*"))
    is_family = name.endswith(".*") or name in families
    if not known:
        return OptionError(f"a message of '{connector}' has no METADATA")
    if name.startswith(families) and not is_family:
        return None
    if name not in known or is_family:
        does = "knows" if role == "source" else "sets"
        hint = "it is one of " + ", ".join(known)
        if nearest(name, known) is not None:
            hint = f"{did_you_mean(name, known)} {hint}"
        return OptionError(f"'{connector}' {does} no METADATA '{name}'", hint)
    given, wanted = known[name], column.type
    if role == "sink":
        if widens_to(wanted, given):
            return None
        return OptionError(
            f"METADATA '{name}' takes {given}, but column '{column.name}' is {wanted}",
            f"write {column.name} {given} METADATA",
        )
    flexible = DataType.STRING in (given, wanted) or given is DataType.OBJECT
    if flexible or (given.is_numeric and wanted.is_numeric) or widens_to(given, wanted):
        return None
    return OptionError(
        f"METADATA '{name}' is {given}, but column '{column.name}' is {wanted}",
        f"write {column.name} {given} METADATA",
    )


def template_problems(resolved: ResolvedStream) -> Iterator[Diagnostic]:
    """Templates that name no column of the stream."""
    for options in (resolved.connector_options, resolved.mapper_options):
        for name, template in _templates(options):
            error = _unknown_column(name, template, resolved.stream.schema)
            if error is not None:
                text, place = resolved.texts.get(name), resolved.stream.place
                yield diagnostic(resolved.stream.name, error, text, place)


def _templates(options: Options | None) -> Iterator[tuple[str, Template]]:
    """Each template among the options, and those of a family, by its full name."""
    for spec in () if options is None else options.specs():
        value: Any = getattr(options, spec.attribute)
        if isinstance(value, Template):
            yield spec.name, value
        elif isinstance(value, Mapping):
            for key, inner in value.items():
                if isinstance(inner, Template):
                    yield f"{spec.stem}{key}", inner


def _unknown_column(name: str, template: Template, schema: Schema) -> OptionError | None:
    for column in template.columns:
        if schema.find(column) is None:
            return OptionError(
                f"option '{name}': the stream has no column '{column}'",
                did_you_mean(column, schema.names),
            )
    return None
