"""Removing root credentials from one account, and proving it by reading back.

Two root sessions at most: an audit session that reads the summary before and after, and, only when
something is there, a delete session. A clean account costs two calls: AssumeRoot and GetAccountSummary.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Protocol

from msgspec import Meta, field

from rootwarden.events import AccountId, Record
from rootwarden.refusals import CallRefused
from rootwarden.root_credentials import (
    PASSWORD,
    USE_IS_KNOWN,
    Credential,
    CredentialKind,
    KeepRule,
    LastUse,
    Posture,
    removal_order,
)

RECENTLY_USED = "RecentlyUsed"


class AuditSession(Protocol):
    """A root session that may only look. Every method raises CallRefused."""

    def posture(self) -> Posture:
        """Say which kinds of root credentials exist."""


class CredentialListing(Protocol):
    """A root session that may list root credentials. Every method raises CallRefused."""

    def identifiers(self, kind: CredentialKind) -> tuple[str, ...]:
        """List the access keys, signing certificates or MFA devices that exist."""

    def last_used(self, credential: Credential) -> datetime | None:
        """Say when a password or an access key was last used; None when never."""


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
    last_used: frozenset[LastUse] = frozenset()


class Preview(Record, frozen=True, kw_only=True):
    """What a removal would come to."""

    goes: frozenset[Credential] = frozenset()
    stays: Annotated[
        tuple[Failure, ...], Meta(description="what would be left, and what nobody could look into")
    ] = ()
    last_used: frozenset[LastUse] = frozenset()

    @property
    def found(self) -> frozenset[Credential]:
        """Every credential that was listed."""
        kept = {Credential(each.kind, each.identifier) for each in self.stays if each.identifier}
        return self.goes | kept


def preview(session: CredentialListing, present: Posture, rule: KeepRule) -> Preview:
    """Say what remove_root_credentials would remove; raises nothing, for what it cannot see would stay."""
    found, unlisted = list_credentials(session, present)
    uses: set[LastUse] = set()
    stays: dict[Credential, Failure] = {}
    for credential in sorted(found, key=removal_order):
        if credential.kind not in USE_IS_KNOWN:
            continue
        use = _last_use(session, credential)
        if isinstance(use, LastUse):
            uses.add(use)
        if failure := _kept(use, credential, rule):
            stays[credential] = failure
    if password := stays.get(PASSWORD):
        stays |= {each: _with(password, each) for each in found if each.kind is CredentialKind.MFA_DEVICE}
    kept = [stays[each] for each in sorted(stays, key=removal_order)]
    return Preview(goes=found - set(stays), stays=(*unlisted, *kept), last_used=frozenset(uses))


def _last_use(session: CredentialListing, credential: Credential) -> LastUse | CallRefused:
    try:
        return LastUse(credential.kind, credential.identifier, session.last_used(credential))
    except CallRefused as refused:
        return refused


def _kept(use: LastUse | CallRefused, credential: Credential, rule: KeepRule) -> Failure | None:
    kind, name = credential.kind, credential.identifier
    if isinstance(use, CallRefused):
        # Unknown is not unused: it goes only where its use decides nothing.
        text = f"when it was last used is not known: {use.message}"
        return Failure(kind, name, use.code, text) if rule.asks_about(credential) else None
    if not rule.keeps(use):
        return None
    text = f"last used {use.at:%Y-%m-%d}; what was used within {rule.days} days is left for a person"
    return Failure(kind, name, RECENTLY_USED, text)


def remove_root_credentials(
    session: DeleteSession,
    present: Posture,
    *,
    rule: KeepRule,
    before_deleting: Callable[[Preview], None],
) -> Removal:
    """List what the summary says exists, tell it to before_deleting, then delete it in order.

    One failure never stops the rest, but MFA devices stay as long as the password does. What the rule
    keeps stays, as failures.
    """
    seen = preview(session, present, rule)
    before_deleting(seen)
    failures = list(seen.stays)
    removed: set[Credential] = set()
    password: Failure | None = None
    for credential in sorted(seen.goes, key=removal_order):
        if password and credential.kind is CredentialKind.MFA_DEVICE:
            failures.append(_with(password, credential))
            continue
        failure = _delete(session, credential)
        if failure is None:
            removed.add(credential)
            continue
        failures.append(failure)
        password = failure if credential == PASSWORD else password
    unlisted = {failure.kind for failure in failures if failure.identifier is None}
    return Removal(
        found=seen.found,
        listed=frozenset(CredentialKind) - unlisted,
        removed=frozenset(removed),
        failures=tuple(failures),
        last_used=seen.last_used,
    )


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


def _with(password: Failure, device: Credential) -> Failure:
    """Say that an MFA device stays because the password does: without it that would be less protected."""
    return Failure(device.kind, device.identifier, password.code, "it protects the password, which stays")


def _delete(session: DeleteSession, credential: Credential) -> Failure | None:
    try:
        session.delete(credential)
    except CallRefused as refused:
        return Failure(credential.kind, credential.identifier, refused.code, refused.message)
    return None
