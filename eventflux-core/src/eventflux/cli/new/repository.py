"""Writes a repository: templates with a name put in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from eventflux.cli.new.names import Kind, Name

_TEMPLATES = Path(__file__).parent / "templates"
_SUFFIX = "-tpl"
_LAYERS: dict[Kind, tuple[str, ...]] = {
    "connector": ("common", "plugin", "connector"),
    "mapper": ("common", "plugin", "mapper"),
    "functions": ("common", "plugin", "functions"),
    "app": ("common", "app"),
}
"""The folders of templates that a repository is put together from."""


def write_repository(kind: Kind, name: Name, folder: Path) -> list[Path]:
    """Write a new repository.

    Args:
        folder: what it is in; made if it is missing.

    Returns:
        the files, relative to ``folder``, in order.

    Raises:
        FileExistsError: ``folder`` is a file or has something in it.
        OSError: it can't be written.
    """
    if folder.is_file():
        raise FileExistsError(f"{folder} is a file")
    if folder.exists() and any(folder.iterdir()):
        raise FileExistsError(f"{folder} has files already")
    made = []
    for template, path in _files(kind):
        target = Path(_named(str(path), name))
        (folder / target).parent.mkdir(parents=True, exist_ok=True)
        text = _named(template.read_text(encoding="utf-8"), name)
        (folder / target).write_text(text, encoding="utf-8", newline="\n")
        made.append(target)
    return sorted(made)


def _files(kind: Kind) -> Iterator[tuple[Path, Path]]:
    """Each template of a kind, and the path that its file has in the repository."""
    for layer in _LAYERS[kind]:
        for template in (_TEMPLATES / layer).rglob(f"*{_SUFFIX}"):
            path = template.relative_to(_TEMPLATES / layer)
            yield template, path.with_name(path.name.removesuffix(_SUFFIX))


def _named(text: str, name: Name) -> str:
    """``text`` with the name in the place of *acme*, in each of its forms."""
    forms = {
        "eventflux-acme": name.distribution,
        "acme-app": name.text,
        "acme": name.identifier,
        "Acme": name.class_prefix,
    }
    return re.sub("|".join(forms), lambda match: forms[match[0]], text)
