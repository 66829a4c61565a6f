"""Writing source: names, and where loads end up."""

from __future__ import annotations

from eventflux.compiler.source import Names, Source


def text_of(source: Source) -> str:
    return source.finish()[0]


def test_a_load_used_once_stays_in_place() -> None:
    source = Source(Names())
    token = source.load("a", "row.a")
    source.line(f"use({token})")
    assert text_of(source) == "use(row.a)\n"


def test_a_load_used_twice_is_assigned_before_its_first_use() -> None:
    source = Source(Names())
    token = source.load("a", "row.a")
    source.line("begin()")
    source.line(f"use({token}, {token}) if {token} else None")
    source.line("middle()")
    source.line(f"use({token})")
    assert text_of(source) == ("begin()\na = row.a\nuse(a, a) if a else None\nmiddle()\nuse(a)\n")


def test_a_load_used_in_two_branches_is_assigned_before_both() -> None:
    source = Source(Names())
    token = source.load("a", "row.a")
    with source.block("if x:"):
        source.line(f"use({token})")
    with source.block("if y:"):
        source.line(f"use({token})")
    assert text_of(source) == "a = row.a\nif x:\n    use(a)\nif y:\n    use(a)\n"


def test_a_load_used_in_one_branch_is_assigned_inside() -> None:
    source = Source(Names())
    token = source.load("a", "row.a")
    with source.block("if x:"):
        source.line("begin()")
        source.line(f"use({token})")
        with source.block("if y:"):
            source.line(f"use({token})")
    assert "if x:\n    begin()\n    a = row.a\n    use(a)\n" in text_of(source)


def test_a_load_is_not_assigned_inside_a_call_or_between_if_and_else() -> None:
    source = Source(Names())
    first, second = source.load("a", "row.a"), source.load("b", "row.b")
    source.call("f(", [(first, None), (first, None)], ")")
    with source.block("if x:"):
        source.line(f"use({second})")
    with source.block("else:"):
        source.line(f"use({second})")
    assert text_of(source) == (
        "a = row.a\nf(\n    a,\n    a,\n)\nb = row.b\nif x:\n    use(b)\nelse:\n    use(b)\n"
    )


def test_names_are_unique_and_never_shadow_what_code_needs() -> None:
    names = Names()
    assert [names.fresh(n) for n in ("a", "a", "a", "len", "class", "a b", "é")] == [
        "a",
        "a_2",
        "a_3",
        "len_2",
        "class_2",
        "a_b",
        "column",
    ]
