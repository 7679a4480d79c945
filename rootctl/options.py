"""Options that several commands take."""

from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import Annotated, TypeVar

import typer
from rich.console import RenderableType

from rootctl.errors import WrongUsage
from rootctl.terminal import results
from rootwarden.accounts import AccountId, parse_account_id
from rootwarden.event_fields import MalformedEvent
from rootwarden.requests import LONGEST_REASON


class Output(StrEnum):
    """Who reads the result: people, or programs."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


Accounts = Annotated[
    list[str] | None,
    typer.Option(
        "--account",
        metavar="ID",
        help="Look at this account only; may be repeated. Default: every account.",
    ),
]
Profile = Annotated[str | None, typer.Option(metavar="NAME", help="Profile of the AWS configuration to use.")]
Region = Annotated[str | None, typer.Option(metavar="REGION", help="Region to call AWS in.")]
OutputOption = Annotated[
    Output, typer.Option("--output", help="A table for people, JSON or CSV for programs.")
]
AccountArgument = Annotated[str, typer.Argument(metavar="ACCOUNT", help="Account id, 12 digits.")]
AccountArguments = Annotated[list[str], typer.Argument(metavar="ACCOUNT...", help="Account ids, 12 digits.")]
ViaHub = Annotated[
    bool,
    typer.Option(
        "--via-hub",
        help="Let the deployed hub do it, so that you need no sts:AssumeRoot yourself and nothing alerts."
        " Default: with your own credentials; such root sessions are strangers to the hub, and alert.",
    ),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only show what would be done.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask; needed where there is no terminal.")]
Wait = Annotated[
    bool,
    typer.Option(
        "--wait", help="Where a second person must approve: wait for that, and for what came of it."
    ),
]
LockAgain = Annotated[
    bool,
    typer.Option("--lock-again", help="Also put a policy there that may lock, or, restoring, that does."),
]
ResourceRegion = Annotated[
    str | None,
    typer.Option(
        "--resource-region",
        metavar="REGION",
        help="The Region it is in, where its name alone does not tell.",
    ),
]
Reason = Annotated[
    str, typer.Option("--reason", metavar="TEXT", help="Why; goes on record and into the messages.")
]


def account_ids(texts: Iterable[str] | None, *, named: str = "--account") -> tuple[AccountId, ...]:
    """Return the accounts named, each once; raises WrongUsage."""
    try:
        return tuple(dict.fromkeys(parse_account_id(text, named) for text in texts or ()))
    except MalformedEvent as error:
        raise WrongUsage(f"{error}.") from error


def reason_text(text: str) -> str:
    """Return a reason that is neither blank nor too long to go on record; raises WrongUsage."""
    reason = " ".join(text.split())
    if not 0 < len(reason) <= LONGEST_REASON:
        raise WrongUsage(f"--reason takes a text of 1 to {LONGEST_REASON} characters, found {len(reason)}.")
    return reason


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
