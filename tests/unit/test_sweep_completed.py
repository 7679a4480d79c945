"""What is said of a completed sweep: all that its report found, new concerns first, and how bad it is."""

from dataclasses import replace
from datetime import timedelta

import pytest
from msgspec import structs

from rootwarden import __version__
from rootwarden.contract.activities import Severity
from rootwarden.contract.configured import Mode
from rootwarden.coverage.paths import PathTotals
from rootwarden.report.alarm_paths import Watched
from rootwarden.report.deployment_checks import Recipients
from rootwarden.report.report import Report
from rootwarden.report.totals import Totals
from rootwarden.sweep.outcome import (
    MOST_NAMED,
    ChangeCounts,
    InQuestion,
    ReportLocation,
    SweepCompleted,
    Undelivered,
)
from rootwarden.undelivered.findings import QueueFindings, UndeliveredEvents
from tests.unit.fakes import NOON
from tests.unit.given import MEMBER
from tests.unit.report_given import (
    ALL_WELL,
    DENIED,
    EMAIL,
    KEY,
    ORGANIZATION,
    Given,
    account,
    exposed,
    lines,
    listed,
    row,
    unreachable,
)

WHERE = ReportLocation(bucket="reports", json="1/report.json", csv="1/report.csv", html="1/report.html")
WAITING = UndeliveredEvents(
    accounts_asked=3,
    looked=4,
    not_begun=2,
    queues=(QueueFindings(account_id=MEMBER, region="us-east-1", waiting=5, sent=2),),
)


def badly() -> Report:
    """Return the second report of an organization in which something of every kind is wrong."""
    given = Given(
        mode=Mode.ENFORCE,
        answers=replace(ALL_WELL, features=DENIED, trusted_services=frozenset()),
        recipients=Recipients(configured=(EMAIL,), found={}),
        undelivered=WAITING,
        watched=Watched(forwarding=("us-east-1",)),
    )
    given.sweep(row(1), unreachable(2), row(3), exposed(8))
    rows = (
        exposed(1),
        unreachable(2),
        row(3, "hardened"),
        row(4),
        row(5, "partial", None, code="RecentlyUsed"),
        exposed(6, exemption={"reason": "break glass", "until": "2026-12-31"}),
    )
    return given.read(listed(*rows), {"1.jsonl": lines(*rows), "2.jsonl": DENIED})


def _in_question(number: int, result: str, code: str | None = None, *, is_new: bool) -> dict[str, object]:
    units = {"organizationalUnit": "ou-ab12-11111111", "organizationalUnits": ("ou-ab12-11111111",)}
    named = {"id": account(number), "name": f"account-{number}", **units}
    said = {"account": named, "result": result, "isNew": is_new, "code": code}
    return said | {"hasRecoveryWindow": False}


def test_the_outcome_says_what_the_report_found() -> None:
    report = badly()
    begun = replace(report.sweep, started_at=report.sweep.started_at.replace(microsecond=123_456))

    assert SweepCompleted.of(replace(report, sweep=begun), WHERE).to_detail() == {
        "version": "1",
        "rootwardenVersion": __version__,
        "severity": "high",
        "activity": "sweep_completed",
        "sweepId": "sweep-2",
        "startedAt": "2026-06-02T11:55:00Z",
        "mode": "enforce",
        "finishedAt": "2026-06-02T12:00:00Z",
        "organizationId": ORGANIZATION,
        "totals": {
            "accounts": 6,
            "clean": 1,
            "exposed": 2,
            "hardened": 1,
            "partial": 1,
            "unreachable": 1,
            "not_active": 0,
            "management": 0,
            "exempt": 1,
            "recoveryWindow": 0,
            "needsAttention": 3,
        },
        "changes": {"added": 3, "removed": 1, "nowExposed": 3, "nowClean": 0, "nowUnreachable": 0},
        "isNews": True,
        "inQuestion": (
            _in_question(1, "exposed", is_new=True),
            _in_question(5, "partial", "RecentlyUsed", is_new=True),
            _in_question(2, "unreachable", "AccessDenied", is_new=False),
        ),
        "failedChecks": ("trusted_access", "undelivered", "alert_subscriptions"),
        "unknownChecks": ("root_credentials_management", "root_sessions"),
        "missing": 1,
        "unreached": (EMAIL,),
        "report": {
            "bucket": "reports",
            "json": "1/report.json",
            "csv": "1/report.csv",
            "html": "1/report.html",
        },
        "undelivered": {"accounts": 1, "found": 5, "sent": 2, "left": 3, "notLookedAt": 2},
        "coverage": {"proven": 5, "silent": 0, "notPossible": 1, "waiting": 0, "lost": 0},
    }


def test_what_the_sweep_before_said_is_no_news() -> None:
    given = Given()

    first, again = (SweepCompleted.of(given.sweep(exposed(1)), WHERE) for _ in range(2))

    assert [(each.is_news, each.severity) for each in (first, again)] == [
        (True, Severity.HIGH),
        (False, None),
    ]
    assert [each.is_new for each in (*first.in_question, *again.in_question)] == [True, False]


def test_what_could_not_be_asked_and_is_then_wrong_is_news() -> None:
    given, news = Given(), []
    for answer in (DENIED, DENIED, frozenset[str](), frozenset[str]()):
        given.answers = replace(ALL_WELL, trusted_services=answer)
        news.append(given.sweep(row(1)).is_news)

    assert news == [True, False, True, False]


def test_a_key_in_place_of_another_is_news() -> None:
    given, keys = Given(), ("AKIAOLD", "AKIAOLD", "AKIANEW")
    previews = ({"goes": [{"kind": "access_key", "id": key}], "stays": [], "lastUsed": []} for key in keys)

    said = [SweepCompleted.of(given.sweep(exposed(1, KEY, preview=each)), WHERE) for each in previews]

    assert [(each.is_news, each.in_question[0].is_new) for each in said] == [
        (True, True),
        (False, False),
        (True, True),
    ]


def test_of_very_many_accounts_the_first_are_named_and_all_are_counted() -> None:
    report = Given().sweep(*(exposed(number) for number in range(MOST_NAMED + 1)))

    outcome = SweepCompleted.of(report, WHERE)

    assert [each.account.account_id for each in outcome.in_question] == [
        account(number) for number in range(MOST_NAMED)
    ]
    assert outcome.totals.needs_attention == MOST_NAMED + 1
    assert len(InQuestion.all_of(report)) == MOST_NAMED + 1


WELL = SweepCompleted(
    sweep_id="nightly-1",
    started_at=NOON,
    mode=Mode.OBSERVE,
    finished_at=NOON + timedelta(minutes=5),
    organization_id=ORGANIZATION,
    totals=Totals(**dict.fromkeys(Totals.__struct_fields__, 0)),
    changes=ChangeCounts(added=0, removed=0, now_exposed=0, now_clean=0, now_unreachable=0),
    missing=0,
    report=WHERE,
)
NEEDED = structs.replace(WELL.totals, needs_attention=1)
LOST = structs.replace(PathTotals.of(()), silent=1, lost=1)
SILENT = structs.replace(PathTotals.of(()), silent=1)


@pytest.mark.parametrize(
    ("found", "severity"),
    [
        ({}, None),
        ({"coverage": SILENT}, None),
        ({"undelivered": Undelivered(accounts=1, found=5, sent=2, left=3, not_looked_at=2)}, None),
        ({"unreached": (EMAIL,)}, Severity.MEDIUM),
        ({"unknown_checks": ("root_sessions",)}, Severity.MEDIUM),
        ({"missing": 1}, Severity.MEDIUM),
        ({"totals": NEEDED}, Severity.HIGH),
        ({"failed_checks": ("undelivered",)}, Severity.HIGH),
        ({"totals": NEEDED, "missing": 1}, Severity.HIGH),
        ({"coverage": LOST}, Severity.CRITICAL),
        ({"coverage": LOST, "totals": NEEDED, "missing": 1}, Severity.CRITICAL),
    ],
)
def test_how_bad_it_is_follows_from_the_worst_that_is_new(
    found: dict[str, object], severity: Severity | None
) -> None:
    news = structs.replace(WELL, **found)
    known = structs.replace(WELL, is_news=False, **found)

    assert (news.severity, known.severity) == (severity, None)
