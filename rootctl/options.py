"""Options that several commands take."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Annotated

import typer

from lambdas.domain.accounts import AccountId, parse_account_id
from lambdas.domain.event_fields import MalformedEvent
from rootctl.errors import WrongUsage


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


def account_ids(texts: Iterable[str] | None) -> tuple[AccountId, ...]:
    """Return the accounts named, each once; raises WrongUsage."""
    try:
        return tuple(dict.fromkeys(parse_account_id(text, "--account") for text in texts or ()))
    except MalformedEvent as error:
        raise WrongUsage(f"{error}.") from error
