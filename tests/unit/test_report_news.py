"""A further fault of a check that fails already is news; the same one is not, however old it grows."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from rootwarden.outcomes import iso
from rootwarden.report.checks import CheckName
from rootwarden.report.controls import ControlStatus
from rootwarden.report.deployment_checks import Instance, Instances, Recipients
from rootwarden.report.entries import AccountMemory
from rootwarden.report.report import Report
from rootwarden.root_credentials import CredentialKind, Posture
from rootwarden.undelivered.findings import QueueFindings, UndeliveredEvents
from tests.unit.fakes import NOON
from tests.unit.given import HUB
from tests.unit.report_given import ALL_WELL, EMAIL, Given, account, exposed, row, unreachable

ACCOUNTS = (1, 2, 3)


def answers(**found: Any) -> dict[str, Any]:
    return {"answers": replace(ALL_WELL, **found)}


def failing(*where: tuple[int, str], is_whole: bool = True) -> dict[str, Any]:
    faulty = {(account(number), region) for number, region in where}
    places = [(account(number), region) for number in ACCOUNTS for region in ("us-east-1", "eu-west-1")]
    found = tuple(
        Instance(one, region, "OUTDATED" if (one, region) in faulty else "CURRENT", None, "FAILED")
        for one, region in places
    )
    return {"members": Instances(found, is_whole=is_whole)}


def waiting(*where: tuple[int, str], events: int = 5) -> dict[str, Any]:
    queues = (QueueFindings(account_id=account(n), region=region, waiting=events) for n, region in where)
    return {"undelivered": UndeliveredEvents(accounts_asked=9, looked=9, queues=tuple(queues))}


def opted_in(*accounts: int) -> dict[str, Any]:
    return {"opted_in": {account(number): {"af-south-1"} for number in accounts}}


NO_MFA = Posture.of(frozenset())
A_KEY_TOO = Posture.of(frozenset({CredentialKind.ACCESS_KEY}))
US, EU = "us-east-1", "eu-west-1"
SIXTH = NOON + timedelta(days=5)


@pytest.mark.parametrize(
    ("check", "once", "then"),
    [
        (CheckName.RULES, answers(rules=("A is gone",)), answers(rules=("A is gone", "B is gone"))),
        (CheckName.RULES, answers(rules=("A is gone",)), answers(rules=("A is DISABLED",))),
        (CheckName.MANAGEMENT_ROOT, answers(management_root=NO_MFA), answers(management_root=A_KEY_TOO)),
        (
            CheckName.DELEGATED_ADMINISTRATOR,
            answers(delegated_administrators=frozenset({HUB, account(8)})),
            answers(delegated_administrators=frozenset({HUB, account(9)})),
        ),
        (CheckName.REGIONS, opted_in(1), opted_in(1, 2)),
        (CheckName.UNDELIVERED, waiting((1, US)), waiting((1, US), (2, US), events=7)),
        (CheckName.UNDELIVERED, waiting((1, US)), waiting((1, EU))),
        (CheckName.MEMBER_STACKS, failing((1, US)), failing((1, US), (2, US), (3, US))),
        (CheckName.MEMBER_STACKS, failing((1, US)), failing((1, US), (1, EU))),
        (CheckName.MEMBER_STACKS, {"members": Instances(())}, failing((1, US))),
        (
            CheckName.MEMBER_STACKS,
            failing((1, US), is_whole=False),
            failing((1, US), (1, EU), is_whole=False),
        ),
        (
            CheckName.ALERT_SUBSCRIPTIONS,
            {"recipients": Recipients(configured=(EMAIL,), found={})},
            {"recipients": Recipients(configured=(EMAIL, "b@example.com"), found={})},
        ),
    ],
)
def test_a_further_fault_of_a_check_that_fails_already_is_news(
    check: CheckName, once: dict[str, Any], then: dict[str, Any]
) -> None:
    given = Given()
    first = [_sweep(replace(given, **once), given) for _ in range(9)][-1]
    further, again = (_sweep(replace(given, **then), given) for _ in range(2))

    for report in (first, further, again):
        assert check in {each.name for each in report.checks if each.status is ControlStatus.FAIL}
    assert [report.is_news for report in (first, further, again)] == [False, True, False]


def _sweep(now: Given, kept: Given) -> Report:
    """Report on a sweep, and keep what the next one compares with; accounts are asked anew each time."""
    report = now.sweep(*(row(number, auditedAt=iso(now.at)) for number in ACCOUNTS))
    document = report.to_detail() | {"optedInRegions": []}
    kept.previous, kept.at, kept.sweeps = json.dumps(document), now.at, now.sweeps
    return report


def test_a_path_that_falls_silent_beside_another_is_news_and_its_age_is_none() -> None:
    given, news = Given(arrives=False), []
    for day in range(12):
        # The first account is never heard, the second until the sixth sweep.
        given.memory = AccountMemory(
            heard={account(2): {US: min(given.at, SIXTH)}, account(3): {US: given.at}}
        )
        report = given.sweep(*(row(number, auditedAt=iso(given.at)) for number in ACCOUNTS))
        news.append((day, report.is_news, report.path_totals.silent, report.path_totals.lost))

    assert [each for each in news if each[1]] == [
        (0, True, 0, 0),
        (1, True, 1, 0),
        (7, True, 2, 0),
        (8, True, 2, 1),
    ]


def test_one_more_account_out_of_sight_is_news_and_for_how_long_is_none() -> None:
    given, exempt = Given(), {"reason": "break glass", "until": "2026-12-31"}
    rows = [unreachable(1, exemption=exempt), row(2)]
    stale = [given.sweep(*rows).is_news for _ in range(5)]
    rows[1] = unreachable(2, exemption=exempt)

    assert stale == [True, False, True, False, False]
    assert [given.sweep(*rows).is_news for _ in range(5)] == [False, False, True, False, False]


def test_a_report_of_before_what_is_wrong_was_told_apart_makes_nothing_news() -> None:
    wrong = answers(rules=("A is gone", "B is gone"), management_root=A_KEY_TOO, features=frozenset())
    given = Given(**wrong, **waiting((1, US)), **opted_in(2))
    document = given.sweep(row(1), row(2), exposed(3)).to_detail()
    names = ("management_root", "regions", "root_credentials_management", "root_sessions", "rules")
    named = [f"check {name} failed" for name in (*names, "undelivered")]
    before = document | {"concerns": sorted([*named, "444400000003 exposed password"])}

    for concerns, is_news in ((before, False), (before | {"concerns": [*named, "x"]}, True)):
        given.previous = json.dumps(concerns)
        assert given.sweep(row(1), row(2), exposed(3)).is_news is is_news
    # Once it is told apart, a further one is news.
    given.answers = replace(given.answers, rules=("A is gone", "B is gone", "C is gone"))
    assert given.sweep(row(1), row(2), exposed(3)).is_news


def test_of_five_hundred_accounts_each_is_one_line() -> None:
    places = [(number, region) for number in range(500) for region in ("us-east-1", "eu-west-1")]
    instances = (Instance(account(n), region, "INOPERABLE", None, "INOPERABLE") for n, region in places)
    report = Given(members=Instances(tuple(instances))).sweep(row(1))

    lines = [line for line in report.concerns if "member_stacks" in line]
    assert len(lines) == 500
    assert lines[1] == f"check member_stacks failed: {account(1)} in eu-west-1, us-east-1"
