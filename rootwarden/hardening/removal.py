"""Removing root credentials from one account, and proving it by reading back.

Two root sessions at most: an audit session that reads the summary before and after, and, only when
something is there, a delete session. A clean account costs two calls: AssumeRoot and GetAccountSummary.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Protocol

from msgspec import Meta, field

from rootwarden.accounts import AccountId
from rootwarden.outcomes import Record
from rootwarden.root_credentials import PASSWORD, Credential, CredentialKind, Posture

RECENT_USE = timedelta(days=30)
RECENTLY_USED = "RecentlyUsed"


class CallRefused(Exception):
    """When AWS answers a call with an error; code and message are AWS's own.

    may_pass: whether the same call may succeed in a moment, as after a server error or a lost connection.
    """

    def __init__(self, code: str, message: str, *, may_pass: bool = False) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.may_pass = may_pass


class AuditSession(Protocol):
    """A root session that may only look. Every method raises CallRefused."""

    def posture(self) -> Posture:
        """Say which kinds of root credentials exist."""


class CredentialListing(Protocol):
    """A root session that may list root credentials. Every method raises CallRefused."""

    def identifiers(self, kind: CredentialKind) -> tuple[str, ...]:
        """List the access keys, signing certificates or MFA devices that exist."""

    def last_used(self, access_key_id: str) -> datetime | None:
        """Say when an access key was last used; None when never."""


class LookingSession(AuditSession, CredentialListing, Protocol):
    """A root session that may only look, and list what is there."""


class DeleteSession(CredentialListing, Protocol):
    """A root session that may list and delete root credentials. Every method raises CallRefused."""

    def delete(self, credential: Credential) -> None:
        """Delete one credential; one that is already gone counts as deleted."""


class RootSessions(Protocol):
    """Where root sessions come from. Both methods raise CallRefused."""

    def audit(self, account_id: AccountId) -> LookingSession:
        """Open a session that may only look."""

    def delete(self, account_id: AccountId) -> DeleteSession:
        """Open a session that may delete root credentials."""


class Failure(Record, frozen=True):
    """A credential, or a kind where no single one is known, that could not be removed, and AWS's reason."""

    kind: CredentialKind
    identifier: Annotated[str | None, Meta(description="null: the kind could not even be listed")] = field(
        name="id"
    )
    code: str
    message: str = ""


@dataclass(frozen=True, kw_only=True)
class Removal:
    """What one attempt did. listed: the kinds of which found is all there was.

    after is None when nobody could read back: never a proof of anything.
    """

    found: frozenset[Credential] = frozenset()
    listed: frozenset[CredentialKind] = frozenset()
    removed: frozenset[Credential] = frozenset()
    failures: tuple[Failure, ...] = ()
    after: Posture | None = None
    unproven: CallRefused | None = None


@dataclass(frozen=True, kw_only=True)
class Preview:
    """What a removal would come to. stays: what would be left, and what nobody could look into."""

    goes: frozenset[Credential]
    stays: tuple[Failure, ...]


def preview(
    session: CredentialListing, present: Posture, *, keep_keys_used_after: datetime | None
) -> Preview:
    """Say what remove_root_credentials would remove; raises nothing, for what it cannot see would stay."""
    found, stays = list_credentials(session, present)
    goes: set[Credential] = set()
    for credential in sorted(found, key=removal_order):
        try:
            kept = kept_in_use(session, credential, keep_keys_used_after)
        except CallRefused as refused:
            kept = Failure(credential.kind, credential.identifier, refused.code, refused.message)
        if kept:
            stays.append(kept)
        else:
            goes.add(credential)
    return Preview(goes=frozenset(goes), stays=tuple(stays))


def remove_root_credentials(
    session: DeleteSession,
    present: Posture,
    *,
    keep_keys_used_after: datetime | None,
    before_deleting: Callable[[frozenset[Credential]], None],
) -> Removal:
    """List what the summary says exists, tell it to before_deleting, then delete it in order.

    One failure never stops the rest. Access keys used after keep_keys_used_after stay, as failures.
    """
    found, failures = list_credentials(session, present)
    before_deleting(found)
    removed: set[Credential] = set()
    for credential in sorted(found, key=removal_order):
        failure = _delete(session, credential, keep_keys_used_after)
        if failure:
            failures.append(failure)
        else:
            removed.add(credential)
    unlisted = {failure.kind for failure in failures if failure.identifier is None}
    return Removal(
        found=found,
        listed=frozenset(CredentialKind) - unlisted,
        removed=frozenset(removed),
        failures=tuple(failures),
    )


def removal_order(credential: Credential) -> tuple[int, str]:
    """Return what to sort by: strongest first, MFA devices last."""
    return list(CredentialKind).index(credential.kind), credential.identifier


def list_credentials(
    session: CredentialListing, present: Posture
) -> tuple[frozenset[Credential], list[Failure]]:
    """List what the summary says exists, and the kinds that could not be listed."""
    found: set[Credential] = set()
    failures = []
    for kind in sorted(present.present, key=list(CredentialKind).index):
        if kind is CredentialKind.PASSWORD:
            found.add(PASSWORD)
            continue
        try:
            found.update(Credential(kind, name) for name in session.identifiers(kind))
        except CallRefused as refused:
            failures.append(Failure(kind, None, refused.code, refused.message))
    return frozenset(found), failures


def _delete(
    session: DeleteSession, credential: Credential, keep_keys_used_after: datetime | None
) -> Failure | None:
    try:
        kept = kept_in_use(session, credential, keep_keys_used_after)
        if kept is None:
            session.delete(credential)
    except CallRefused as refused:
        return Failure(credential.kind, credential.identifier, refused.code, refused.message)
    return kept


def kept_in_use(
    session: CredentialListing, credential: Credential, keep_keys_used_after: datetime | None
) -> Failure | None:
    """Say why a credential is left that could be deleted, None when it is not; raises CallRefused."""
    if credential.kind is not CredentialKind.ACCESS_KEY or keep_keys_used_after is None:
        return None
    used = session.last_used(credential.identifier)
    if used is None or used <= keep_keys_used_after:
        return None
    text = f"last used {used:%Y-%m-%d}; recently used keys are left for a person to decide"
    return Failure(credential.kind, credential.identifier, RECENTLY_USED, text)
