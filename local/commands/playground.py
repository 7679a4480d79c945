"""`python -m local playground`: a populated organization for rootctl in a second terminal."""

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from local.aws import LocalAws
from local.commands.presentation.accounts import accounts_table
from local.commands.presentation.terminal import Progress
from local.commands.serving import serve_until_stopped
from local.organization import Organization
from local.scenarios.locks import LOCKED_BUCKET, LOCKED_QUEUE, LOCKED_REGION
from local.scenarios.populated import NOTES, Populated, exempting

ORGANIZATION = Path(__file__).with_name("playground.yaml")
_PROFILES = Path(__file__).with_name("playground.config")
_EVENT = Path(__file__).parents[2] / "tests" / "events" / "root_console_login_success_no_mfa.json"
_STALE = ("AWS_PROFILE", "AWS_SESSION_TOKEN")


def run(arguments: argparse.Namespace, organization: Organization) -> int:
    """Serve the playground until Ctrl-C; returns the exit code."""
    exempt = exempting(organization, datetime.now(UTC).date())
    return serve_until_stopped(arguments, exempt, begin=_populate, welcome=_print_welcome)


def commands_to_try(aws: LocalAws) -> list[tuple[str, str]]:
    """Return commands for this organization, each with what it is for."""
    ids = {account.name: account.id for account in aws.organization.members}
    archive = ids["media-archive"]
    queue = f"arn:aws:sqs:{LOCKED_REGION}:{archive}:{LOCKED_QUEUE}"
    return [
        ("rootctl doctor --management-profile management", "is everything in place, and what mends it"),
        ("rootctl preflight", "which service control policy stands in the way"),
        ("rootctl report", "what the last sweep found"),
        ("rootctl audit --all", "which root credentials there are now"),
        (f"rootctl harden {ids['payments-prod']} --dry-run", "what would be removed"),
        (f"rootctl harden {ids['payments-prod']} --via-hub", "remove it"),
        (
            f"rootctl recovery open {ids['web-shop']} --hours 1 --reason 'lost phone'",
            "let root in, for an hour",
        ),
        ("rootctl recovery list", ""),
        (f"rootctl recovery close {ids['web-shop']}", "and harden it again"),
        (f"rootctl unlock bucket {archive} {LOCKED_BUCKET} --reason 'locked out'", "which statement locks"),
        (f"rootctl unlock queue {archive} {queue} --reason 'locked out'", ""),
        ("rootctl redrive", "give the dead letter another chance"),
        (f"rootctl explain {_EVENT}", "what would be done with an event"),
        ("rootctl test-alert", "is anybody told"),
        (f"rootctl drill {ids['search-test']}", "prove that every step works"),
    ]


def _populate(aws: LocalAws, progress: Progress) -> None:
    with progress.during("Populating the organization, and sweeping it once"):
        Populated(aws).populate()


def _print_welcome(console: Console, aws: LocalAws, url: str) -> None:
    operator = Populated(aws).operator()
    environment = {
        "PATH": f"{Path(sys.executable).parent}:$PATH",
        "AWS_ENDPOINT_URL": url,
        "AWS_ACCESS_KEY_ID": operator.access_key_id,
        "AWS_SECRET_ACCESS_KEY": operator.secret_access_key,
        "AWS_DEFAULT_REGION": aws.organization.hub.region,
        "AWS_CONFIG_FILE": str(_PROFILES),
    }
    console.print(f"[bold]The playground is at {url}[/]; Ctrl-C ends it, and nothing of it stays.")
    names = {account.name: account.id for account in aws.organization.members}
    console.print(accounts_table(aws, {names[name]: note for name, note in NOTES.items()}))
    console.print("\nIn a second terminal, as an operator of the hub account:\n", style="bold")
    for name, value in environment.items():
        console.print(f'  export {name}="{value}"', soft_wrap=True, markup=False)
    console.print(f"  unset {' '.join(_STALE)}")
    console.print("\nTry:\n", style="bold")
    for command, purpose in commands_to_try(aws):
        comment = f"  # {purpose}" if purpose else ""
        console.print(f"  {command:<70}{comment}".rstrip(), soft_wrap=True, markup=False)
    console.print("\nWhat happens is printed here as it comes.", style="dim")
