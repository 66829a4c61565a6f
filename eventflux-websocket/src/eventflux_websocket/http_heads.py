"""The heads of HTTP: of the answer of a server or a proxy, of the request of a client."""

from __future__ import annotations

import re
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import SplitResult, urlsplit

from websockets.datastructures import Headers

from eventflux_websocket.wording import plain

_LIMIT = 64 * 1024
"""The most bytes of a head."""
_OF_ANSWER, _OF_REQUEST, _END = b"HTTP/", b"GET ", b"\r\n\r\n"
_STATUS_LINE = re.compile(rb"HTTP/1\.[01] (\d{3})(?: ([^\r\n]*))?\r\n")
_REQUEST_LINE = re.compile(rb"GET ([!-~]+) HTTP/1\.1\r\n")
_LOCATION = re.compile(rb"\r\nlocation:[ \t]*([^\r\n]*)\r\n", re.IGNORECASE)
_PHRASE_LIMIT = 80


@dataclass(frozen=True, slots=True)
class Answer:
    """What the head of an answer says."""

    status: int
    phrase: str
    location: str
    """Where a redirect points to."""

    def __str__(self) -> str:
        return f"{self.status} {self.phrase}".rstrip()


class HeadReader:
    """Gathers bytes up to the end of a head, of an answer or ``of_request``."""

    def __init__(self, *, of_request: bool = False) -> None:
        self._beginning = _OF_REQUEST if of_request else _OF_ANSWER
        self.head = b""
        """All that has come until the head is whole, then the head alone."""

    def feed(self, data: bytes) -> bytes | None:
        """What follows the head, once it is whole. One that is too long, or of another protocol,
        counts as whole."""
        self.head += data
        if not self.head.startswith(self._beginning[: len(self.head)]):
            return b""
        end = self.head.find(_END)
        if end < 0:
            return None if len(self.head) <= _LIMIT else b""
        end += len(_END)
        self.head, rest = self.head[:end], self.head[end:]
        return rest


def parse_answer(head: bytes) -> Answer | None:
    """What a head says; ``None`` if it is none of HTTP/1."""
    line = _STATUS_LINE.match(head)
    if line is None or not head.endswith(_END):
        return None
    status = int(line[1])
    location = _LOCATION.search(head)
    return Answer(
        status,
        _phrase(status, (line[2] or b"").decode("latin-1").strip()),
        "" if location is None else plain(location[1].decode("latin-1").strip()),
    )


def _phrase(status: int, said: str) -> str:
    """What the status line says, and the usual words where that is nothing or too much."""
    if said and len(said) <= _PHRASE_LIMIT and said.isprintable():
        return said
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


def requested(head: bytes) -> SplitResult | None:
    """Path and query that a whole request asks for; ``None`` if it is no GET of HTTP/1."""
    line = _REQUEST_LINE.match(head)
    if line is None or not head.endswith(_END):
        return None
    try:
        return urlsplit(line[1].decode("ascii"))
    except ValueError:
        return None


def readable(headers: Headers) -> Headers:
    """The same with bytes beyond ASCII read as UTF-8: the library makes lone surrogates of them,
    which no text that goes on may hold."""
    if all(value.isascii() for _, value in headers.raw_items()):
        return headers
    made = Headers()
    for name, value in headers.raw_items():
        made.set_insecure(name, value.encode(errors="surrogateescape").decode(errors="replace"))
    return made
