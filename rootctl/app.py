"""Puts the commands together."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar

import typer

from rootctl.errors import EXIT_CODES, Exit, say
from rootctl.lazy_commands import CHANGES, SHOWS, Command, LaterGroup
from rootwarden import __version__

_HELP = {"help_option_names": ["-h", "--help"]}


def _in(module: str, function: str, *examples: str, shared: tuple[str, ...] = SHOWS) -> Command:
    return Command(module=f"rootctl.commands.{module}", function=function, examples=examples, shared=shared)


COMMANDS: Mapping[str, Command] = {
    "init": _in(
        "init",
        "init",
        "init --profile management",
        "init --yes --hub security --hub-region eu-west-1 --email security@example.com",
        shared=("yes", "profile", "region"),
    ),
    "preflight": _in(
        "preflight",
        "preflight",
        "preflight --hub security",
        "preflight --account payments-prod --output json",
    ),
    "audit": _in(
        "audit",
        "audit",
        "audit --all",
        "audit 4444-5555-6666 payments-prod",
        "audit --ou ou-ab12-11111111 --exposed",
        "audit 444455556666 --direct",
        shared=("yes", *SHOWS),
    ),
    "harden": _in(
        "harden",
        "harden",
        "harden payments-prod --dry-run",
        "harden 444455556666 --reason 'INC-7'",
        "harden --ou ou-ab12-11111111 --yes",
        shared=CHANGES,
    ),
    "unlock": _in(
        "unlock",
        "unlock",
        "unlock bucket 444455556666 ledger --dry-run --reason 'INC-7'",
        "unlock queue payments-prod orders --reason 'INC-7'",
        shared=CHANGES,
    ),
    "restore": _in(
        "unlock",
        "restore",
        "restore unlocks/444455556666/bucket/ledger/2026-06-01T120000Z-1a2b3c4d.json --reason 'INC-7'",
        shared=CHANGES,
    ),
    "doctor": _in("doctor", "doctor", "doctor", "doctor --management-profile management"),
    "drill": _in(
        "drill",
        "drill",
        "drill sandbox --to drills/2026-06",
        shared=("yes", "profile", "region", "name_prefix"),
    ),
    "plan": _in("plan", "plan", "plan", "plan --now --save plan.html", "plan --output json"),
    "explain": _in("explain", "explain", "explain event.json", "explain record.json --offline"),
    "redrive": _in(
        "redrive",
        "redrive",
        "redrive --dry-run",
        "redrive harden_account",
        "redrive --members --yes",
        shared=CHANGES,
    ),
    "report": _in(
        "report", "report", "report", "report --date 2026-06-01 --save reports", "report --output json"
    ),
    "test-alert": _in(
        "test_alert", "send_test_alert", "test-alert", "test-alert --dry-run", shared=("dry_run", *SHOWS)
    ),
}


class _Commands(LaterGroup):
    """Says wrong usage in one line as well, with what strangers wrote in it inert."""

    later = COMMANDS

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,  # noqa: FBT001, FBT002 - typer's own parameters
        windows_expand_args: bool = True,  # noqa: FBT001, FBT002 - as above
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


class _RecoveryCommands(LaterGroup):
    later: ClassVar[Mapping[str, Command]] = {
        "open": _in(
            "recovery",
            "open_window",
            "recovery open payments-prod --hours 4 --reason 'INC-7: the support case needs root'",
            shared=CHANGES,
        ),
        "close": _in("recovery", "close_window", "recovery close 444455556666", shared=CHANGES),
        "list": _in("recovery", "list_windows", "recovery list"),
    }


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
    cls=_RecoveryCommands,
    help="Open, close and list recovery windows: time in which root passwords may be recovered.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    epilog=EXIT_CODES,
)


def _say_version(asked: bool) -> None:  # noqa: FBT001 - typer hands an option's callback its value by position
    """Print the version and end, where it was asked for."""
    if asked:
        typer.echo(f"rootctl {__version__}")
        raise typer.Exit


@app.callback()
def rootctl(
    *,
    _version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_say_version, is_eager=True, help="Say which version this is, and end."
        ),
    ] = False,
) -> None:
    """Keep an AWS organization free of long-term root credentials."""


app.add_typer(recovery)
