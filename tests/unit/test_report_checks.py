"""The organization's checks: what fails, what passes, and what nobody could ask."""

import json
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from rootwarden.outcomes import iso
from rootwarden.refusals import CallRefused
from rootwarden.report.alarm_paths import Watched
from rootwarden.report.checks import Answers, CheckName, names_of_failed, names_of_unasked
from rootwarden.report.controls import ControlStatus
from rootwarden.report.deployment_checks import Instance, Instances, Recipients, Subscription
from rootwarden.report.report import Report
from rootwarden.root_credentials import CredentialKind, Posture
from tests.unit.fakes import NOON
from tests.unit.given import HUB, MANAGEMENT
from tests.unit.report_given import (
    ALL_WELL,
    DENIED,
    EVERYTHING,
    NONE,
    Given,
    account,
    lines,
    listed,
    row,
    unreachable,
)

PASS, FAIL, UNKNOWN = ControlStatus.PASS, ControlStatus.FAIL, ControlStatus.UNKNOWN
NO_TRUST = CallRefused("ServiceAccessNotEnabledException", "not enabled")
MFA = Posture.of(frozenset({CredentialKind.MFA_DEVICE}))


def status(report: Report, name: CheckName) -> ControlStatus:
    return next(check.status for check in report.checks if check.name is name)


@pytest.mark.parametrize(
    ("name", "answers", "expected"),
    [
        (CheckName.TRUSTED_ACCESS, ALL_WELL, PASS),
        (CheckName.TRUSTED_ACCESS, replace(ALL_WELL, trusted_services=frozenset()), FAIL),
        (CheckName.ROOT_CREDENTIALS_MANAGEMENT, ALL_WELL, PASS),
        (CheckName.ROOT_CREDENTIALS_MANAGEMENT, replace(ALL_WELL, features=frozenset()), FAIL),
        (CheckName.ROOT_SESSIONS, ALL_WELL, PASS),
        (CheckName.ROOT_SESSIONS, replace(ALL_WELL, features=NO_TRUST), FAIL),
        (CheckName.DELEGATED_ADMINISTRATOR, ALL_WELL, PASS),
        (CheckName.DELEGATED_ADMINISTRATOR, replace(ALL_WELL, delegated_administrators=frozenset()), FAIL),
        (
            CheckName.DELEGATED_ADMINISTRATOR,
            replace(ALL_WELL, delegated_administrators=frozenset({HUB, account(1)})),
            FAIL,
        ),
        (CheckName.MANAGEMENT_ROOT, ALL_WELL, UNKNOWN),
        (CheckName.MANAGEMENT_ROOT, replace(ALL_WELL, management_root=MFA), PASS),
        (CheckName.MANAGEMENT_ROOT, replace(ALL_WELL, management_root=EVERYTHING), FAIL),
        (CheckName.MANAGEMENT_ROOT, replace(ALL_WELL, management_root=NONE), FAIL),
    ],
)
def test_the_answers_are_judged(name: CheckName, answers: Answers, expected: ControlStatus) -> None:
    assert status(Given(answers=answers).sweep(row()), name) is expected


@pytest.mark.parametrize(
    ("rules", "expected"),
    [((), PASS), (("us-east-1: RootSignIn is DISABLED, not ENABLED",), FAIL), (None, UNKNOWN)],
)
def test_rules_that_are_not_as_deployed_fail(rules: tuple[str, ...] | None, expected: ControlStatus) -> None:
    report = Given(answers=replace(ALL_WELL, rules=rules)).sweep(row())

    assert status(report, CheckName.RULES) is expected


def test_a_hub_in_the_management_account_has_no_delegated_administrator() -> None:
    given = Given(hub=MANAGEMENT, answers=replace(ALL_WELL, delegated_administrators=frozenset()))

    assert status(given.sweep(row()), CheckName.DELEGATED_ADMINISTRATOR) is PASS


def test_what_aws_refuses_to_answer_is_unknown_with_its_code() -> None:
    refused = Answers(
        features=DENIED,
        trusted_services=DENIED,
        delegated_administrators=DENIED,
        management_root=DENIED,
        rules=DENIED,
    )

    recipients = Recipients(configured=("a@example.com",), found=DENIED)

    report = Given(answers=refused, refused=DENIED, recipients=recipients, members=DENIED).sweep(row())

    assert names_of_failed(report.checks) == ()
    never_refused = {CheckName.REGIONS, CheckName.STALE_ACCOUNTS, CheckName.UNDELIVERED}
    assert names_of_unasked(report.checks) == tuple(name for name in CheckName if name not in never_refused)
    assert {check.code for check in report.checks if check.code} == {DENIED.code}
    assert all(check.status is not PASS for check in report.checks if check.code)


@pytest.mark.parametrize(
    ("found", "unreached"),
    [
        ({"Security@Example.com": Subscription.CONFIRMED}, ()),
        ({"security@example.com": Subscription.PENDING}, ("security@example.com",)),
        ({"other@example.com": Subscription.CONFIRMED}, ("security@example.com",)),
        ({}, ("security@example.com",)),
    ],
)
def test_whoever_is_configured_and_gets_no_alerts_is_named(
    found: dict[str, Subscription], unreached: tuple[str, ...]
) -> None:
    report = Given(recipients=Recipients(configured=("security@example.com",), found=found)).sweep(row())

    assert status(report, CheckName.ALERT_SUBSCRIPTIONS) is (FAIL if unreached else PASS)
    assert report.unreached == unreached
    [check] = [check for check in report.checks if check.name is CheckName.ALERT_SUBSCRIPTIONS]
    assert all(address in check.text for address in unreached)


@pytest.mark.parametrize(
    ("stands", "detailed", "expected"),
    [
        ("CURRENT", "SUCCEEDED", PASS),
        ("OUTDATED", "FAILED", FAIL),
        ("OUTDATED", "CANCELLED", FAIL),
        ("INOPERABLE", "INOPERABLE", FAIL),
        ("OUTDATED", "RUNNING", PASS),
        ("OUTDATED", "SKIPPED_SUSPENDED_ACCOUNT", PASS),
    ],
)
def test_an_instance_of_the_stack_set_that_failed_is_named(
    stands: str, detailed: str, expected: ControlStatus
) -> None:
    instance = Instance(account(1), "us-east-1", stands, None, detailed)

    report = Given(members=Instances((instance,))).sweep(row())

    assert status(report, CheckName.MEMBER_STACKS) is expected
    [check] = [check for check in report.checks if check.name is CheckName.MEMBER_STACKS]
    assert (account(1) in check.text) is (expected is FAIL)


HERE = Instance(account(1), "us-east-1", "CURRENT", None, "SUCCEEDED")
FAULTY = replace(HERE, status="OUTDATED", detailed="FAILED")


@pytest.mark.parametrize(
    ("members", "expected", "words"),
    [
        (Instances(()), FAIL, "no member forwards"),
        (Instances((HERE,)), UNKNOWN, f"no unit of the StackSet: {account(2)}"),
        (Instances((HERE, replace(HERE, account=account(2)))), PASS, "2 instances"),
        (Instances((HERE,), is_whole=False), UNKNOWN, "looked at 1 instance,"),
        (Instances((FAULTY,)), FAIL, f"in {FAULTY.region} (OUTDATED); no instance in {account(2)}"),
        (Instances((FAULTY, replace(HERE, account=account(2)))), FAIL, "(OUTDATED)"),
        (Instances((FAULTY,), is_whole=False), FAIL, "(OUTDATED)"),
    ],
)
def test_members_without_an_instance_are_no_members_that_forward(
    members: Instances, expected: ControlStatus, words: str
) -> None:
    report = Given(members=members).sweep(
        row(1),
        row(2),
        row(3, "not_active", None, state="SUSPENDED"),
        row(4, "management", None, id=MANAGEMENT),
    )

    [check] = [check for check in report.checks if check.name is CheckName.MEMBER_STACKS]
    assert (check.status, words in check.text) == (expected, True)
    assert ("; no instance" in check.text) == ("; no instance" in words)


def test_instances_are_listed_for_so_long_only() -> None:
    seconds = iter(range(0, 600, 50))
    found = Instances.within(120, [HERE] * 10, lambda: next(seconds))
    assert (len(found.found), found.is_whole) == (3, False)
    assert Instances.within(120, [HERE] * 10, lambda: 0) == Instances((HERE,) * 10)


def test_the_management_account_is_judged_by_its_own_summary() -> None:
    given = Given(hub=MANAGEMENT, answers=replace(ALL_WELL, management_root=MFA))
    management = given.sweep(row(1, "management", None, id=MANAGEMENT)).entries[0]

    assert [status.value for status in management.controls.values()] == ["pass", "pass", "unknown"]
    assert management.row.posture is None


def test_an_account_out_of_sight_for_more_than_two_sweeps_fails() -> None:
    given = Given()
    statuses = [status(given.sweep(unreachable()), CheckName.STALE_ACCOUNTS) for _ in range(4)]

    assert statuses == [PASS, PASS, FAIL, FAIL]
    checks = {check.name: check.text for check in Given().sweep(unreachable()).checks}
    assert checks[CheckName.STALE_ACCOUNTS] == "no account was out of sight for more than 2 sweeps"


def test_without_a_readable_previous_report_nobody_knows_what_was_out_of_sight() -> None:
    assert status(Given(previous="{").sweep(row()), CheckName.STALE_ACCOUNTS) is UNKNOWN


EAST, WEST, OPT_IN = "us-east-1", "eu-west-1", "me-south-1"
WATCHED = Watched(forwarding=(EAST, WEST, OPT_IN))


@pytest.mark.parametrize(
    ("lacking", "joined_at", "opted_in", "expected"),
    [
        (WEST, None, set(), FAIL),
        (WEST, NOON - timedelta(hours=2), set(), FAIL),
        # CloudFormation comes to an account that joined, Region by Region.
        (WEST, NOON - timedelta(minutes=59), set(), UNKNOWN),
        # Root can call nothing where the account has not opted in.
        (OPT_IN, None, set(), PASS),
        (OPT_IN, None, {OPT_IN}, FAIL),
    ],
)
def test_an_instance_in_one_region_is_none_in_another(
    lacking: str, joined_at: datetime | None, opted_in: set[str], expected: ControlStatus
) -> None:
    here = [replace(HERE, account=account(1), region=each) for each in WATCHED.forwarding]
    there = [replace(each, account=account(2)) for each in here if each.region != lacking]
    given = Given(members=Instances((*here, *there)), watched=WATCHED, opted_in={account(2): opted_in})
    rows = (row(1), row(2))
    accounts = json.loads(listed(*rows))
    accounts[1]["joinedAt"] = iso(joined_at) if joined_at else None

    report = given.read(json.dumps(accounts), {"results/1.jsonl": lines(*rows)})

    [check] = [check for check in report.checks if check.name is CheckName.MEMBER_STACKS]
    assert check.status is expected
    if expected is FAIL:
        assert check.subjects == (f"{account(2)} in {lacking}",)
        assert f"no instance: {account(2)} in {lacking}" in check.text
