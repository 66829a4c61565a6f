"""``EVENTFLUX_STREAMS__OrderInput__rabbitmq_host``: options and settings from the environment.

A variable is configuration if two underscores follow its first word: ``EVENTFLUX_STREAMS__…`` or
``EVENTFLUX_APP__…``. Others, such as ``EVENTFLUX_VENV``, belong to somebody else. Names of
variables hold no dots and dashes: an underscore stands for each, and what is meant is found
among the names that there are, whatever their case.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping

import msgspec

from eventflux.app.origins import OptionText, Origin, option_text
from eventflux.base.errors import Diagnostic, OptionError
from eventflux.base.suggest import did_you_mean, nearest
from eventflux.planner.settings import SETTINGS
from eventflux.planner.streams import SETTING_NAMES
from eventflux.spi.options import OptionSpec

PREFIX, BETWEEN = "EVENTFLUX_", "__"
_STREAMS = "STREAMS"
_SECTIONS = (_STREAMS, *(name.upper() for name in SETTING_NAMES))


class Environment(msgspec.Struct):
    """What the environment says. The options of a stream have names as in the variable: which
    they are is known together with the connector's."""

    settings: dict[str, OptionText] = msgspec.field(default_factory=dict)
    streams: dict[str, dict[str, OptionText]] = msgspec.field(default_factory=dict)
    problems: list[Diagnostic] = msgspec.field(default_factory=list)
    warnings: list[Diagnostic] = msgspec.field(default_factory=list)


def read_environment(
    variables: Mapping[str, str], streams: Collection[str], unread: Collection[str] = ()
) -> Environment:
    """Sort the variables that are configuration by what they are for.

    Nothing is said of streams in ``unread``, which may exist too.
    """
    environment = Environment()
    for name in sorted(variables):
        if not name.startswith(PREFIX):
            continue
        section, between, rest = name.removeprefix(PREFIX).partition(BETWEEN)
        origin = Origin("environment", variable=name)
        text = option_text(variables[name], origin)
        if not between:
            environment.warnings.extend(_doubtful(name))
        elif section == _STREAMS:
            _stream_option(environment, rest, text, streams, unread)
        elif section in _SECTIONS:
            _setting(environment, f"{section}.{rest}", text)
        else:
            near = nearest(section, _SECTIONS)
            hint = f"did you mean {PREFIX}{near}{BETWEEN}…?" if near else _FORMS
            message = f"{name} is no variable of EventFlux"
            environment.problems.append(Diagnostic(message, None, hint))
    return environment


_FORMS = "they are EVENTFLUX_STREAMS__Stream__option and EVENTFLUX_APP__setting"


def _doubtful(name: str) -> Iterator[Diagnostic]:
    """What looks like configuration but for its underscores."""
    for section in _SECTIONS:
        if name.startswith(f"{PREFIX}{section}_"):
            message = f"the environment variable {name} is not used"
            yield Diagnostic(message, None, f"two underscores: {_FORMS}", "warning")


def _stream_option(
    environment: Environment,
    rest: str,
    text: OptionText,
    streams: Collection[str],
    unread: Collection[str],
) -> None:
    cuts = [match.start() for match in re.finditer(f"(?={BETWEEN})", rest)]
    parts = [(rest[:cut], rest[cut + len(BETWEEN) :]) for cut in cuts]
    parts = [(stream, option) for stream, option in parts if stream and option]
    if not parts:
        message = f"{text.origin.variable} names no stream and option"
        environment.problems.append(Diagnostic(message, None, _FORMS))
        return
    meant = {(stream, option) for name, option in parts for stream in _same(name, streams)}
    if len(meant) == 1:
        stream, option = meant.pop()
        environment.streams.setdefault(stream, {})[option] = text
    elif meant:
        both = " or ".join(sorted(f"'{option}' of '{stream}'" for stream, option in meant))
        hint = "use --set or the configuration file"
        environment.problems.append(text.origin.diagnostic(f"this may be {both}", hint))
    elif not any(_same(name, unread) for name, _ in parts):
        name = parts[0][0]
        message = f"no stream is called '{name}'"
        environment.problems.append(text.origin.diagnostic(message, did_you_mean(name, streams)))


def _setting(environment: Environment, written: str, text: OptionText) -> None:
    name = written.lower().replace("_", ".")
    found = _same(written, SETTINGS) or [name]
    if found[0] in environment.settings:
        other = environment.settings[found[0]].origin.variable
        message = f"{found[0]} is set by {other} too"
        environment.problems.append(text.origin.diagnostic(message, "unset one of them"))
    environment.settings[found[0]] = text


def named_options(
    variables: Mapping[str, OptionText],
    specs: Iterable[OptionSpec],
    others: Iterable[OptionSpec],
    members: Collection[str],
) -> tuple[dict[str, OptionText], list[tuple[OptionError, OptionText]]]:
    """The options of one stream by their names, and what is wrong with others.

    Args:
        variables: the texts by what follows the stream in the name of the variable.
        specs: the options that there are.
        others: options that are known, but not here.
        members: the columns of the stream, and other names that options may end in.
    """
    specs, others = list(specs), list(others)
    named: dict[str, OptionText] = {}
    wrong: list[tuple[OptionError, OptionText]] = []
    for written, text in variables.items():
        found = _meant(written, specs, members) or _meant(written, others, members)
        name = found[0] if found else written.replace("_", ".").lower()
        if len(found) > 1:
            both = " or ".join(f"'{name}'" for name in found)
            wrong.append((OptionError(f"this may be {both}", "use --set or the file"), text))
        elif name in named:
            message = f"option '{name}' is set by {named[name].origin.variable} too"
            wrong.append((OptionError(message, "unset one of them"), text))
        else:
            named[name] = text
    return named, wrong


def _meant(written: str, specs: Iterable[OptionSpec], members: Collection[str]) -> list[str]:
    """The names of options that ``written`` may stand for."""
    names: set[str] = set()
    families: set[str] = set()
    for spec in specs:
        if spec.of is None:
            names.update(_same(written, [spec.name]))
        elif _folded(written).startswith(_folded(spec.stem)):
            member = written[len(spec.stem) :]
            families.update(spec.stem + name for name in _same(member, members) or [member])
    return sorted(names or families)


def _same(written: str, names: Iterable[str]) -> list[str]:
    """The names that are written so in a variable; only that of the same case, if there is."""
    found = {name for name in names if _folded(name) == _folded(written)}
    exact = [name for name in found if _underscored(name) == written]
    return exact if len(exact) == 1 else sorted(found)


def _underscored(name: str) -> str:
    return re.sub(r"\W", "_", name)


def _folded(name: str) -> str:
    return _underscored(name).lower()
