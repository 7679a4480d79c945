"""Commands whose modules are read when they are used: `--version` and `-h` wait for no AWS library."""

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, ClassVar

import typer
from typer.core import TyperCommand, TyperGroup

from rootctl.errors import EXIT_CODES

SHOWS = ("profile", "region", "name_prefix", "output")
CHANGES = ("dry_run", "yes", *SHOWS)


@dataclass(frozen=True, kw_only=True)
class Command:
    """Where a command's function is, what to type for example, and which shared options it takes."""

    module: str
    function: str
    examples: tuple[str, ...]
    shared: tuple[str, ...] = SHOWS

    def summary(self) -> str:
        """Return the first line of the function's docstring without importing its module."""
        spec = find_spec(self.module)
        source = Path(spec.origin if spec and spec.origin else "").read_text(encoding="utf-8")
        [found] = [
            node
            for node in ast.parse(source).body
            if isinstance(node, ast.FunctionDef) and node.name == self.function
        ]
        return (ast.get_docstring(found) or "").split("\n\n")[0]

    def load(self, name: str) -> Any:
        """Return the command for typer, its module's own exit codes in its help where it has any."""
        module = import_module(self.module)
        as_command = import_module("rootctl.options").as_command
        exit_codes = getattr(module, "EXIT_CODES", EXIT_CODES)
        epilog = "\n\n".join([exit_codes, "Examples:", *(f"- `rootctl {each}`" for each in self.examples)])
        holder = typer.Typer(add_completion=False, rich_markup_mode="markdown")
        holder.command(name, epilog=epilog)(as_command(getattr(module, self.function), self.shared))
        return typer.main.get_command(holder)


class LaterGroup(TyperGroup):
    """A group that loads its commands when they are asked for; its help reads their docstrings alone."""

    later: ClassVar[Mapping[str, Command]] = {}
    _in_help = False

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the commands in the order people need them."""
        return [*self.later, *super().list_commands(ctx)]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return a command: for the group's help one with a summary only."""
        if (found := self.later.get(cmd_name)) is None:
            return super().get_command(ctx, cmd_name)
        if self._in_help:
            return TyperCommand(cmd_name, help=found.summary())
        if cmd_name not in self.commands:
            self.commands[cmd_name] = found.load(cmd_name)
        return self.commands[cmd_name]

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the help."""
        self._in_help = True
        super().format_help(ctx, formatter)
        self._in_help = False
