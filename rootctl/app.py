"""Puts the commands together."""

from typing import Annotated

import typer

from rootctl.aws import say_version
from rootctl.commands.audit import audit
from rootctl.commands.doctor import EXIT_CODES as DIAGNOSIS_EXIT_CODES
from rootctl.commands.doctor import doctor
from rootctl.commands.drill import drill
from rootctl.commands.explain import explain
from rootctl.commands.harden import harden
from rootctl.commands.preflight import preflight
from rootctl.commands.recovery import close_window, list_windows, open_window
from rootctl.commands.redrive import redrive
from rootctl.commands.report import report
from rootctl.commands.restore import restore
from rootctl.commands.test_alert import send_test_alert
from rootctl.commands.unlock import unlock
from rootctl.errors import EXIT_CODES, told_in_one_line

app = typer.Typer(
    name="rootctl",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    epilog=EXIT_CODES,
)


@app.callback()
def rootctl(
    *,
    _version: Annotated[
        bool,
        typer.Option(
            "--version", callback=say_version, is_eager=True, help="Say which version this is, and end."
        ),
    ] = False,
) -> None:
    """Keep an AWS organization free of long-term root credentials."""


app.command(epilog=EXIT_CODES)(told_in_one_line(preflight))
app.command(epilog=EXIT_CODES)(told_in_one_line(audit))
app.command(epilog=EXIT_CODES)(told_in_one_line(harden))
app.command(epilog=EXIT_CODES)(told_in_one_line(unlock))
app.command(epilog=EXIT_CODES)(told_in_one_line(restore))
app.command(epilog=DIAGNOSIS_EXIT_CODES)(told_in_one_line(doctor))
app.command(epilog=EXIT_CODES)(told_in_one_line(drill))
app.command(epilog=EXIT_CODES)(told_in_one_line(explain))
app.command(epilog=EXIT_CODES)(told_in_one_line(redrive))
app.command(epilog=EXIT_CODES)(told_in_one_line(report))
app.command("test-alert", epilog=EXIT_CODES)(told_in_one_line(send_test_alert))

recovery = typer.Typer(
    name="recovery",
    help="Open, close and list recovery windows: time in which root passwords may be recovered.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    epilog=EXIT_CODES,
)
recovery.command("open", epilog=EXIT_CODES)(told_in_one_line(open_window))
recovery.command("close", epilog=EXIT_CODES)(told_in_one_line(close_window))
recovery.command("list", epilog=EXIT_CODES)(told_in_one_line(list_windows))
app.add_typer(recovery)
