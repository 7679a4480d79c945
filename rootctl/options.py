"""Options that several commands take, and what every command has in common."""

import inspect
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property, wraps
from typing import Annotated, Any, Concatenate, ParamSpec

import typer

from rootctl.accounts import ids_by_name
from rootctl.aws import AwsSession, too_old
from rootctl.errors import Hindered, WrongUsage
from rootctl.failures import errors_in_one_line
from rootctl.lazy_commands import SHOWS
from rootctl.output import Output
from rootctl.printed_commands import asked_with
from rootwarden.events import AccountId, MalformedEvent, parse_account_id
from rootwarden.requests import LONGEST_REASON

AccountArgument = Annotated[
    str, typer.Argument(metavar="ACCOUNT", help="Account id (12 digits, also as 4444-5555-6666) or name.")
]
AccountArguments = Annotated[
    list[str] | None,
    typer.Argument(metavar="ACCOUNT", help="Account ids (12 digits, also as 4444-5555-6666) or names."),
]
Unit = Annotated[
    str | None, typer.Option("--ou", metavar="ID", help="Every account in this unit and the units below it.")
]
All = Annotated[bool, typer.Option("--all", help="Every account of the organization.")]
ViaHubOrDirect = Annotated[
    bool | None,
    typer.Option(
        "--via-hub/--direct",
        help="Let the deployed hub do it: you need no sts:AssumeRoot yourself, and nothing alerts. Or do it"
        " with your own credentials, on which a hub alerts: that asks first. Default: through the hub where"
        " your account and Region have one.",
    ),
]
Wait = Annotated[
    bool,
    typer.Option(
        "--wait", help="Where a second person must approve: wait for that, and for what came of it."
    ),
]
Reason = Annotated[
    str, typer.Option("--reason", metavar="TEXT", help="Why; goes on record and into the messages.")
]
ManagementProfile = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="Profile of the management account, for what only it can answer. Default: as --profile.",
    ),
]

_SHARED: dict[str, tuple[Any, object]] = {
    "dry_run": (Annotated[bool, typer.Option("--dry-run", help="Only show what would be done.")], False),
    "yes": (
        Annotated[bool, typer.Option("--yes", "-y", help="Do not ask; needed where there is no terminal.")],
        False,
    ),
    "profile": (
        Annotated[str | None, typer.Option(metavar="NAME", help="Profile of the AWS configuration to use.")],
        None,
    ),
    "region": (Annotated[str | None, typer.Option(metavar="REGION", help="Region to call AWS in.")], None),
    "name_prefix": (
        Annotated[
            str,
            typer.Option(
                metavar="TEXT",
                envvar="ROOTCTL_NAME_PREFIX",
                help="The deployment's name_prefix, where it is configured with one.",
            ),
        ],
        "",
    ),
    "output": (
        Annotated[Output, typer.Option("--output", help="A table for people, JSON or CSV for programs.")],
        Output.TABLE,
    ),
}


@dataclass(frozen=True, kw_only=True)
class RunOptions:
    """How a command runs: as whom, where, for whom it prints, and whether it changes anything or asks."""

    profile: str | None = None
    region: str | None = None
    name_prefix: str = ""
    output: Output = Output.TABLE
    dry_run: bool = False
    yes: bool = False

    @cached_property
    def session(self) -> AwsSession:
        """The operator's session; raises CallRefused."""
        return AwsSession.begin(self.profile, self.region, self.name_prefix)

    def management_session(self, profile: str | None) -> AwsSession:
        """Return the session of the management account, where that is another profile."""
        return AwsSession.begin(profile, self.region, self.name_prefix) if profile else self.session

    def account_ids(self, texts: Iterable[str] | None) -> tuple[AccountId, ...]:
        """Return the accounts meant, each once: by id, or by a name that one account has.

        Raises WrongUsage, and CallRefused where names cannot be looked up.
        """
        given = [(text, _id_in(text)) for text in texts or ()]
        names = [text for text, found in given if found is None]
        by_name = ids_by_name(self.session, names) if names else {}
        return tuple(dict.fromkeys(found or by_name[text] for text, found in given))

    def account_id(self, text: str) -> AccountId:
        """Return the one account meant; raises as account_ids."""
        [found] = self.account_ids([text])
        return found


_CONSOLE = re.compile(r"([0-9]{4})-([0-9]{4})-([0-9]{4})")
_NUMBER = re.compile(r"[0-9-]+")


def _id_in(text: str) -> AccountId | None:
    """Return the id a text is, as APIs or as the console write it; None for a name."""
    shown = _CONSOLE.fullmatch(text)
    if not shown and not _NUMBER.fullmatch(text):
        return None
    try:
        return parse_account_id("".join(shown.groups()) if shown else text, "ACCOUNT")
    except MalformedEvent as error:
        raise WrongUsage(f"{error}.") from error


def reason_text(text: str) -> str:
    """Return a reason that is neither blank nor too long to go on record; raises WrongUsage."""
    reason = " ".join(text.split())
    if not 0 < len(reason) <= LONGEST_REASON:
        raise WrongUsage(f"--reason takes a text of 1 to {LONGEST_REASON} characters, found {len(reason)}.")
    return reason


Own = ParamSpec("Own")


def as_command(
    function: Callable[Concatenate[RunOptions, Own], None], shared: tuple[str, ...] = SHOWS
) -> Callable[..., None]:
    """Return a command for typer: the function's own options, then the shared ones, errors in one line."""
    own = list(inspect.signature(function).parameters.values())[1:]
    added = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=kind)
        for name, (kind, default) in _SHARED.items()
        if name in shared
    ]

    @wraps(function)
    def command(*args: Any, **options: Any) -> None:
        run = RunOptions(**{name: options.pop(name, _SHARED[name][1]) for name in shared})
        with asked_with(run.name_prefix, run.region, run.profile), errors_in_one_line():
            if outdated := too_old():
                raise Hindered(outdated)
            function(run, *args, **options)

    # typer reads a command's parameters from here.
    vars(command)["__signature__"] = inspect.Signature([*own, *added])
    command.__annotations__ = {each.name: each.annotation for each in (*own, *added)}
    return command
