"""All that the plugin brings passes EventFlux's conformance kit."""

from __future__ import annotations

import itertools
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from eventflux_spool import plugin

from eventflux.testing import (
    FunctionConformance,
    SinkConformance,
    SinkMapperConformance,
    SourceConformance,
    SourceMapperConformance,
)


class Folder:
    """The other side of source and sink: a folder of files."""

    async def start(self) -> None:
        self.folder = Path(tempfile.mkdtemp())

    async def stop(self) -> None:
        shutil.rmtree(self.folder)

    def options(self) -> Mapping[str, str]:
        return {"spool.folder": str(self.folder)}

    def refused_options(self) -> Mapping[str, str]:
        return {"spool.folder": str(self.folder / "missing")}


class TestSpoolSource(Folder, SourceConformance):
    factory = plugin.SpoolSourceFactory()

    async def start(self) -> None:
        await super().start()
        self.numbers = itertools.count()
        self.messages: dict[Path, bytes] = {}

    def options(self) -> Mapping[str, str]:
        return {**super().options(), "spool.poll.interval": "5ms"}

    async def put(self, payloads: Sequence[bytes]) -> None:
        for payload in payloads:
            file = self.folder / f"{next(self.numbers):09}"
            self.messages[file] = payload
            unfinished = self.folder / f".{file.name}"
            unfinished.write_bytes(payload)
            unfinished.rename(file)

    async def acknowledged(self) -> Sequence[bytes]:
        rejected = self.folder / "rejected"
        return [
            payload
            for file, payload in self.messages.items()
            if not file.exists() and not (rejected / file.name).exists()
        ]


class TestSpoolSink(Folder, SinkConformance):
    factory = plugin.SpoolSinkFactory()

    async def arrived(self) -> Sequence[bytes]:
        return [file.read_bytes() for file in sorted(self.folder.glob("*.msg"))]


class TestLogfmtSource(SourceMapperConformance):
    factory = plugin.LogfmtSourceMapperFactory()
    columns = "level STRING NOT NULL, ms INT, slow BOOL"

    def decodes(self) -> Sequence[tuple[bytes, Sequence[tuple[Any, ...]]]]:
        return [
            (b"level=info ms=12 slow", [("info", 12, True)]),
            (b'level="a \\"b\\""\n\nlevel=warn', [('a "b"', None, None), ("warn", None, None)]),
        ]

    def malformed(self) -> Sequence[bytes]:
        return [b"ms=1", b"level=info ms=x", b'level="info', b"\xff"]


class TestLogfmtSink(SinkMapperConformance):
    factory = plugin.LogfmtSinkMapperFactory()
    columns = "level STRING, ms INT"

    def encodes(self) -> Sequence[tuple[tuple[Any, ...], bytes]]:
        return [(("two words", 12), b'level="two words" ms=12'), ((None, None), b"")]


class TestMask(FunctionConformance):
    [function] = plugin.register_functions()

    def calls(self) -> Sequence[tuple[tuple[Any, ...], Any]]:
        return [(("4111", 2), "**11"), (("4111", 9), "4111"), ((None, 2), None)]
