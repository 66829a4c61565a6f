"""``${NAME}``, ``${NAME:default}`` and ``${file:/path}`` in the values of options."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

from eventflux.base.errors import OptionError

_REFERENCE = re.compile(r"\$\$\{|\$\{([^}]*)\}")
_NAME = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)(?::-?(.*))?", re.DOTALL)


def substitute(text: str, environment: Mapping[str, str] | None = None) -> str:
    """Replace each reference once; ``$${`` stays as ``${``. What is put in isn't read again.

    ``${NAME}`` is an environment variable, ``${NAME:default}`` and ``${NAME:-default}`` take
    the default where it is unset or empty, ``${file:/path}`` is a file's text without the
    newline at its end.

    Raises:
        OptionError: a variable is unset, a file can't be read, or a reference is not one.
    """
    variables = os.environ if environment is None else environment

    def value_of(match: re.Match[str]) -> str:
        if match.group(0) == "$${":
            return "${"
        return _value(match.group(1), variables)

    return _REFERENCE.sub(value_of, text)


def _value(reference: str, variables: Mapping[str, str]) -> str:
    if reference.startswith("file:"):
        path = Path(reference.removeprefix("file:"))
        try:
            return path.read_text(encoding="utf-8").removesuffix("\n")
        except (OSError, UnicodeDecodeError) as error:
            raise OptionError(f"${{{reference}}}: the file can't be read: {error}") from None
    match = _NAME.fullmatch(reference)
    if match is None:
        raise OptionError(
            f"'${{{reference}}}' is no reference",
            "write ${NAME}, ${NAME:default}, ${file:/path}, or $${ for the text '${'",
        )
    name, default = match.group(1), match.group(2)
    value = variables.get(name, "")
    if value or (default is None and name in variables):
        return value
    if default is None:
        raise OptionError(
            f"the environment variable {name} is not set",
            f"set it, or write ${{{name}:default}}",
        )
    return default
