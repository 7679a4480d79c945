"""`python -m local playground`: an organization for any AWS client on this machine, in real time."""

import contextlib
import os
import socket
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from embedded_aws.clock import Clock
from local.aws import LocalAws
from local.commands.http_server import EVENTS, HOST, RESULTS, HttpServer
from local.commands.presentation.messages import message_title
from local.commands.presentation.outcomes import outcome_line
from local.commands.presentation.terminal import during, page
from local.commands.running import running
from local.organization import Organization
from local.scenarios.locks import LOCKED_BUCKET, LOCKED_QUEUE, LOCKED_REGION
from local.scenarios.populated import NOTES, Populated, exempting

ORGANIZATION = Path(__file__).with_name("playground.yaml")
PORT = 4566
_PROFILES = Path(__file__).with_name("playground.config")
_EVENT = Path(__file__).parents[2] / "tests" / "events" / "root_console_login_success_no_mfa.json"
_TRIAL = "build/trial.yaml"
_STALE = ("AWS_PROFILE", "AWS_SESSION_TOKEN")
_QUEUE = f"arn:aws:sqs:{LOCKED_REGION}:{{media-archive}}:{LOCKED_QUEUE}"
# Commands to try, each with what it is for; an account's name stands for its id.
_COMMANDS = (
    ("rootctl doctor --management-profile management", "is everything in place, and what puts it right"),
    ("rootctl preflight", "which service control policy stands in the way"),
    ("rootctl report", "what the last sweep found"),
    ("rootctl plan", "what enforcing would remove, and whose it is"),
    ("rootctl audit --all", "which root credentials there are now"),
    ("rootctl harden {payments-prod} --dry-run", "what would be removed"),
    ("rootctl harden {payments-prod}", "remove it"),
    ("rootctl recovery open {web-shop} --hours 1 --reason 'lost phone'", "let root in, for an hour"),
    ("rootctl recovery list", ""),
    ("rootctl recovery close {web-shop}", "and harden it again"),
    (
        f"rootctl unlock bucket {{media-archive}} {LOCKED_BUCKET} --reason 'locked out'",
        "what locks it",
    ),
    (f"rootctl unlock queue {{media-archive}} {_QUEUE} --reason 'locked out'", ""),
    ("rootctl redrive", "give the dead letter another chance"),
    (f"rootctl explain {_EVENT}", "what would be done with an event"),
    (f"rootctl init --yes --email duty@example.com --to {_TRIAL} --replace", "what would be deployed here"),
    ("rootctl test-alert", "do alerts reach people"),
    ("rootctl drill {search-test}", "prove that every step works"),
    ("aws organizations list-accounts --profile management", ""),
    (f"curl --data @{_EVENT} $AWS_ENDPOINT_URL{EVENTS}", "an event of AWS's own"),
    (f"curl $AWS_ENDPOINT_URL{RESULTS}", "outcomes, messages, root credentials, calls"),
)


class ServerError(RuntimeError):
    """When the port cannot be listened on."""


def run(organization: Organization, *, is_populated: bool, port: int, assembly: Path | None) -> int:
    """Serve until Ctrl-C, populated or as the organization is; returns the exit code."""
    if is_populated:
        organization = exempting(organization, datetime.now(UTC).date())
    console = page()
    # Functions that run for a client borrow sys.stdout meanwhile; what is printed here is not theirs.
    console.file = sys.stdout
    with contextlib.suppress(KeyboardInterrupt):
        with (
            _listening(port) as listening,
            running(organization, assembly=assembly, clock=Clock()) as aws,
        ):
            if is_populated:
                with during("Populating the organization, and sweeping it once"):
                    Populated(aws).populate()
            server = HttpServer(aws, listening, _Ticker(aws, console))
            _print_welcome(console, aws, server.url, NOTES if is_populated else {})
            with server:
                server.stopped.wait()
        console.print("✘ the embedded AWS stopped working; the reason is above", style="red")
        return 1
    console.print("\nStopped.")
    return 0


def _accounts_table(aws: LocalAws, notes: Mapping[str, str]) -> Table:
    """Return every account with the root credentials it has now; `notes` are by account name."""
    organization = aws.organization
    places = {
        organization.hub.account: "hub",
        organization.management_account.id: "management account",
    }
    table = Table(box=None, title=f"\nOrganization {organization.organization_id}", title_justify="left")
    for column in ("account", "id", "state", "root credentials", ""):
        table.add_column(column)
    for account in aws.accounts:
        posture = aws.posture(account["Id"])
        found = ", ".join(kind for kind, exists in posture.items() if exists) or "none"
        note = notes.get(account["Name"], places.get(account["Id"], ""))
        table.add_row(account["Name"], account["Id"], account["State"], found, note)
    return table


def _commands_to_try(ids: dict[str, str]) -> Iterator[tuple[str, str]]:
    for command, purpose in _COMMANDS:
        try:
            yield command.format_map(ids), purpose
        except KeyError:
            continue  # The organization has no such account.


def _print_welcome(console: Console, aws: LocalAws, url: str, notes: Mapping[str, str]) -> None:
    operator = Populated(aws).operator()
    environment = {
        "PATH": f"{Path(sys.executable).parent}:$PATH",
        "AWS_ENDPOINT_URL": url,
        "AWS_ACCESS_KEY_ID": operator["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": operator["SecretAccessKey"],
        "AWS_DEFAULT_REGION": aws.organization.hub.region,
        "AWS_CONFIG_FILE": str(_PROFILES),
    }
    console.print(f"[bold]The playground is at {url}[/]; Ctrl-C ends it, and nothing of it stays.")
    console.print(_accounts_table(aws, notes))
    console.print("\nIn a second terminal, as an operator of the hub account:\n", style="bold")
    for name, value in environment.items():
        console.print(f'  export {name}="{value}"', soft_wrap=True, markup=False)
    console.print(f"  unset {' '.join(_STALE)}")
    console.print("\nTry:\n", style="bold")
    for command, purpose in _commands_to_try({one.name: one.id for one in aws.organization.members}):
        comment = f"  # {purpose}" if purpose else ""
        console.print(f"  {command:<70}{comment}".rstrip(), soft_wrap=True, markup=False)
    console.print("\nWhat happens is printed here as it comes.", style="dim")


class _Ticker:
    """Prints outcomes and messages as they come."""

    def __init__(self, aws: LocalAws, console: Console) -> None:
        self._aws = aws
        self._console = console
        self._outcomes, self._messages = len(aws.outcomes), len(aws.messages)

    def __call__(self) -> None:
        time = f"{self._aws.clock.now():%H:%M:%S}"
        outcomes, messages = self._aws.outcomes, self._aws.messages
        for outcome in outcomes[self._outcomes :]:
            self._console.print(time, outcome_line(outcome), soft_wrap=True)
        for message in messages[self._messages :]:
            text = Text(f"✉ {message_title(message)}  {message.channel}", "dim")
            self._console.print(time, text, soft_wrap=True)
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
