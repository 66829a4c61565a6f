"""A `Secret` shows itself nowhere."""

from __future__ import annotations

import copy
import dataclasses
import json
import logging
import pickle
import pprint
import traceback
from typing import Any

import msgspec
import pytest

from eventflux.spi import Options, Secret, option

TEXT = "s3cret-text"


class BrokerOptions(Options, prefix="broker"):
    host: str = option("localhost", doc="where it listens")
    password: Secret = option(doc="the password")


OPTIONS = BrokerOptions.parse({"broker.password": TEXT})
SECRET = OPTIONS.password


def test_it_gives_its_text_when_asked() -> None:
    assert SECRET.reveal() == TEXT
    assert Secret(TEXT) == SECRET
    assert Secret("other") != SECRET
    assert len({SECRET, Secret(TEXT)}) == 1


@pytest.mark.parametrize("shown", [SECRET, OPTIONS, {"a": [SECRET]}, dataclasses.asdict(OPTIONS)])
def test_no_text_of_it_shows_it(shown: Any) -> None:
    for text in (
        str(shown),
        repr(shown),
        f"{shown}",
        f"{shown!r}",
        f"{shown!s:>40}",
        "%s %r" % (shown, shown),  # noqa: UP031
        "{0} {0!r}".format(shown),  # noqa: UP032
        ascii(shown),
        pprint.pformat(shown),
        logging.LogRecord("x", 1, "", 1, "%s", (shown,), None).getMessage(),
    ):
        assert TEXT not in text
    assert f"{SECRET:>20}" == "       Secret('***')"


@pytest.mark.parametrize("encoded", [SECRET, OPTIONS])
def test_no_encoder_takes_it(encoded: Any) -> None:
    for encode in (
        pickle.dumps,
        msgspec.json.encode,
        msgspec.msgpack.encode,
        msgspec.to_builtins,
        json.dumps,
    ):
        with pytest.raises(TypeError) as raised:
            encode(encoded)
        assert TEXT not in str(raised.value)
    with pytest.raises(TypeError):
        SECRET.__getstate__()


def test_copies_are_the_same_secret() -> None:
    assert copy.copy(SECRET) is SECRET
    assert copy.deepcopy(OPTIONS) == OPTIONS
    assert dataclasses.replace(OPTIONS, host="h").password is SECRET


def test_a_traceback_with_locals_hides_it() -> None:
    def fail(options: BrokerOptions) -> None:
        password = options.password
        raise RuntimeError(f"with {password}")

    with pytest.raises(RuntimeError) as raised:
        fail(OPTIONS)
    shown = traceback.TracebackException.from_exception(raised.value, capture_locals=True)
    told = "".join(shown.format())
    assert "password = Secret('***')" in told
    assert TEXT not in told.replace(f'TEXT = "{TEXT}"', "")
