"""What every message says besides its own words: whose account it is, where to sign in, what to read on."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import quote

from msgspec import UNSET

from rootwarden.activity.root_activity import Activity
from rootwarden.contract.runbook import entry
from rootwarden.messages.announcement import Announcement, Facts
from rootwarden.messages.commands import of_deployment
from rootwarden.outcomes import AccountReference

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


@dataclass(frozen=True, kw_only=True)
class Guidance:
    """How this deployment is configured to help people. runbook_url: where the docs folder is read."""

    name_prefix: str = ""
    owner_tag: str = "owner"
    runbook_url: str = "docs"
    start_url: str | None = None
    permission_set: str | None = None

    def added_to(self, announcement: Announcement) -> Announcement:
        """Return the announcement with where it is, how to get there, and its entry in the runbook."""
        account = announcement.account
        return replace(
            announcement,
            where=(*self._where(account), *announcement.where),
            next_steps=tuple(of_deployment(step, self.name_prefix) for step in announcement.next_steps),
            sign_in=self._sign_in(account),
            runbook=entry(self.runbook_url, "incidents.md", announcement.entry)
            if announcement.entry
            else None,
        )

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
