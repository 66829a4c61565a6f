"""The suite for functions."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import Any, ClassVar

from eventflux.app import EventFluxManager
from eventflux.base.errors import EventFluxError
from eventflux.spi import ScalarFunction, TableFunction
from eventflux.testing.app_runner import AppRunner
from eventflux.testing.conformance.contract import (
    Breach,
    Conformance,
    essential,
    rule,
    shortened,
)


class FunctionConformance(Conformance):
    """Subclass it as ``Test…`` and give calls with their results::

    class TestHalf(FunctionConformance):
        function = half

        def calls(self):
            return [((4,), 2), ((None,), None)]
    """

    function: ClassVar[ScalarFunction]
    """The function under test."""

    def calls(self) -> Sequence[tuple[tuple[Any, ...], Any]]:
        """Arguments, each with what the function gives for them in SQL, ``None`` being NULL; of a
        table function that is a list, with the value of each row."""
        essential(self, "calls")

    def failing(self) -> Sequence[tuple[Any, ...]]:
        """Arguments for which it raises; leave it out where there are none."""
        return []

    def in_sql(self, calls: Sequence[tuple[Any, ...]]) -> list[Any]:
        """What SQL gives for these arguments, without the calls that fail.

        Raises:
            Breach: the function can't be called.
        """
        function = self.function
        manager = EventFluxManager(plugins=False)
        columns = "".join(f", a{at} {kind}" for at, kind in enumerate(function.arguments))
        names = ", ".join(f"a{at}" for at in range(len(function.arguments)))
        sql = (
            f"CREATE STREAM Calls (number LONG{columns});"
            f"INSERT INTO Results SELECT number, {function.name}({names}) AS result FROM Calls;"
            "INSERT INTO Failed SELECT CAST(json_value(originalEvent, '$.number') AS LONG) AS n "
            "FROM Calls.errors;"
        )
        try:
            manager.context.add_function(function)
            with AppRunner(sql, ["Results", "Failed"], context=manager.context) as runner:
                runner.send_many("Calls", [(n, *arguments) for n, arguments in enumerate(calls)])
                failed = {number for (number,) in runner.rows("Failed")}
                rows: dict[int, list[Any]] = {n: [] for n in range(len(calls)) if n not in failed}
                for number, result in runner.rows("Results"):
                    rows[number].append(result)
        except EventFluxError as error:
            raise Breach(f"SQL can't call it: {error}", "declare it so that it can") from error
        several = isinstance(function, TableFunction)
        return [result if several else result[0] for result in rows.values()]

    @rule("a function has a name, typed arguments that fit it, a type and a line of documentation")
    async def test_declares_what_it_is(self) -> None:
        function = self.function
        if not function.name.isidentifier() or not function.doc.strip():
            raise Breach(
                f"its name is {function.name!r}, its doc {function.doc!r}",
                "give it a name that SQL can write, and a doc",
            )
        try:
            inspect.signature(function.call).bind(*function.arguments)
        except TypeError as error:
            raise Breach(
                f"{len(function.arguments)} arguments are declared, and call() says: {error}",
                "declare one type for each argument that call takes",
            ) from None
        except ValueError:
            return  # written in C, without a signature

    @rule("SQL gives the results that the suite expects")
    async def test_gives_its_results(self) -> None:
        for arguments, expected in self.calls():
            got = self.in_sql([arguments])
            if repr(got) != repr([expected]):
                raise Breach(
                    f"{self.function.name}{shortened(arguments)} gave "
                    f"{shortened(got[0]) if got else 'an error'}",
                    f"expected {shortened(expected)}",
                )

    @rule("with null_on_null a NULL argument gives NULL; else call gets None and does not raise")
    async def test_knows_null(self) -> None:
        function = self.function
        for arguments, _ in self.calls():
            for at in range(len(arguments)):
                with_null = (*arguments[:at], None, *arguments[at + 1 :])
                got = self.in_sql([with_null])
                if not got:
                    raise Breach(
                        f"it raised for {shortened(with_null)}",
                        "handle None, or leave null_on_null on",
                    )
                nothing: Any = [] if isinstance(function, TableFunction) else None
                if function.is_strict(at) and got != [nothing]:
                    raise Breach(f"{shortened(with_null)} gave {shortened(got[0])}", "give None")

    @rule("a deterministic function gives the same for the same arguments")
    async def test_is_deterministic(self) -> None:
        if not self.function.deterministic:
            return
        for arguments, _ in self.calls():
            first, *others = map(repr, self.in_sql([arguments] * 5))
            if any(other != first for other in others):
                raise Breach(
                    f"{shortened(arguments)} gave {first}, then {others}",
                    "declare it with deterministic=False",
                )

    @rule("a row for which the function raises fails alone")
    async def test_fails_alone(self) -> None:
        good = [arguments for arguments, _ in self.calls()]
        expected = self.in_sql(good)
        for arguments in self.failing():
            if self.in_sql([arguments]):
                raise Breach(f"it did not raise for {shortened(arguments)}", "raise ValueError")
            got = self.in_sql([part for call in good for part in (call, arguments)])
            if repr(got) != repr(expected):
                raise Breach(
                    f"with failing rows between, {shortened(expected)} became {shortened(got)}",
                    "keep no state between calls",
                )
