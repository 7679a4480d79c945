"""Results in the form whoever reads them asked for."""

from collections.abc import Callable
from typing import TypeVar

import typer
from rich.console import RenderableType

from rootctl.options import Output
from rootctl.terminal.consoles import results

T = TypeVar("T")


def show(
    output: Output,
    result: T,
    *,
    as_table: Callable[[T], RenderableType],
    as_json: Callable[[T], str],
    as_csv: Callable[[T], str],
) -> None:
    """Print a result on standard output."""
    match output:
        case Output.TABLE:
            results().print(as_table(result))
        case Output.JSON:
            typer.echo(as_json(result))
        case Output.CSV:
            typer.echo(as_csv(result), nl=False)
