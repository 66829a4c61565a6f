"""Test files as pytest sees them: a file has its tests, each an item of its own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from eventflux.base.errors import EventFluxError
from eventflux.testing.sql_tests.failures import TestFailed
from eventflux.testing.sql_tests.files import read_tests
from eventflux.testing.sql_tests.playing import run_test
from eventflux.testing.sql_tests.statements import SqlTest


class SqlTestFile(pytest.File):
    """A file ``*.eventflux-test``."""

    def collect(self) -> Iterator[SqlTestItem]:
        try:
            shown = os.path.relpath(self.path, self.config.invocation_params.dir)
            tests = read_tests(self.path, shown)
        except EventFluxError as error:
            raise self.CollectError(str(error)) from None
        for test in tests:
            name = test.name or self.path.stem
            yield SqlTestItem.from_parent(self, name=name, test=test)


class SqlTestItem(pytest.Item):
    """One test of a file."""

    def __init__(self, *, test: SqlTest, **given: Any) -> None:
        super().__init__(**given)
        self._test = test

    def runtest(self) -> None:
        run_test(self._test)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        match excinfo.value:
            case TestFailed() as failed:
                return failed.text()
            case EventFluxError() as error:
                return str(error)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        line = self._test.source.position(self._test.start).line
        return self.path, line - 1, self.name
