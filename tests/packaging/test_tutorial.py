"""The tutorial, from its first line to its last: what it installs is installed, in a new
environment with only the core."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.docs.examples import Examples
from tests.docs.pages import TUTORIAL, blocks

if TYPE_CHECKING:
    from tests.packaging.conftest import Environment

pytestmark = pytest.mark.slow


def test_every_block_does_what_the_page_says(
    wheels: Path, new_environment: type[Environment], tmp_path: Path
) -> None:
    environment = new_environment(tmp_path / "environment", with_pip=True)
    folder = tmp_path / "work"
    folder.mkdir()
    variables = {
        **environment.variables,
        "PIP_FIND_LINKS": str(wheels),
        "COLUMNS": "100",
        "NO_COLOR": "1",
    }
    examples = Examples(folder, variables, installs=True)
    for block in blocks(TUTORIAL):
        try:
            examples.run(block)
        except Exception as error:
            error.add_note(f"{TUTORIAL}:{block.line}")
            raise
