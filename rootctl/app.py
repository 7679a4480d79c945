"""Puts the commands together."""

import typer

from rootctl.commands.preflight import preflight
from rootctl.errors import told_in_one_line
from rootctl.exit_codes import EXIT_CODES

app = typer.Typer(
    name="rootctl",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    epilog=EXIT_CODES,
)


@app.callback()
def rootctl() -> None:
    """Keep an AWS organization free of long-term root credentials."""


app.command(epilog=EXIT_CODES)(told_in_one_line(preflight))
