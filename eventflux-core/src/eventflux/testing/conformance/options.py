"""The rules for what a factory declares: its name, its line of documentation, its options."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from eventflux.base.errors import OptionError
from eventflux.spi import Options, OptionSpec, Secret, Template
from eventflux.testing.conformance.contract import (
    Breach,
    Conformance,
    essential,
    rule,
    shortened,
)

_NO_SUCH = "no-such-option"
_ANY_TEXT = (str, Secret, Template)


def _wrong_texts(spec: OptionSpec) -> Iterator[str]:
    """Texts that the option must refuse."""
    if spec.type not in _ANY_TEXT:
        yield "no-value-of-any-type"
    if spec.low is not None:
        yield str(spec.low - 1)
    if spec.high is not None:
        yield str(spec.high + 1)


class OptionsConformance(Conformance):
    """What the suites of all factories have in common."""

    factory: ClassVar[Any]
    """The factory under test."""

    def options(self) -> Mapping[str, str]:
        """The texts of the options by their full names in SQL, with which everything works;
        called when the other side has been started."""
        essential(self, "options")

    def typed(self, texts: Mapping[str, str] | None = None) -> Any:
        """The typed options, of :meth:`options` unless others are given."""
        declared: type[Options] = self.factory.options
        return declared.parse(self.options() if texts is None else texts)

    @rule("a factory has a name for SQL, a line of documentation, and options that have one each")
    async def test_declares_what_it_is(self) -> None:
        for attribute in ("name", "doc"):
            text = getattr(self.factory, attribute, None)
            if not isinstance(text, str) or not text.strip() or "\n" in text:
                raise Breach(
                    f"{attribute} is {shortened(text)}", "write a text of one line, in the class"
                )
        declared = getattr(self.factory, "options", None)
        if not (isinstance(declared, type) and issubclass(declared, Options)):
            raise Breach(f"options is {shortened(declared)}", "name a class derived from Options")
        silent = [spec.name for spec in declared.specs() if not spec.doc.strip()]
        if silent:
            raise Breach(f"{silent[0]} has no doc", "tell users what the option does")

    @rule("the options that the suite gives are right")
    async def test_takes_its_options(self) -> None:
        try:
            self.typed()
        except OptionError as error:
            raise Breach(
                f"{shortened(dict(self.options()))} were refused: {error}",
                "give the names as SQL has them, prefix included, and texts as values",
            ) from None

    @rule("an option that is not declared is refused by name")
    async def test_refuses_an_unknown_option(self) -> None:
        name = f"{self.factory.options.prefix or self.factory.name}.{_NO_SUCH}"
        self._refused({**self.options(), name: "1"}, name, "is not declared, but was taken")

    @rule("an option that is required and missing is refused by name")
    async def test_refuses_to_go_without_what_is_required(self) -> None:
        for spec in self.factory.options.specs():
            if spec.required:
                texts = {name: text for name, text in self.options().items() if name != spec.name}
                self._refused(texts, spec.name, "is required, but nobody missed it")

    @rule("a text that is no value of the option's type, or beyond its bounds, is refused by name")
    async def test_refuses_a_value_of_another_type(self) -> None:
        for spec in self.factory.options.specs():
            if spec.of is None:
                for text in _wrong_texts(spec):
                    texts = {**self.options(), spec.name: text}
                    self._refused(texts, spec.name, f"took {text!r}, which is no {spec.type_name}")

    def _refused(self, texts: Mapping[str, str], name: str, did: str) -> None:
        problems = self.factory.options.problems(texts)
        if not problems:
            raise Breach(f"{name} {did}", "leave reading options to the class Options")
        if not any(name in str(problem) for problem in problems):
            raise Breach(
                f"the error for {name} does not name it: {problems[0]}",
                "say in the error which option is wrong",
            )
