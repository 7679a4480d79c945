"""Root sessions for many accounts at once: shared clients, put on record in batches."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from typing import TYPE_CHECKING

from lambdas.adapters.refusals import refusals
from lambdas.adapters.root_credentials import IamAuditSession, IamDeleteSession
from lambdas.adapters.root_session_clients import signed_with
from lambdas.adapters.root_sessions import AUDIT, DELETE, RootSessionKeys, assume_root
from lambdas.adapters.session_register import SessionRecords, say_not_on_record
from lambdas.domain.accounts import AccountId
from lambdas.domain.activity.assessment import OURS
from lambdas.domain.hardening.removal import CallRefused
from lambdas.domain.root_credentials import Credential, CredentialKind, Posture
from lambdas.observability import logger

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_sts import STSClient


@dataclass(frozen=True)
class PooledAuditSession:
    """A root session that may only look, through the shared client."""

    account_id: AccountId
    keys: RootSessionKeys
    iam: "IAMClient"

    def posture(self) -> Posture:
        """Say which kinds of root credentials exist; raises CallRefused."""
        with signed_with(self.keys):
            return IamAuditSession(self.iam).posture()


@dataclass(frozen=True)
class PooledDeleteSession:
    """A root session that may list and delete, through the shared client. Methods raise CallRefused."""

    keys: RootSessionKeys
    session: IamDeleteSession

    def identifiers(self, kind: CredentialKind) -> tuple[str, ...]:
        """List the access keys, signing certificates or MFA devices that exist."""
        with signed_with(self.keys):
            return self.session.identifiers(kind)

    def last_used(self, access_key_id: str) -> datetime | None:
        """Say when an access key was last used; None when never."""
        with signed_with(self.keys):
            return self.session.last_used(access_key_id)

    def delete(self, credential: Credential) -> None:
        """Delete one credential; one that is already gone counts as deleted."""
        with signed_with(self.keys):
            self.session.delete(credential)


@dataclass(frozen=True)
class RootSessionPool:
    """See lambdas.domain.sweep_batch.SessionPool and lambdas.domain.hardening.removal.RootSessions."""

    sts: "STSClient"
    iam: "IAMClient"
    register: SessionRecords
    _owed: dict[AccountId, str] = field(default_factory=dict)
    _turn: Lock = field(default_factory=Lock, repr=False)

    def open(self, account_id: AccountId) -> PooledAuditSession:
        """Open a session that may only look and is not on record yet; raises CallRefused."""
        return PooledAuditSession(account_id, assume_root(self.sts, account_id, AUDIT), self.iam)

    def put_on_record(self, sessions: Iterable[PooledAuditSession]) -> None:
        """Put sessions on record, so that they may be used; raises CallRefused."""
        self._record({session.account_id: session.keys.access_key_id for session in sessions}, AUDIT)

    def audit(self, account_id: AccountId) -> PooledAuditSession:
        """Open a session that may only look; raises CallRefused."""
        session = self.open(account_id)
        self.put_on_record([session])
        return session

    def delete(self, account_id: AccountId) -> PooledDeleteSession:
        """Open a session that may list and delete root credentials; raises CallRefused."""
        keys = assume_root(self.sts, account_id, DELETE)
        self._record({account_id: keys.access_key_id}, DELETE)
        return PooledDeleteSession(keys, IamDeleteSession(self.iam, account_id))

    def settle(self) -> None:
        """Put on record what could not be before, and say what is owed for good: it was never used."""
        with self._turn:
            owed = dict(self._owed)
            self._owed.clear()
        if not owed:
            return
        try:
            with refusals():
                self.register.remember_all(owed.values(), OURS)
        except CallRefused:
            say_not_on_record(owed)

    def _record(self, access_key_ids: dict[AccountId, str], task: str) -> None:
        with self._turn:
            self._owed.update(access_key_ids)
        with refusals():
            self.register.remember_all(access_key_ids.values(), OURS)
        with self._turn:
            for account_id in access_key_ids:
                self._owed.pop(account_id, None)
        logger.info("root sessions opened", task=task, access_key_ids=access_key_ids)
