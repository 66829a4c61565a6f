"""The control socket of a running app: through it other programs of the same user look into it.

It is a Unix socket in a folder that only this user may enter, and speaks HTTP.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import stat
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import msgspec

from eventflux.app import AppRuntime
from eventflux.base.errors import RefusedError
from eventflux.monitoring.http_server import Page, Request, Response, SocketServer
from eventflux.monitoring.pages import looking_pages

logger = logging.getLogger("eventflux.monitoring")

FOLDER = "EVENTFLUX_RUNTIME_DIR"
"""The environment variable that names the folder of control sockets."""


class AppFacts(msgspec.Struct, frozen=True):
    """What a control socket says of its app; ``file`` is the whole path of its program."""

    app: str
    file: str
    pid: int
    state: str


def folders() -> Iterator[Path]:
    """Where control sockets may be, the place for new ones first: a service and a terminal of the
    same user may know different ones."""
    if named := os.environ.get(FOLDER):
        yield Path(named)
        return
    if user := os.environ.get("XDG_RUNTIME_DIR"):
        yield Path(user) / "eventflux"
    yield Path(tempfile.gettempdir()) / f"eventflux-{os.getuid()}"


def is_private(folder: Path) -> bool:
    """Whether the folder is there, and this user's alone."""
    try:
        found = folder.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid() and not found.st_mode & 0o077


@contextlib.asynccontextmanager
async def control_socket(app: AppRuntime, file: Path) -> AsyncIterator[None]:
    """Let programs of the same user look into ``app``, whose program is ``file``. Where there can
    be no socket the app does without, and the log says so."""
    if not hasattr(asyncio, "start_unix_server"):
        yield  # a system without Unix sockets: --http serves the same
        return
    async with contextlib.AsyncExitStack() as open_now:
        try:
            path = _new_path()
            open_now.callback(path.unlink, missing_ok=True)
            # Who looks for sockets removes those where nobody listens: it shows once it does.
            unseen = path.with_suffix(".new")
            unseen.unlink(missing_ok=True)
            await open_now.enter_async_context(SocketServer(control_pages(app, file), unseen))
            unseen.rename(path)
        except (OSError, RefusedError) as error:
            logger.info("no control socket, so explain --why and tap need --http: %s", error)
        yield


def _new_path() -> Path:
    folder = next(folders())
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not is_private(folder):
        raise RefusedError(f"{folder} is not this user's alone")
    return folder / f"{os.getpid()}.sock"  # one of a process before is replaced


def control_pages(app: AppRuntime, file: Path) -> dict[str, Page]:
    """The pages of a control socket: who it is, and what looks into the app."""

    def who(request: Request) -> Response:
        facts = AppFacts(app.name, str(file.resolve()), os.getpid(), app.state)
        return Response(200, "application/json", msgspec.json.encode(facts) + b"\n")

    return {"/app": who, **looking_pages(app)}
