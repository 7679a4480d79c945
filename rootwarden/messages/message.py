"""What a message says before it is written for e-mail or chat, and what all of them say."""

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import quote

from msgspec import UNSET, structs

from rootwarden.contract.activities import Activity, Severity
from rootwarden.contract.functions import entry_address
from rootwarden.inert_text import inert, one_line
from rootwarden.outcomes import AccountReference

Facts = tuple[tuple[str, str], ...]

# Sentences of ours with texts of others in them; and AWS lets an account's name have 50 characters.
LONGEST_SENTENCE = 1000
_LONGEST_NAME = 64
# An event's id has 36 characters, a bucket's name 63 at most.
_LONGEST_PART = 64


@dataclass(frozen=True, kw_only=True)
class Message:
    """One message. facts and links: label and value; next_steps: what to do now, in order.

    who: who acted, from where. entry: the heading in docs/incidents.md. where, sign_in (how, and the
    address) and runbook are the same for all messages: see Guidance. activity: as in
    the outcome, for subscribers' filters.
    """

    severity: Severity
    account: AccountReference
    headline: str
    happened: str
    done: str
    facts: Facts
    next_steps: tuple[str, ...]
    links: Facts
    entry: str | None = None
    who: Facts = ()
    where: Facts = ()
    sign_in: Facts = ()
    runbook: str | None = None
    activity: str | None = None

    @property
    def title(self) -> str:
        """Return severity, account and headline in one line."""
        name = inert(self.account.name, longest=_LONGEST_NAME) if self.account.name else None
        account = structs.replace(self.account, name=name)
        return one_line(f"{self.severity.upper()} {account}: {self.headline}")


MARKS = {
    Severity.CRITICAL: ":rotating_light:",
    Severity.HIGH: ":red_circle:",
    Severity.MEDIUM: ":large_orange_circle:",
    Severity.LOW: ":large_blue_circle:",
    Severity.INFO: ":white_check_mark:",
}


_DOMAINS = {"us-gov-": "console.amazonaws-us-gov.com", "cn-": "console.amazonaws.cn"}
# As every Region is named: us-east-1, us-gov-west-1, eusc-de-east-1. An event may say anything else.
_REGION = re.compile(r"[a-z]{2,4}(?:-[a-z]{2,10}){1,2}-[0-9]{1,2}", re.ASCII)


def cloudtrail_event(region: str, event_id: str) -> str:
    """Return the link to one CloudTrail event; it opens for someone signed in to that account."""
    event = f"#/events/{_part(event_id)}"
    if not _is_region(region):
        # Never into a host's name: what an event says there need not be a Region.
        return f"https://{_domain(region)}/cloudtrailv2/home{event}"
    return f"https://{region}.{_domain(region)}/cloudtrailv2/home?region={region}{event}"


def account_link(region: str, account_id: str | None) -> Facts:
    """Return the link to an account's page in AWS Organizations; nothing for no account."""
    if account_id is None:
        return ()
    address = f"https://{_domain(region)}/organizations/v2/home/accounts/{_part(account_id)}"
    return (("The account in Organizations", address),)


def s3_object(region: str, bucket: str, key: str) -> str:
    """Return the link to an object in S3; it opens for someone who may read it."""
    where = f"region={region}&" if _is_region(region) else ""
    return f"https://{_domain(region)}/s3/object/{_part(bucket)}?{where}prefix={quote(key)}"


def _is_region(region: str) -> bool:
    return _REGION.fullmatch(region) is not None


def _domain(region: str) -> str:
    for prefix, domain in _DOMAINS.items():
        if _is_region(region) and region.startswith(prefix):
            return domain
    return "console.aws.amazon.com"


def _part(text: str) -> str:
    # A stranger's text may be of any length, and each character becomes three or more.
    return quote(text[:_LONGEST_PART], safe="")


FIRST = "First, always"
ROOT_SIGNED_IN = "Root signed in"
SOMEBODY_TRIES = "Somebody tries to sign in as root"
ROOT_CALLED = "Root called an API"
CREDENTIAL_MADE = "A root credential was recovered or made"
EMAIL_CHANGES = "The root e-mail address changes"
STRANGERS_SESSION = "A root session that is not rootwarden's"
OWN_ROLE = "Rootwarden's own role is in other hands"
PROTECTION = "The protection was changed"
WATCH = "The watch was touched"
ACCOUNT_LEAVES = "An account leaves"
CREDENTIALS_STAY = "Root credentials stay"
SWEEP_FOUND = "A sweep found something"
WINDOW = "A recovery window"
POLICY = "A policy was changed as root"
SESSIONS = "Root sessions not on record"

# The headings of docs/incidents.md; tests hold the two together.
ENTRY_OF: Mapping[Activity, str] = {
    activity: heading
    for heading, activities in {
        ROOT_SIGNED_IN: (
            Activity.SIGN_IN_SUCCEEDED,
            Activity.CLI_SESSION,
            Activity.ROLE_SWITCHED,
            Activity.SIGN_IN_STEP,
            Activity.SIGN_IN_TOKEN_REQUESTED,
            Activity.CONSOLE_ACTION,
            Activity.CONTACT_CHANGED,
            Activity.PAYMENT_CHANGED,
        ),
        SOMEBODY_TRIES: (Activity.SIGN_IN_FAILED, Activity.SIGN_IN_DENIED, Activity.SIGN_IN_ANOMALY),
        ROOT_CALLED: (
            Activity.API_CALL,
            Activity.TRAIL_CHANGED,
            Activity.USER_CREDENTIAL_CREATED,
            Activity.USER_CREDENTIAL_REMOVED,
        ),
        CREDENTIAL_MADE: (
            Activity.PASSWORD_RECOVERY_REQUESTED,
            Activity.PASSWORD_RECOVERY_COMPLETED,
            Activity.PASSWORD_CHANGED,
            Activity.CREDENTIAL_CREATED,
            Activity.CREDENTIAL_REMOVED,
            Activity.MFA_REMOVED,
        ),
        EMAIL_CHANGES: (
            Activity.EMAIL_CHANGED,
            Activity.ROOT_EMAIL_UPDATE_STARTED,
            Activity.ROOT_EMAIL_UPDATE_ACCEPTED,
            Activity.CONTACT_TOUCHED,
        ),
        STRANGERS_SESSION: (Activity.ROOT_SESSION_OPENED, Activity.ROOT_SESSION_REFUSED),
        OWN_ROLE: (Activity.OWN_ROLE_STOLEN,),
        PROTECTION: (
            Activity.PROTECTION_WEAKENED,
            Activity.PROTECTION_CHANGED,
            Activity.SIGN_IN_GUARD_CHANGED,
        ),
        WATCH: (
            Activity.WATCH_TAKEN_DOWN,
            Activity.WATCH_CHANGED,
            Activity.WATCH_CHANGE_REFUSED,
            Activity.TRAIL_TOUCHED,
        ),
        ACCOUNT_LEAVES: (
            Activity.LEFT_ORGANIZATION,
            Activity.ACCOUNT_LEAVING,
            Activity.ACCOUNT_REMOVED,
            Activity.ACCOUNT_CLOSING,
            Activity.ACCOUNT_CLOSED,
        ),
    }.items()
    for activity in activities
}
_NOT_KNOWN = "not known: AWS Organizations did not say"
# Not init, which asks no deployment, nor what a drill gives for its reason, which goes on with the time.
_OF_ROOTCTL = re.compile(
    r"\brootctl (?:recovery (?:open|close|list)|preflight|audit|harden|unlock|restore|doctor|drill(?! \d{4}-)"
    r"|plan|explain|redrive|report|test-alert)\b"
)
_ARGUMENTS = re.compile(r"(?:(?!\brootctl |[.,;] |\n).)*")
_HARDEN = re.compile(r"\brootctl harden\b")
_OBSERVES_ONLY = (
    "This hub hardens on no event and at nobody's request, so --direct above takes your own credentials, of"
    " the management account or the delegated administrator, and alerts. For the hub to do it, set"
    " hardening.created, hardening.invited or hardening.existing to enforce, deploy, and leave --direct out."
)


def of_deployment(step: str, name_prefix: str, region: str | None = None, profile: str | None = None) -> str:
    """Return a step whose commands of rootctl ask this deployment, with each option that they do not have.

    region, profile: None where they need not be said.
    """
    given = {"--name-prefix": name_prefix, "--region": region, "--profile": profile}

    def completed(command: re.Match[str]) -> str:
        said = _ARGUMENTS.match(step, command.end())
        there = said[0].split() if said else ()
        options = [
            f" {name} {shlex.quote(value)}" for name, value in given.items() if value and name not in there
        ]
        return f"{command[0]}{''.join(options)}"

    return _OF_ROOTCTL.sub(completed, step)


def _without_the_hub(step: str) -> str:
    """Return a step whose commands remove root credentials with the reader's own AWS credentials."""
    return _HARDEN.sub(r"\g<0> --direct", step)


@dataclass(frozen=True, kw_only=True)
class Guidance:
    """How this deployment is configured to help people. runbook_url: where the docs folder is read.

    observes_only: the hub refuses to harden, whoever asks.
    """

    name_prefix: str = ""
    observes_only: bool = False
    owner_tag: str = "owner"
    runbook_url: str = "docs"
    start_url: str | None = None
    permission_set: str | None = None

    def added_to(self, message: Message) -> Message:
        """Return the message with where it is, how to get there, and its entry in the runbook."""
        account = message.account
        return replace(
            message,
            where=(*self._where(account), *message.where),
            next_steps=tuple(
                of_deployment(step, self.name_prefix) for step in self._steps(message.next_steps)
            ),
            sign_in=self._sign_in(account),
            runbook=entry_address(self.runbook_url, "incidents.md", message.entry) if message.entry else None,
        )

    def _steps(self, steps: tuple[str, ...]) -> tuple[str, ...]:
        without_hub = tuple(map(_without_the_hub, steps)) if self.observes_only else steps
        return steps if without_hub == steps else (*without_hub, _OBSERVES_ONLY)

    def _where(self, account: AccountReference) -> Facts:
        if account.account_id is None:
            return ()
        unit = account.unit_path or account.organizational_unit
        if account.unit_path and account.organizational_unit:
            unit = f"{account.unit_path} ({account.organizational_unit})"
        return (
            ("Account", str(account)),
            ("Unit", unit or _NOT_KNOWN),
            ("Owner", self._owner(account)),
        )

    def _owner(self, account: AccountReference) -> str:
        if account.owner is UNSET:
            return _NOT_KNOWN
        return account.owner or f'nobody named: the account has no tag "{self.owner_tag}"'

    def _sign_in(self, account: AccountReference) -> Facts:
        if self.start_url is None or account.account_id is None:
            return ()
        role, name = "", self.permission_set
        if name:
            role = f"&role_name={quote(name, safe='')}"
        address = f"{self.start_url}/#/console?account_id={account.account_id}{role}"
        return ((f"as {name}" if name else "in IAM Identity Center", address),)
