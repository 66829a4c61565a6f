"""From a program's file to the app that runs it now, and what that is asked."""

from __future__ import annotations

import http.client
import socket
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import typer

from eventflux.base.errors import EventFluxError, RefusedError, UnreachableError, UsageError
from eventflux.base.suggest import did_you_mean
from eventflux.cli.program import STDIN, shown_name

if TYPE_CHECKING:
    from eventflux.monitoring.control import AppFacts

_TIMEOUT = 10.0
"""Seconds until an app that doesn't answer is given up."""


class _SocketConnection(http.client.HTTPConnection):
    """HTTP through a Unix socket."""

    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=_TIMEOUT)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(_TIMEOUT)
        self.sock.connect(str(self._path))


@dataclass(frozen=True, slots=True)
class _Door:
    """A way into a running app."""

    where: str
    path: Path | None = None
    host: str = ""
    port: int = 0

    def connection(self) -> http.client.HTTPConnection:
        if self.path is not None:
            return _SocketConnection(self.path)
        return http.client.HTTPConnection(self.host, self.port, timeout=_TIMEOUT)

    @contextmanager
    def answering(self) -> Iterator[None]:
        """Where an app is asked something: it is named if it does not answer."""
        try:
            yield
        except (OSError, http.client.HTTPException) as error:
            raise UnreachableError(
                f"the app at {self.where} does not answer: {error}",
                "does it run, and serve there? eventflux run FILE --http HOST:PORT"
                if self.path is None
                else "it has ended, or something holds its event loop",
            ) from None


@dataclass(frozen=True, slots=True)
class Answer:
    """What an app answers, bit by bit where it goes on."""

    door: _Door
    line: socket.socket
    response: http.client.HTTPResponse

    def read(self) -> bytes:
        with self.door.answering():
            return self.response.read()

    def lines(self) -> Iterator[bytes]:
        """The lines until the app ends them; each is waited for as long as it takes."""
        self.line.settimeout(None)
        while True:
            with self.door.answering():
                text = self.response.readline()
            if not text:
                return
            yield text


@contextmanager
def asked(
    file: Path, name: str | None, address: str | None, page: str, **query: str
) -> Iterator[Answer]:
    """The answer of the app that runs ``file`` to what is asked of one of its pages.

    Raises:
        UnreachableError: no such app runs, or it doesn't answer.
        UsageError: several run it, or the app refuses the question.
    """
    door = _by_address(address) if address is not None else _by_file(file, name)
    with closing(door.connection()) as connection:
        with door.answering():
            connection.connect()
            line = connection.sock  # http.client forgets it with the head of the answer
            connection.request("GET", f"{page}?{urlencode(query)}")
            response = connection.getresponse()
        with response:
            answer = Answer(door, line, response)
            if response.status != 200:
                raise _refused(answer)
            yield answer


def ask(file: Path, stream: str, name: str | None, address: str | None, *, as_json: bool) -> None:
    """Print why a stream of the app that runs ``file`` has no rows."""
    import msgspec

    from eventflux.app.why.report import Why

    with asked(file, name, address, "/why", stream=stream) as answer:
        told = answer.read()
    if as_json:
        sys.stdout.write(msgspec.json.format(told, indent=2).decode() + "\n")
        return
    print(msgspec.json.decode(told, type=Why))


def _refused(answer: Answer) -> EventFluxError:
    import msgspec

    response = answer.response
    try:
        told = msgspec.json.decode(answer.read(), type=dict[str, str | None])
    except msgspec.DecodeError:
        return UnreachableError(
            f"what answers at {answer.door.where} is no app that can be looked into "
            f"({response.status} {response.reason})"
        )
    kind = RefusedError if response.status == 403 else UsageError
    return kind(told.get("error") or response.reason, told.get("hint"))


def _by_address(text: str) -> _Door:
    from eventflux.monitoring.http_server import Address

    try:
        address = Address.parse(text)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--http") from None
    return _Door(str(address), host=address.host, port=address.port)


def _by_file(file: Path, name: str | None) -> _Door:
    """The control socket of the one app that runs a program."""
    if not hasattr(socket, "AF_UNIX"):
        raise UnreachableError(
            "this system has no Unix sockets",
            "run the app with --http PORT, and ask with --http PORT",
        )
    running = list(_running())
    path = None if file == STDIN else str(file.resolve())
    found = [
        (facts, door)
        for facts, door in running
        if (path is None or facts.file == path) and (name is None or facts.app == name)
    ]
    if len(found) == 1:
        return found[0][1]
    if found:
        listed = ", ".join(f"{facts.app} (process {facts.pid})" for facts, _ in found)
        names = {facts.app for facts, _ in found}
        raise UsageError(
            f"{len(found)} apps run {shown_name(file)}: {listed}",
            "--name says which is meant"
            if len(names) == len(found)
            else "start each by a name of its own (eventflux run --name), or ask by --http",
        )
    raise _not_running(file, name, [facts for facts, _ in running])


def _not_running(file: Path, name: str | None, others: list[AppFacts]) -> UnreachableError:
    from eventflux.monitoring.control import folders, is_private

    whose = shown_name(file) if name is None else f"{shown_name(file)} as {name!r}"
    hint = (
        f"start it with: eventflux run {shown_name(file)}. The app of another user, machine or "
        "container is asked by --http HOST:PORT"
    )
    if name is not None and others:
        names = [facts.app for facts in others]
        hint = did_you_mean(name, names) or hint
    elif others:
        hint = f"there run {', '.join(sorted({facts.file for facts in others}))}; {hint}"
    open_to_others = [f for f in folders() if f.exists() and not is_private(f)]
    if open_to_others:
        hint = f"{open_to_others[0]} is not used, it is not this user's alone: chmod 700; {hint}"
    return UnreachableError(f"no app runs {whose} here", hint)


def _running() -> Iterator[tuple[AppFacts, _Door]]:
    """All apps of this user that run here. Sockets that a process has left behind are removed."""
    import msgspec

    from eventflux.monitoring.control import AppFacts, folders, is_private

    for folder in filter(is_private, folders()):
        for path in sorted(folder.glob("*.sock")):
            door = _Door(str(path), path)
            connection = door.connection()
            try:
                connection.request("GET", "/app")
                told = connection.getresponse().read()
                yield msgspec.json.decode(told, type=AppFacts), door
            except ConnectionRefusedError:
                path.unlink(missing_ok=True)
            except (OSError, http.client.HTTPException, msgspec.DecodeError):
                continue  # it starts, ends, or hangs: not one to ask
            finally:
                connection.close()
