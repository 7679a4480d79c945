"""`python -m local serve`: the embedded AWS for any AWS client on this machine, in real time."""

import argparse
import contextlib
import os
import socket

from rich.console import Console
from rich.table import Table
from rich.text import Text

from local.clock import SystemClock
from local.commands.directory import accounts_of
from local.commands.http_server import EVENTS, HOST, RESULTS, HttpServer
from local.commands.presentation.messages import message_title
from local.commands.presentation.outcomes import outcome_line
from local.commands.presentation.terminal import Progress, page
from local.commands.running import running
from local.embedded_aws import EmbeddedAws
from local.organization import Organization

PORT = 4566
# Keys that the embedded AWS did not hand out belong to an administrator of the management account.
_ADMINISTRATOR = {"AWS_ACCESS_KEY_ID": "AKIAADMINISTRATOR000", "AWS_SECRET_ACCESS_KEY": "anything"}


class ServerError(RuntimeError):
    """When the port cannot be listened on."""


def run(arguments: argparse.Namespace, organization: Organization) -> int:
    """Serve until Ctrl-C; returns the exit code."""
    console = page()
    with contextlib.suppress(KeyboardInterrupt):
        _serve(arguments, organization, console)
        console.print("✘ the embedded AWS stopped working; the reason is above", style="red")
        return 1
    console.print("\nStopped.")
    return 0


def _serve(arguments: argparse.Namespace, organization: Organization, console: Console) -> None:
    """Serve until the work fails; Ctrl-C is the caller's."""
    with (
        _listening(arguments.port) as listening,
        running(organization, progress=Progress(), assembly=arguments.assembly, clock=SystemClock()) as aws,
    ):
        server = HttpServer(aws, listening, _Ticker(aws, console))
        # Before it works, as what is printed while a function runs is taken for the function's.
        _print_welcome(console, aws, server.url)
        with server:
            server.stopped.wait()


class _Ticker:
    """Prints outcomes and messages as they come."""

    def __init__(self, aws: EmbeddedAws, console: Console) -> None:
        self._aws = aws
        self._console = console
        self._outcomes = self._messages = 0

    def __call__(self) -> None:
        time = f"{self._aws.clock.now():%H:%M:%S}"
        outcomes, messages = self._aws.outcomes, self._aws.messages
        for outcome in outcomes[self._outcomes :]:
            self._console.print(time, outcome_line(outcome))
        for message in messages[self._messages :]:
            self._console.print(time, Text(f"✉ {message_title(message)}  {message.channel}", "dim"))
        self._outcomes, self._messages = len(outcomes), len(messages)


def _listening(port: int) -> socket.socket:
    where = f"cannot listen on {HOST}, port {port}"
    try:
        return socket.create_server((HOST, port))
    except OverflowError as error:
        raise ServerError(f"{where}: a port is a number from 0 to 65535") from error
    except OSError as error:
        # Python's own text repeats the address.
        raise ServerError(f"{where}: {os.strerror(error.errno or 0)}") from error


def _print_welcome(console: Console, aws: EmbeddedAws, url: str) -> None:
    environment = {
        "AWS_ENDPOINT_URL": url,
        **_ADMINISTRATOR,
        "AWS_DEFAULT_REGION": aws.organization.hub.region,
    }
    member = next((account.id for account in aws.organization.members), "MEMBER")
    console.print(f"[bold]The embedded AWS answers on {url}[/]; Ctrl-C stops it. In a second terminal:\n")
    for name, value in environment.items():
        console.print(f"  export {name}={value}", soft_wrap=True, markup=False)
    role = f"arn:aws:iam::{member}:role/OrganizationAccountAccessRole"
    for command, purpose in (
        ("aws organizations list-accounts", ""),
        (f"aws sts assume-role --role-session-name me --role-arn {role}", ""),
        (f"curl --data @EVENT.json $AWS_ENDPOINT_URL{EVENTS}", "an event of AWS's own"),
        (f"curl $AWS_ENDPOINT_URL{RESULTS}", "outcomes, messages, root credentials, calls"),
    ):
        console.print(f"\n  {command}", f"  # {purpose}" if purpose else "", soft_wrap=True, style="dim")
    console.print(_accounts(aws))


def _accounts(aws: EmbeddedAws) -> Table:
    organization = aws.organization
    places = {organization.management_account.id: "management account", organization.hub.account: "hub"}
    table = Table(box=None, title=f"\nOrganization {organization.organization_id}", title_justify="left")
    for column in ("account", "id", "state", "root credentials", ""):
        table.add_column(column)
    for account in accounts_of(aws):
        posture = aws.posture(account["Id"])
        found = ", ".join(kind for kind, exists in posture.items() if exists) or "none"
        table.add_row(account["Name"], account["Id"], account["State"], found, places.get(account["Id"], ""))
    return table
