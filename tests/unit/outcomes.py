"""Outcomes of every shape, as hypothesis strategies."""

from datetime import UTC, datetime

from hypothesis import strategies as st

from rootwarden.activity.outcomes import ActivityAlert, ActivitySummary, Actor, ObservedEvent
from rootwarden.activity.root_activity import ActorKind
from rootwarden.contract.activities import Activity, Severity
from rootwarden.contract.configured import Mode
from rootwarden.events import AccountId
from rootwarden.hardening.outcome import HardeningOutcome, Reason, Result, Trigger
from rootwarden.hardening.removal import RECENTLY_USED, Failure
from rootwarden.leaving import AccountLeft, Leaving
from rootwarden.messages.compose import AlertTest
from rootwarden.outcomes import AccountReference, Outcome, SessionsNotRecorded, UnrecordedSession
from rootwarden.policies.locks import LockVerdict, StatementVerdict
from rootwarden.recovery.outcome import Change, PasswordRecovery, WindowChanged
from rootwarden.recovery.windows import ClosedBy, ClosedHow, RecoveryWindow
from rootwarden.report.totals import Totals
from rootwarden.root_credentials import Credential, CredentialKind, Posture
from rootwarden.sweep.outcome import ChangeCounts, ReportLocation, SweepCompleted
from rootwarden.unlocking.outcome import EvidenceReference, PolicyChange, PolicyUnlocked
from rootwarden.unlocking.requests import Resource, ResourceKind

# Anything UTF-8 can carry; JSON escapes cannot smuggle in more than EventBridge accepts.
ANY_TEXT = st.text(st.characters(codec="utf-8"), max_size=60)
TEXT = st.text(st.characters(codec="utf-8"), min_size=1, max_size=60)
MAYBE_TEXT = st.none() | TEXT
TIMES = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)).map(  # noqa: DTZ001 - timezones says so
    lambda time: time.replace(microsecond=0)
)
ACCOUNT_IDS = st.from_regex(r"[0-9]{12}", fullmatch=True).map(AccountId)
REGIONS = st.sampled_from(["us-east-1", "eu-central-1", "us-gov-west-1", "cn-north-1"])
POSTURES = st.none() | st.builds(Posture.of, st.frozensets(st.sampled_from(CredentialKind)))
KINDS = st.sampled_from(CredentialKind)
ACCOUNTS = st.builds(
    AccountReference,
    account_id=st.none() | ACCOUNT_IDS,
    name=MAYBE_TEXT,
    organizational_unit=MAYBE_TEXT,
)
HARDENING = st.builds(
    HardeningOutcome,
    account=ACCOUNTS,
    result=st.sampled_from(Result),
    trigger=st.builds(
        Trigger,
        event_id=TEXT,
        event_name=TEXT,
        source=TEXT,
        requested_by=MAYBE_TEXT,
        request_reason=MAYBE_TEXT,
    ),
    attempt=st.integers(1, 99),
    will_retry=st.booleans(),
    occurred_at=TIMES,
    reason=st.none() | st.builds(Reason, TEXT, ANY_TEXT),
    before=POSTURES,
    after=POSTURES,
    removed=st.frozensets(st.builds(Credential, KINDS, TEXT), max_size=5),
    failures=st.lists(
        st.builds(Failure, KINDS, MAYBE_TEXT, TEXT | st.just(RECENTLY_USED), ANY_TEXT), max_size=5
    ).map(tuple),
)
ACTORS = st.builds(Actor, kind=st.sampled_from(ActorKind), arn=MAYBE_TEXT, access_key_id=MAYBE_TEXT)
ALERTS = st.builds(
    ActivityAlert,
    account=ACCOUNTS,
    activity=st.sampled_from(Activity),
    severity=st.sampled_from(Severity),
    severity_reason=TEXT,
    circumstances=st.lists(TEXT, max_size=2).map(tuple),
    attempted=st.booleans(),
    management_root=st.booleans(),
    actor=ACTORS,
    event=st.builds(
        ObservedEvent,
        event_id=TEXT,
        name=TEXT,
        source=TEXT,
        time=TIMES,
        region=TEXT,
        account_id=ACCOUNT_IDS,
        source_ip=MAYBE_TEXT,
        user_agent=MAYBE_TEXT,
        error_code=MAYBE_TEXT,
        mfa_used=st.none() | st.booleans(),
        delivered_at=st.none() | TIMES,
    ),
    recovery_window=st.none() | st.builds(RecoveryWindow, until=TIMES, reason=TEXT, opened_by=TEXT),
    occurred_at=TIMES,
)
SUMMARIES = st.builds(
    ActivitySummary,
    account=ACCOUNTS,
    actor=st.none() | ACTORS,
    source_ip=MAYBE_TEXT,
    count=st.integers(1, 10**6),
    alerted=st.integers(1, 10**6),
    highest=st.sampled_from(Severity),
    first_at=TIMES,
    last_at=TIMES,
    accounts=st.lists(ACCOUNT_IDS, max_size=3).map(tuple),
    account_count=st.integers(0, 500),
)
DEPARTURES = st.builds(
    AccountLeft,
    account=ACCOUNTS,
    how=st.sampled_from(Leaving),
    method=MAYBE_TEXT,
    last_result=MAYBE_TEXT,
    last_seen_at=st.none() | TIMES,
    exemption_until=MAYBE_TEXT,
    occurred_at=TIMES,
)
WINDOW_CHANGES = st.builds(
    WindowChanged,
    account=ACCOUNTS,
    change=st.sampled_from(Change),
    window=st.builds(RecoveryWindow, until=TIMES, reason=TEXT, opened_by=TEXT),
    may_be_open=st.booleans(),
    occurred_at=TIMES,
    password=st.none() | st.sampled_from(PasswordRecovery),
    closed_by=st.none() | st.builds(ClosedBy, st.sampled_from(ClosedHow), MAYBE_TEXT),
    approved_by=st.lists(TEXT, max_size=2).map(tuple),
    reason=st.none() | st.builds(Reason, TEXT, ANY_TEXT),
)
COUNTS = st.integers(0, 10**6)
CHECKS = st.lists(TEXT, max_size=3).map(tuple)
SWEEPS = st.builds(
    SweepCompleted,
    sweep_id=TEXT,
    started_at=TIMES,
    mode=st.none() | st.sampled_from(Mode),
    finished_at=TIMES,
    organization_id=TEXT,
    totals=st.builds(Totals, **dict.fromkeys(Totals.__struct_fields__, COUNTS)),
    changes=st.builds(ChangeCounts, **dict.fromkeys(ChangeCounts.__struct_fields__, COUNTS)),
    failed_checks=CHECKS,
    unknown_checks=CHECKS,
    missing=COUNTS,
    report=st.builds(ReportLocation, bucket=TEXT, json=TEXT, csv=TEXT, html=TEXT),
)
TESTS = st.builds(AlertTest, account=ACCOUNTS, requested_by=TEXT, occurred_at=TIMES)
RESOURCES = st.builds(Resource, kind=st.sampled_from(ResourceKind), name=TEXT, arn=TEXT, region=REGIONS)
UNLOCKS = st.builds(
    PolicyUnlocked,
    account=ACCOUNTS,
    resource=RESOURCES,
    result=st.sampled_from(PolicyChange),
    requested_by=TEXT,
    request_reason=TEXT,
    approved_by=st.lists(TEXT, max_size=2).map(tuple),
    evidence=st.none() | st.builds(EvidenceReference, bucket=MAYBE_TEXT, key=TEXT),
    statements=st.lists(
        st.builds(
            StatementVerdict,
            sid=MAYBE_TEXT,
            number=st.integers(1, 99),
            verdict=st.sampled_from(LockVerdict),
            who=TEXT,
            actions=st.lists(TEXT, max_size=2).map(tuple),
            conditions=st.lists(TEXT, max_size=2).map(tuple),
            why=TEXT,
        ),
        max_size=3,
    ).map(tuple),
    reason=st.none() | st.builds(Reason, code=TEXT, text=TEXT),
    occurred_at=TIMES,
)
NOT_RECORDED = st.builds(
    SessionsNotRecorded,
    sessions=st.lists(
        st.builds(UnrecordedSession, account_id=st.just(AccountId("444455556666")), access_key_id=TEXT),
        min_size=1,
        max_size=12,
    ).map(tuple),
    occurred_at=TIMES,
)
OF_EACH_KIND: tuple[st.SearchStrategy[Outcome], ...] = (
    *(ALERTS, SUMMARIES, HARDENING, DEPARTURES, SWEEPS, TESTS),
    *(UNLOCKS, WINDOW_CHANGES, NOT_RECORDED),
)
OUTCOMES = st.one_of(OF_EACH_KIND)
