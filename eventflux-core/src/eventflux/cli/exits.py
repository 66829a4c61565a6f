"""Exit codes, and how an error becomes one."""

from __future__ import annotations

import enum

from eventflux.base.errors import (
    EventFluxError,
    MissingPackageError,
    OptionError,
    RefusedError,
    SqlError,
    StateError,
    UnreachableError,
    UsageError,
)


class Exit(enum.IntEnum):
    """What the process's exit status means."""

    DONE = 0
    """Ended, or drained after SIGINT or SIGTERM."""
    FAILED = 1
    """Failed while running, or could not drain within ``app.stop.timeout``."""
    USAGE = 2
    """The command line is wrong."""
    INVALID = 3
    """The SQL, an option or a configuration file is wrong."""
    UNREACHABLE = 4
    """Something outside was unreachable within ``app.start.timeout``."""
    REFUSED = 5
    """Refused at start: credentials, a queue, an exchange, stored state."""
    MISSING_PACKAGE = 6
    """A package has to be installed."""
    INTERRUPTED = 130
    """A second signal ended the process at once."""


RUN_EXIT_CODES_HELP = """Exit codes:
    0  ended, or drained after SIGINT or SIGTERM
    1  failed while running, or could not drain in time
    2  usage
    3  SQL or option errors
    4  unreachable within app.start.timeout
    5  refused at start (credentials, queue, exchange, stored state)
    6  a package is missing
  130  ended at once by a second signal"""

CHECK_EXIT_CODES_HELP = """Exit codes:
    0  nothing is wrong, or there are warnings alone
    2  usage
    3  SQL or option errors
    6  packages to install are all that is wrong"""

FMT_EXIT_CODES_HELP = """Exit codes:
    0  formatted, or nothing to do
    1  --check: a file would change
    2  usage
    3  a file is no program"""

TEST_EXIT_CODES_HELP = """Exit codes:
    0  all tests passed
    1  a test failed
    2  usage; there is no test
    3  errors in a test file or its program"""

_CODES: tuple[tuple[type[EventFluxError], Exit], ...] = (
    (SqlError, Exit.INVALID),
    (OptionError, Exit.INVALID),
    (MissingPackageError, Exit.MISSING_PACKAGE),
    (UnreachableError, Exit.UNREACHABLE),
    (RefusedError, Exit.REFUSED),
    (StateError, Exit.REFUSED),
    (UsageError, Exit.USAGE),
)


def exit_for(error: EventFluxError) -> Exit:
    """The exit code that tells of ``error``."""
    return next((code for kind, code in _CODES if isinstance(error, kind)), Exit.FAILED)


def describe(error: EventFluxError) -> str:
    """The text for the terminal: a SQL error shows its places itself."""
    text = str(error)
    return text if isinstance(error, SqlError) else f"error: {text}"
