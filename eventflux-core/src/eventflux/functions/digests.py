"""Hashes of texts and bytes, and base64."""

from __future__ import annotations

import binascii
import hashlib
from base64 import b64encode
from functools import partial
from typing import Any

from eventflux.base.types import DataType as T
from eventflux.functions.declaration import Function, takes


def base64_text(value: bytes) -> str:
    return b64encode(value).decode("ascii")


def base64_bytes(text: str) -> bytes | None:
    try:
        return binascii.a2b_base64(text.encode("ascii"), strict_mode=True)
    except ValueError:
        return None


def _hash(name: str, digest: Any, example: str) -> Function:
    return Function(
        name=name,
        overloads=(
            takes("x STRING", T.STRING, "{digest}({0}.encode()).hexdigest()", digest=digest),
            takes("x BYTES", T.STRING, "{digest}({0}).hexdigest()", digest=digest),
        ),
        doc=f"the {name.upper()} hash of bytes, or of a text as UTF-8, in hexadecimal digits",
        examples=(example,),
    )


# MD5 and SHA-1 tell values apart; they keep nothing secret.
DECLARED = (
    _hash("md5", partial(hashlib.md5, usedforsecurity=False),
          "md5('a') -> '0cc175b9c0f1b6a831c399e269772661'"),
    _hash("sha1", partial(hashlib.sha1, usedforsecurity=False),
          "sha1('a') -> '86f7e437faa5a7fce15d1ddcb9eaeaea377667b8'"),
    _hash("sha256", hashlib.sha256,
          "sha256('a') -> 'ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb'"),
    Function(
        name="to_base64",
        aliases=("base64_encode",),
        overloads=(
            takes("x STRING", T.STRING, "{base64_text}({0}.encode())", base64_text=base64_text),
            takes("x BYTES", T.STRING, base64_text),
        ),
        doc="bytes, or a text as UTF-8, as base64",
        examples=("to_base64('any') -> 'YW55'", "to_base64('é') -> 'w6k='"),
    ),
    Function(
        name="from_base64",
        aliases=("base64_decode",),
        overloads=(takes("s STRING", T.BYTES, base64_bytes),),
        doc="the BYTES that base64 stands for; NULL of what is none",
        examples=(
            "CAST(from_base64('YW55') AS STRING) -> 'any'", "from_base64('what?') -> NULL",
        ),
        may_be_null=True,
    ),
)  # fmt: skip
