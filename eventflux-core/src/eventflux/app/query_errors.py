"""What queries do with errors that have options of their own, and where errors belong."""

from __future__ import annotations

from collections.abc import Mapping

from eventflux.app.error_options import Handling
from eventflux.app.origins import OptionText, Origin, put_in, told_of
from eventflux.app.wiring import ResolvedStream
from eventflux.base.errors import Diagnostic, OptionError
from eventflux.planner.plan import Plan, Query
from eventflux.planner.streams import StreamOption
from eventflux.runtime.stream_options import ErrorOptions
from eventflux.spi.options import covering, unknown_option


def query_handling(
    query: Query,
    own: Mapping[str, StreamOption],
    variables: Mapping[str, str],
    stream: ResolvedStream,
) -> tuple[Handling | None, list[Diagnostic]]:
    """What a query does with errors: as ``stream``, to which they belong, but for its ``own``
    options; ``None`` and what is wrong if those can't be read."""
    owner = f"query {query.name!r}"
    specs = ErrorOptions.specs()
    inherited = {spec.name for spec in specs}
    if stream.stream.role == "sink":  # its tries are those of sending
        inherited = {name for name in inherited if not name.startswith("error.retry.")}
    texts = {name: text for name, text in stream.texts.items() if name in inherited}
    problems: list[Diagnostic] = []
    for name, option in own.items():
        text = OptionText(option.text, Origin("sql", option.place))
        try:
            texts[name] = text = put_in(text, variables)
            spec = covering(specs, name)
            if spec is None:
                raise unknown_option(name, specs)
            spec.parse(text.text, name)
        except OptionError as error:
            problems.append(told_of(owner, error, text, query.place))
    if problems:
        return None, problems
    options = ErrorOptions.parse({name: text.text for name, text in texts.items()})
    home = stream.stream.name
    return Handling(owner, home, "query", options, texts, query.place, query.name, own), []


def home_of(plan: Plan, stream: str) -> str:
    """The stream that errors of ``stream`` belong to: for one without a name that which its
    query reads. A stream that is not there is its own."""
    while stream in plan.streams and plan.streams[stream].unnamed_of is not None:
        writers = plan.writers(stream)
        if not writers:  # it could not be read
            break
        stream = writers[0].source
    return stream
