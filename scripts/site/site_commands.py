"""The program's commands as Markdown, from what ``eventflux --help`` is made of."""

from __future__ import annotations

import re

import typer
from site_reference import code, plain, table
from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption

from eventflux.cli.commands import app


def all_commands() -> str:
    """Each command: how it is called, what it does, its options and exit codes."""
    program = typer.main.get_command(app)
    assert isinstance(program, TyperGroup)
    return "\n".join(
        _command(command)
        for command in program.commands.values()
        if isinstance(command, TyperCommand)
    )


def _command(command: TyperCommand) -> str:
    arguments = [p for p in command.params if isinstance(p, TyperArgument)]
    options = [p for p in command.params if isinstance(p, TyperOption) and not p.hidden]
    usage = " ".join(["eventflux", str(command.name), "[OPTIONS]", *map(_called, arguments)])
    shown = f"## {command.name}\n\n```text\n{usage}\n```\n\n{_paragraphs(command.help)}"
    if arguments:
        rows = [(code(_called(argument)), plain(argument.help or "")) for argument in arguments]
        shown += table(("argument", "meaning"), rows)
    if options:
        shown += table(("option", "value", "meaning"), map(_option, options))
    return shown + _paragraphs(command.epilog)


def _called(argument: TyperArgument) -> str:
    """The argument as the usage shows it."""
    name = str(argument.metavar or argument.name).upper().rstrip("…")
    many = "…" if argument.nargs == -1 else ""
    return f"{name}{many}" if argument.required else f"[{name}{many}]"


def _option(option: TyperOption) -> tuple[str, str, str]:
    value = ""
    if not option.is_flag:
        choices = getattr(option.type, "choices", None)
        value = " | ".join(choices) if choices else str(option.metavar or option.type.name)
    default = f" By default {code(str(option.default))}." if value and option.default else ""
    return ", ".join(map(code, option.opts)), code(value), f"{plain(option.help or '')}{default}"


def _paragraphs(text: str | None) -> str:
    """Help text; lines that are commands or a table of codes stay as they are."""
    shown = ""
    for paragraph in re.split(r"\n\n+", (text or "").strip()):
        literal = paragraph.startswith(("eventflux ", "Exit codes:"))
        shown += f"```text\n{paragraph}\n```\n\n" if literal else f"{plain(paragraph)}\n\n"
    return shown
