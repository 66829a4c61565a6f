"""Whether a client has the credentials that a stream asks for."""

from __future__ import annotations

import binascii
import hmac
from base64 import b64decode
from collections.abc import Mapping, Sequence

from eventflux_websocket.server_options import ServerOptions

TOKEN_PARAMETER = "token"
"""The parameter of a URL that holds a token, where a client can set no headers."""


def may_enter(
    options: ServerOptions, authorizations: Sequence[str], query: Mapping[str, str]
) -> bool:
    """Whether the request that opens a connection has what the options ask for.

    Args:
        authorizations: the values of its Authorization headers.
        query: the parameters of its URL.
    """
    if options.token is not None:
        given = [_after(text, "bearer") for text in authorizations]
        return _is_among(options.token.reveal(), [*given, query.get(TOKEN_PARAMETER)])
    if options.username is not None and options.password is not None:
        login = f"{options.username}:{options.password.reveal()}"
        return _is_among(login, [_decoded(_after(text, "basic")) for text in authorizations])
    return True


def challenge(options: ServerOptions) -> str:
    """What to ask a client for that has no credentials, or wrong ones."""
    kind = "Basic" if options.token is None else "Bearer"
    return f'{kind} realm="eventflux"'


def _after(text: str, scheme: str) -> str | None:
    begin, _, rest = text.strip().partition(" ")
    return rest.strip() if begin.lower() == scheme else None


def _decoded(text: str | None) -> str | None:
    try:
        return None if text is None else b64decode(text, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return None


def _is_among(wanted: str, given: Sequence[str | None]) -> bool:
    """How long it takes tells nothing of ``wanted``."""
    expected = wanted.encode()
    return any(hmac.compare_digest(one.encode(), expected) for one in given if one is not None)
