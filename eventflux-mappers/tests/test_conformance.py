"""Every format passes the conformance kit, both ways."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from eventflux.testing import SinkMapperConformance, SourceMapperConformance
from eventflux_mappers import plugin

Payloads = Sequence[tuple[bytes, Sequence[tuple[Any, ...]]]]
Rows = Sequence[tuple[tuple[Any, ...], bytes]]

COLUMNS = "id LONG NOT NULL, name STRING, price DECIMAL(9,2), live BOOL"


class TestJsonSource(SourceMapperConformance):
    factory = plugin.JsonSourceMapperFactory()
    columns = COLUMNS

    def decodes(self) -> Payloads:
        return [
            (
                b'{"id": 1, "name": "Ann", "price": 9.50, "live": true}',
                [(1, "Ann", Decimal("9.50"), True)],
            ),
            (b'{"id": 2}', [(2, None, None, None)]),
            (b'[{"id": 3}, {"id": 4}]', [(3, None, None, None), (4, None, None, None)]),
            (b"[]", []),
        ]

    def malformed(self) -> Sequence[bytes]:
        return [b"", b"{", b'{"id": "x"}', b'{"name": "Ann"}', b'{"id": 1, "name": "\xff"}']


class TestJsonSourceWithPaths(SourceMapperConformance):
    factory = plugin.JsonSourceMapperFactory()
    columns = "id LONG NOT NULL, name STRING"

    def options(self) -> Mapping[str, str]:
        return {"json.mapping.id": "$.key.id", "json.mapping.name": "$.names[0]"}

    def decodes(self) -> Payloads:
        return [
            (b'{"key": {"id": 1}, "names": ["Ann", "Bo"]}', [(1, "Ann")]),
            (b'{"key": {"id": 2}}', [(2, None)]),
        ]

    def malformed(self) -> Sequence[bytes]:
        return [b"{}", b"[", b'{"key": {"id": true}}']


class TestJsonSink(SinkMapperConformance):
    factory = plugin.JsonSinkMapperFactory()
    columns = "id LONG NOT NULL, name STRING, ratio DOUBLE"

    def encodes(self) -> Rows:
        return [
            ((1, "Ann", 0.5), b'{"id":1,"name":"Ann","ratio":0.5}'),
            ((2, None, None), b'{"id":2,"name":null,"ratio":null}'),
        ]


class TestCsvSource(SourceMapperConformance):
    factory = plugin.CsvSourceMapperFactory()
    columns = COLUMNS

    def decodes(self) -> Payloads:
        return [
            (b'1,"Ann, B",9.50,true', [(1, "Ann, B", Decimal("9.50"), True)]),
            (b"2,,,\r\n3,Bo,,", [(2, None, None, None), (3, "Bo", None, None)]),
        ]

    def malformed(self) -> Sequence[bytes]:
        return [b"x,Ann,1,true", b"1,Ann", b'1,"Ann', b"1,\xff,,"]


class TestCsvSourceWithHeader(SourceMapperConformance):
    factory = plugin.CsvSourceMapperFactory()
    columns = "id LONG NOT NULL, name STRING"

    def options(self) -> Mapping[str, str]:
        return {"csv.has-header": "true"}

    def decodes(self) -> Payloads:
        return [(b"name,id\nAnn,1\nBo,2\n", [(1, "Ann"), (2, "Bo")])]

    def malformed(self) -> Sequence[bytes]:
        return [b"name,id\nAnn,x\n"]


class TestCsvSink(SinkMapperConformance):
    factory = plugin.CsvSinkMapperFactory()
    columns = "id LONG NOT NULL, name STRING"

    def encodes(self) -> Rows:
        return [((1, "Ann"), b"1,Ann"), ((2, 'a "b", c'), b'2,"a ""b"", c"'), ((3, None), b"3,")]


class TestBytesSource(SourceMapperConformance):
    factory = plugin.BytesSourceMapperFactory()
    columns = "payload BYTES"

    def decodes(self) -> Payloads:
        return [(b"x\x00\xff", [(b"x\x00\xff",)]), (b"", [(b"",)])]


class TestBytesSink(SinkMapperConformance):
    factory = plugin.BytesSinkMapperFactory()
    columns = "payload BYTES"

    def encodes(self) -> Rows:
        return [((b"x\x00\xff",), b"x\x00\xff"), ((b"",), b"")]


class TestTextSource(SourceMapperConformance):
    factory = plugin.TextSourceMapperFactory()
    columns = "line STRING"

    def decodes(self) -> Payloads:
        return [("naïve".encode(), [("naïve",)]), (b"", [("",)])]

    def malformed(self) -> Sequence[bytes]:
        return [b"\xff"]


class TestTextSink(SinkMapperConformance):
    factory = plugin.TextSinkMapperFactory()
    columns = "line STRING"

    def encodes(self) -> Rows:
        return [(("naïve",), "naïve".encode()), (("",), b"")]
