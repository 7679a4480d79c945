"""Audit sessions of many accounts at once, with one IAM client whose credentials are chosen for each call."""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING

import boto3
import botocore.session
from botocore.config import Config
from botocore.credentials import CredentialProvider, Credentials, ReadOnlyCredentials

from rootwarden.aws.clients import (
    DEADLINE,
    ONCE,
    PATIENT,
    PROMPT,
    TO_END_IN_ORDER,
    RootSessionKeys,
    logger,
    refusals,
    regional,
)
from rootwarden.aws.root_sessions import (
    IamAuditSession,
    IamDeleteSession,
    SessionRecords,
    assume_root,
)
from rootwarden.contract.functions import AUDIT, DELETE
from rootwarden.contract.names import NEVER_USED, OURS
from rootwarden.events import AccountId
from rootwarden.refusals import CallRefused

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_sts import STSClient


# For how long turns that were not taken are kept: briefly, for every worker that begins takes them at once.
_SECONDS_KEPT = 0.05

_signing: ContextVar[ReadOnlyCredentials] = ContextVar("signing")


@contextmanager
def signed_with(keys: RootSessionKeys) -> Iterator[None]:
    """Have the shared IAM client's calls of this thread signed with a root session's keys."""
    credentials = ReadOnlyCredentials(keys.access_key_id, keys.secret_access_key, keys.session_token)
    token = _signing.set(credentials)
    try:
        yield
    finally:
        _signing.reset(token)


@dataclass
class RateLimiter:
    """Gives out evenly spaced turns to any number of threads.

    burst: how many turns that were not taken are kept for later, so that a late thread costs no throughput.
    """

    per_second: float
    clock: Callable[[], float]
    sleep: Callable[[float], None]
    burst: int = 1
    _next: float = field(default=0.0, init=False)
    _lock: Lock = field(default_factory=Lock, init=False, repr=False)

    def wait(self) -> None:
        """Return when it is this thread's turn."""
        now = self.clock()
        with self._lock:
            turn = max(self._next, now - (self.burst - 1) / self.per_second)
            self._next = turn + 1 / self.per_second
        if turn > now:
            self.sleep(turn - now)


class _SigningCredentials(Credentials):
    """Whatever signed_with names; a call outside of it fails, rather than being signed with other keys."""

    def get_frozen_credentials(self) -> ReadOnlyCredentials:
        return _signing.get()


class _SigningProvider(CredentialProvider):
    METHOD = CANONICAL_NAME = "root-session"

    def load(self) -> Credentials:
        return _SigningCredentials("chosen", "per", "call", method=self.METHOD)


def shared_iam_client(threads: int, *, config: Config = PATIENT, region: str | None = None) -> "IAMClient":
    """Return an IAM client whose every call takes the keys that signed_with names."""
    return _signing_session(region).client("iam", config=_pooled(threads, config))


class RegionalStsClients:
    """STS clients of any Region whose every call takes the keys that signed_with names; made when needed."""

    def __init__(self, threads: int) -> None:
        """Prepare for so many threads; a Region that hangs is given up soon, for nothing depends on it."""
        self._config = _pooled(threads, ONCE.merge(Config(connect_timeout=2, read_timeout=3)))
        self._session = _signing_session(None)
        self._clients: dict[str, STSClient] = {}
        self._lock = Lock()

    def __call__(self, region: str) -> "STSClient":
        """Return a Region's client."""
        with self._lock:
            if region not in self._clients:
                client = self._session.client("sts", region_name=region, config=self._config)
                # The global endpoint would have every record written in one Region.
                self._clients[region] = regional(client)
            return self._clients[region]


def _signing_session(region: str | None) -> boto3.Session:
    session = botocore.session.get_session()
    session.get_component("credential_provider").insert_before("env", _SigningProvider())
    return boto3.Session(botocore_session=session, region_name=region)


def limited_sts_client(
    threads: int,
    limiter: RateLimiter,
    *,
    config: Config = PATIENT,
    session: boto3.Session | None = None,
) -> "STSClient":
    """Return an STS client that waits for its turn before every request, also one tried again."""

    def wait(**_: object) -> None:
        limiter.wait()

    client = (session or boto3).client("sts", config=_pooled(threads, config))
    client.meta.events.register("before-sign.sts", wait)
    return regional(client)


def recording_client(threads: int) -> "DynamoDBClient":
    """Return a DynamoDB client that puts many sessions on record."""
    return boto3.client("dynamodb", config=_pooled(threads, PROMPT))


def _pooled(threads: int, config: Config) -> Config:
    """Return what clients for thousands of equal calls need.

    Composing botocore's own user agent, and checking parameters that are always the same, take a fifth
    of a call's CPU time. CloudTrail shows the user agent.
    """
    return config.merge(
        Config(max_pool_connections=threads, user_agent="rootwarden", parameter_validation=False)
    )


@dataclass(frozen=True)
class PooledAuditSession(IamAuditSession):
    """A root session that may only look, through the shared client; it can show itself in any Region."""

    account_id: AccountId
    keys: RootSessionKeys
    sts_in: "Callable[[str], STSClient]"

    def identify(self, region: str) -> None:
        """Call GetCallerIdentity in a Region, which no policy can deny; raises CallRefused."""
        with refusals(), self.signed():
            self.sts_in(region).get_caller_identity()


@dataclass(frozen=True)
class RootSessionPool:
    """See rootwarden.sweep.batch.SessionPool and rootwarden.hardening.removal.RootSessions.

    _owed: the sessions that were opened and are not on record.
    """

    sts: "STSClient"
    iam: "IAMClient"
    register: SessionRecords
    sts_in: "Callable[[str], STSClient]"
    _owed: dict[AccountId, str] = field(default_factory=dict)
    _turn: Lock = field(default_factory=Lock, repr=False)

    def open(self, account_id: AccountId) -> PooledAuditSession:
        """Open a session that may only look and is not on record yet; raises CallRefused."""
        keys = assume_root(self.sts, account_id, AUDIT)
        with self._turn:
            self._owed[account_id] = keys.access_key_id
        return PooledAuditSession(self.iam, account_id, keys, self.sts_in, signed=partial(signed_with, keys))

    def put_on_record(self, sessions: Iterable[PooledAuditSession]) -> None:
        """Put sessions on record, so that they may be used; raises CallRefused."""
        self._record({session.account_id: session.keys.access_key_id for session in sessions}, AUDIT)

    def audit(self, account_id: AccountId) -> PooledAuditSession:
        """Open a session that may only look; raises CallRefused."""
        session = self.open(account_id)
        self.put_on_record([session])
        return session

    def delete(self, account_id: AccountId) -> IamDeleteSession:
        """Open a session that may list and delete root credentials; raises CallRefused."""
        keys = assume_root(self.sts, account_id, DELETE)
        self._record({account_id: keys.access_key_id}, DELETE)
        return IamDeleteSession(self.iam, account_id, signed=partial(signed_with, keys))

    def settle(self) -> None:
        """Put on record what could not be before, and say what is owed for good: all of it was never used."""
        with self._turn:
            owed = dict(self._owed)
            self._owed.clear()
        if not owed:
            return
        try:
            with refusals():
                self.register.remember_all(owed.values(), NEVER_USED)
        except CallRefused:
            self.register.give_up(owed)

    def _record(self, access_key_ids: dict[AccountId, str], task: str) -> None:
        with self._turn:
            self._owed.update(access_key_ids)
        with refusals():
            self.register.remember_all(access_key_ids.values(), OURS)
        with self._turn:
            for account_id in access_key_ids:
                self._owed.pop(account_id, None)
        logger.info("root sessions opened", task=task, access_key_ids=access_key_ids)


@dataclass(frozen=True)
class SweepSessions:
    """audits: refused at the first try, for an audit is tried again as a whole. hardening: patient."""

    audits: RootSessionPool
    hardening: RootSessionPool


def sweep_sessions(threads: int, requests_per_second: float, register: SessionRecords) -> SweepSessions:
    """Return both, for so many threads, which take turns together."""
    limiter = RateLimiter(
        requests_per_second,
        clock=time.monotonic,
        sleep=time.sleep,
        burst=max(1, int(requests_per_second * _SECONDS_KEPT)),
    )

    sts_in = RegionalStsClients(threads)

    def pool(config: Config) -> RootSessionPool:
        return RootSessionPool(
            sts=limited_sts_client(threads, limiter, config=config),
            iam=shared_iam_client(threads, config=config),
            register=register,
            sts_in=sts_in,
        )

    sessions = SweepSessions(audits=pool(ONCE), hardening=pool(PATIENT))
    # An audit's session that is opened after the last settle() would never be on record.
    for client in (sessions.audits.sts, sessions.hardening.sts, sessions.hardening.iam):
        DEADLINE.bind(client, PATIENT, reserve=TO_END_IN_ORDER)
    return sessions
