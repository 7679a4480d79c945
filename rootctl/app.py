"""Puts the commands together."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from rootctl.aws import say_version
from rootctl.commands.audit import audit
from rootctl.commands.doctor import EXIT_CODES as DOCTOR_EXIT_CODES
from rootctl.commands.doctor import doctor
from rootctl.commands.drill import drill
from rootctl.commands.explain import explain
from rootctl.commands.harden import harden
from rootctl.commands.plan import plan
from rootctl.commands.preflight import preflight
from rootctl.commands.recovery import close_window, list_windows, open_window
from rootctl.commands.redrive import redrive
from rootctl.commands.report import report
from rootctl.commands.test_alert import send_test_alert
from rootctl.commands.unlock import restore, unlock
from rootctl.errors import EXIT_CODES, Exit, say
from rootctl.options import CHANGES, SHOWS, as_command

_HELP = {"help_option_names": ["-h", "--help"]}


class _Commands(TyperGroup):
    """Says wrong usage in one line as well, with what strangers wrote in it inert."""

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,  # noqa: FBT001, FBT002 - typer's own parameters
        windows_expand_args: bool = True,  # noqa: FBT001, FBT002
        **extra: Any,
    ) -> Any:
        """Run; raises SystemExit as typer does."""
        given = (args, prog_name, complete_var, False, windows_expand_args)
        try:
            code = super().main(*given, **extra)
        except Exception as error:
            format_message = getattr(error, "format_message", None)
            if not standalone_mode or format_message is None:
                raise
            code = _wrong_usage(format_message(), getattr(error, "ctx", None))
        if standalone_mode:
            raise SystemExit(code or 0)
        return code


def _wrong_usage(text: str, context: typer.Context | None) -> int:
    # Where nothing was given, the help was shown, and there is nothing to say.
    if text:
        usage = context.command_path if context else "rootctl"
        say(f"{text.rstrip('. ')}. See {usage} --help.")
    return Exit.USAGE


app = typer.Typer(
    name="rootctl",
    cls=_Commands,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    context_settings=_HELP,
    epilog=EXIT_CODES,
)
recovery = typer.Typer(
    name="recovery",
    help="Open, close and list recovery windows: time in which root passwords may be recovered.",
    no_args_is_help=True,
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


def _add(
    command: Callable[..., None],
    *examples: str,
    shared: tuple[str, ...] = SHOWS,
    name: str | None = None,
    group: typer.Typer = app,
    exit_codes: str = EXIT_CODES,
) -> None:
    epilog = "\n\n".join([exit_codes, "Examples:", *(f"- `rootctl {each}`" for each in examples)])
    group.command(name, epilog=epilog)(as_command(command, shared))


_add(preflight, "preflight", "preflight --account payments-prod --output json")
_add(
    audit,
    "audit --all --via-hub",
    "audit 4444-5555-6666 payments-prod",
    "audit --ou ou-ab12-11111111 --exposed",
)
_add(
    harden,
    "harden payments-prod --dry-run",
    "harden 444455556666 --via-hub --reason 'INC-7'",
    "harden --ou ou-ab12-11111111 --via-hub --yes",
    shared=CHANGES,
)
_add(
    unlock,
    "unlock bucket 444455556666 ledger --dry-run --reason 'INC-7'",
    "unlock queue payments-prod orders --via-hub --reason 'INC-7'",
    shared=CHANGES,
)
_add(
    restore,
    "restore unlocks/444455556666/bucket/ledger/20260601T120000Z-1a2b3c4d.json --reason 'INC-7'",
    shared=CHANGES,
)
_add(doctor, "doctor", "doctor --management-profile management", exit_codes=DOCTOR_EXIT_CODES)
_add(drill, "drill sandbox --to drills/2026-06", shared=("yes", "profile", "region"))
_add(explain, "explain event.json", "explain record.json --offline")
_add(plan, "plan", "plan --now --save plan.html", "plan --output json")
_add(redrive, "redrive --dry-run", "redrive harden_account", "redrive --members --yes", shared=CHANGES)
_add(report, "report", "report --date 2026-06-01 --save reports", "report --output json")
_add(
    send_test_alert,
    "test-alert",
    "test-alert --dry-run",
    name="test-alert",
    shared=("dry_run", *SHOWS),
)
_add(
    open_window,
    "recovery open payments-prod --hours 4 --reason 'INC-7: the support case needs root'",
    shared=CHANGES,
    name="open",
    group=recovery,
)
_add(close_window, "recovery close 444455556666", shared=CHANGES, name="close", group=recovery)
_add(list_windows, "recovery list", name="list", group=recovery)
app.add_typer(recovery)
