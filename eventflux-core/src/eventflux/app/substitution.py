"""``${NAME}``, ``${NAME:default}`` and ``${file:/path}`` in the values of options."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from eventflux.base.errors import OptionError

MOST_BYTES = 64 * 1024
"""As long as the file of a ``${file:…}`` may be: a password, a certificate, not a log."""

_REFERENCE = re.compile(r"\$\$\{|\$\{([^}]*)(\}?)")
_NAME = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)(?::-?(.*))?", re.DOTALL)
_FORMS = "write ${NAME}, ${NAME:default}, ${file:/path}, or $${ for the text '${'"


def substitute(text: str, variables: Mapping[str, str]) -> str:
    """Replace each reference once; ``$${`` stays as ``${``. What is put in isn't read again.

    ``${NAME}`` is an environment variable, ``${NAME:default}`` and ``${NAME:-default}`` take
    the default where it is unset or empty, ``${file:/path}`` is a file's text without the
    newline at its end.

    Raises:
        OptionError: a variable is unset, a file can't be read or is too long, or a reference
            is not one.
    """

    def value_of(match: re.Match[str]) -> str:
        if match.group(0) == "$${":
            return "${"
        if not match.group(2):
            raise OptionError("a '${' is never closed", _FORMS)
        return _value(match.group(1), variables)

    return _REFERENCE.sub(value_of, text)


def _value(reference: str, variables: Mapping[str, str]) -> str:
    if reference.startswith("file:"):
        return _file_text(reference)
    match = _NAME.fullmatch(reference)
    if match is None:
        raise OptionError(f"'${{{reference}}}' is no reference", _FORMS)
    name, default = match.group(1), match.group(2)
    if default is not None and "${" in default:
        raise OptionError(
            f"the default of ${{{name}:…}} holds a reference", "a default is plain text"
        )
    value = variables.get(name, "")
    if value or (default is None and name in variables):
        return value
    if default is None:
        raise OptionError(
            f"the environment variable {name} is not set",
            f"set it, or write ${{{name}:default}}",
        )
    return default


def _file_text(reference: str) -> str:
    def refused(why: str) -> OptionError:
        return OptionError(f"${{{reference}}}: the file {why}")

    try:
        with Path(reference.removeprefix("file:")).open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except (OSError, ValueError) as error:  # a ValueError: a path that no file can have
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise refused(f"can't be read: {reason}") from None
    if len(content) > MOST_BYTES:
        raise refused(f"is longer than {MOST_BYTES // 1024} KiB")
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        raise refused("is not UTF-8 text") from None
    return text.removesuffix("\n").removesuffix("\r")
