"""The Python files beside a program, whose functions it can name."""

from __future__ import annotations

import sys
from pathlib import Path


def find_modules_in(folder: Path) -> None:
    """Let programs name Python functions of the files in a folder. What is installed, and what was
    found before, comes first."""
    directory = str(folder.resolve())
    if directory not in sys.path:
        sys.path.append(directory)
