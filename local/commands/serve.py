"""`python -m local serve`: the embedded AWS for any AWS client on this machine, in real time."""

import argparse

from rich.console import Console

from local.aws import LocalAws
from local.commands.http_server import EVENTS, RESULTS
from local.commands.presentation.accounts import accounts_table
from local.commands.serving import serve_until_stopped
from local.organization import Organization

PORT = 4566
# Keys that the embedded AWS did not hand out belong to an administrator of the management account.
_ADMINISTRATOR = {"AWS_ACCESS_KEY_ID": "AKIAADMINISTRATOR000", "AWS_SECRET_ACCESS_KEY": "anything"}


def run(arguments: argparse.Namespace, organization: Organization) -> int:
    """Serve until Ctrl-C; returns the exit code."""
    return serve_until_stopped(arguments, organization, welcome=_print_welcome)


def _print_welcome(console: Console, aws: LocalAws, url: str) -> None:
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
    console.print(accounts_table(aws))
