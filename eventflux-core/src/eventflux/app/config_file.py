"""The configuration file: TOML, with the line of each of its values."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from eventflux.app.origins import Origin
from eventflux.base.errors import OptionError

Keys = tuple[str, ...]
"""The names of the tables that a value is in, and its own."""


@dataclass(frozen=True, slots=True)
class Config:
    """A configuration: what it says, and where. One that was given as data has no ``path``."""

    content: Mapping[str, Any] = field(default_factory=dict, repr=False)
    path: str = ""
    lines: Mapping[Keys, int] = field(default_factory=dict, repr=False)

    def origin(self, *keys: str) -> Origin:
        """Where the value or table of these keys stands."""
        return Origin("file", file=self.path, line=self.lines.get(keys, 0))


ConfigLike = Mapping[str, Any] | str | os.PathLike[str] | Config
"""What a TOML configuration says, the path of its file, or both."""


def config_of(given: ConfigLike | None) -> Config:
    """A configuration from its file, or as data.

    Raises:
        OptionError: the file can't be read or is no TOML.
    """
    if given is None or isinstance(given, Config):
        return given or Config()
    return Config(given) if isinstance(given, Mapping) else read_config(Path(given))


def read_config(path: Path) -> Config:
    try:
        text = path.read_text(encoding="utf-8")
        content = tomllib.loads(text)
    except OSError as error:
        raise OptionError(f"{path} can't be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise OptionError(f"{path} is not UTF-8 text, which TOML is") from None
    except tomllib.TOMLDecodeError as error:
        raise OptionError(f"{path} is not TOML: {error}", _hint(path)) from None
    return Config(content, str(path), lines_of(text))


def lines_of(text: str) -> dict[Keys, int]:
    """The line of each table and value of a TOML text, which counts from 1.

    The parser tells no places, but each header and each value, taken alone, is TOML too.
    """
    lines: dict[Keys, int] = {}
    table: Keys = ()
    piece, start = "", 1
    for number, line in enumerate(text.split("\n"), 1):
        start = start if piece else number
        piece += line + "\n"
        try:
            parsed = tomllib.loads(piece)
        except tomllib.TOMLDecodeError:
            continue  # goes on in the next line
        if piece.lstrip().startswith("["):
            table = _header(parsed)
            for depth in range(len(table)):
                lines.setdefault(table[: depth + 1], start)
        else:
            lines.update((keys, start) for keys in _keys(parsed, table))
        piece = ""
    return lines


def _header(parsed: Mapping[str, Any]) -> Keys:
    """The keys of ``[a.b]``, which reads as a table in a table."""
    keys: Keys = ()
    while isinstance(parsed, Mapping) and parsed:
        key, parsed = next(iter(parsed.items()))
        keys += (key,)
    return keys


def _keys(parsed: Mapping[str, Any], table: Keys) -> Iterator[Keys]:
    for key, value in parsed.items():
        yield (*table, key)
        if isinstance(value, Mapping):
            yield from _keys(value, (*table, key))


def _hint(path: Path) -> str:
    if path.suffix in (".yaml", ".yml"):
        return "a configuration file is TOML: [streams.NAME] and [app]"
    return 'write [streams.NAME], and below it "option.name" = "value"'
