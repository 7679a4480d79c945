"""What becomes of a finding in Security Hub whose account nobody can look into any more."""

import json
from datetime import timedelta

import pytest

from rootwarden.hardening.outcome import PostureRecord
from rootwarden.outcomes import iso
from rootwarden.report.entries import AccountMemory
from rootwarden.root_credentials import Posture
from tests.unit.fakes import NOON
from tests.unit.report_given import KEY, NONE, PASSWORD, Given, Row, account, exposed, row, unreachable
from tests.unit.test_report_findings import EXEMPT, GONE, OPEN, PASSED, FakeSecurityHub, send


def severity(hub: FakeSecurityHub) -> str:
    [finding] = hub.findings.values()
    found: str = finding["FindingProviderFields"]["Severity"]["Label"]
    return found


def seen_by_a_hardening(posture: Posture, result: str, *, after: timedelta) -> AccountMemory:
    record = PostureRecord(
        account_id=account(1), name=None, posture=posture, result=result, seen_at=NOON + after
    )
    return AccountMemory(postures={account(1): record})


def send_out_of_sight(hub: FakeSecurityHub, given: Given, times: int = 3) -> None:
    for _ in range(times):
        send(hub, given.sweep(unreachable(1)), given)


def test_an_open_finding_is_updated_where_nobody_can_look_for_long() -> None:
    """Security Hub deletes a finding that is not updated for 90 days."""
    hub, given = FakeSecurityHub(), Given()
    send(hub, given.sweep(exposed(1, KEY), row(2)), given)
    [opened] = hub.findings.values()
    updated = []
    for _ in range(4):
        report = send(hub, given.sweep(unreachable(1), unreachable(2)), given)
        assert report.open_findings == {account(1)}
        [finding] = hub.findings.values()
        updated.append(finding["UpdatedAt"])

    # As long as it may be back soon, what Security Hub has is better than what is known now.
    assert updated == [opened["UpdatedAt"]] * 2 + ["2026-06-04T12:00:00Z", "2026-06-05T12:00:00Z"]
    assert hub.states() == {account(1): OPEN}
    assert (finding["Id"], finding["CreatedAt"]) == (opened["Id"], opened["CreatedAt"])
    assert severity(hub) == "CRITICAL"
    assert finding["Compliance"] == opened["Compliance"]
    assert finding["Description"] == (
        f"The root user of account-1 ({account(1)}) had credentials when it was last looked at, "
        "2026-06-01T12:00:00Z: nobody could since (explicit deny in a service control policy)."
    )


def test_so_is_that_of_an_account_that_was_suspended_until_it_is_gone() -> None:
    hub, given = FakeSecurityHub(), Given()
    suspended = row(1, "not_active", None, message="the account is SUSPENDED")
    send(hub, given.sweep(exposed(1)), given)
    for _ in range(2):
        send(hub, given.sweep(suspended, row(2, "not_active", None)), given)

    [finding] = hub.findings.values()
    assert finding["UpdatedAt"] == "2026-06-03T12:00:00Z"
    assert hub.states() == {account(1): OPEN}
    assert send(hub, given.sweep(row(2)), given).open_findings == frozenset()
    assert hub.states() == {account(1): GONE}


@pytest.mark.parametrize(
    ("then", "label"),
    [(exposed(1, KEY), "CRITICAL"), (exposed(1), "HIGH"), (exposed(1, KEY, **EXEMPT), "LOW")],
    ids=["access key", "password", "exempt"],
)
def test_it_stays_as_severe_as_what_was_last_seen(then: Row, label: str) -> None:
    hub, given = FakeSecurityHub(), Given()
    send(hub, given.sweep(then), given)
    [opened] = hub.findings.values()
    send_out_of_sight(hub, given)

    [finding] = hub.findings.values()
    assert finding["UpdatedAt"] > opened["UpdatedAt"]
    assert severity(hub) == label
    assert finding["Compliance"] == opened["Compliance"]
    assert ("Exempt until 2026-12-31: break glass" in finding["Description"]) == (label == "LOW")


def test_an_exemption_that_ended_since_makes_it_severe() -> None:
    hub, given = FakeSecurityHub(), Given()
    exemption = {"reason": "break glass", "until": "2026-06-03"}
    send(hub, given.sweep(exposed(1, exemption=exemption)), given)
    send_out_of_sight(hub, given)

    assert severity(hub) == "HIGH"


def test_what_a_hardening_saw_since_counts() -> None:
    hub, given = FakeSecurityHub(), Given()
    send(hub, given.sweep(exposed(1)), given)
    given.memory = seen_by_a_hardening(KEY, "observed", after=timedelta(hours=1))
    send_out_of_sight(hub, given)

    assert severity(hub) == "CRITICAL"


def test_it_is_closed_where_a_hardening_proved_it_gone_before_nobody_could_look() -> None:
    hub, given = FakeSecurityHub(), Given()
    send(hub, given.sweep(exposed(1, KEY)), given)
    given.memory = seen_by_a_hardening(NONE, "hardened", after=timedelta(hours=1))
    report = send(hub, given.sweep(unreachable(1)), given)

    [entry] = report.entries
    assert (entry.exposed_since, report.open_findings) == (None, frozenset())
    assert hub.states() == {account(1): PASSED}
    [finding] = hub.findings.values()
    assert finding["Description"] == (
        "The account had no root credentials any more when it was last looked at, 2026-06-01T13:00:00Z."
    )
    send_out_of_sight(hub, given)
    assert hub.states() == {account(1): PASSED}


@pytest.mark.parametrize(
    ("posture", "result", "after"),
    [
        (NONE, "partial", timedelta(hours=1)),
        (NONE, "hardened", timedelta(hours=-1)),
        (PASSWORD, "partial", timedelta(hours=1)),
    ],
    ids=["not proven", "older", "not clean"],
)
def test_it_is_not_closed_by_what_proves_nothing(posture: Posture, result: str, after: timedelta) -> None:
    hub, given = FakeSecurityHub(), Given()
    send(hub, given.sweep(exposed(1)), given)
    given.memory = seen_by_a_hardening(posture, result, after=after)
    send_out_of_sight(hub, given)

    assert hub.states() == {account(1): OPEN}


def test_a_clean_look_before_a_removal_that_failed_closes_nothing() -> None:
    hub, given = FakeSecurityHub(), Given(memory=seen_by_a_hardening(NONE, "clean", after=timedelta()))
    send(hub, given.sweep(row(1)), given)
    failed_at = iso(NOON + timedelta(days=1))
    send(hub, given.sweep(row(1, "partial", None, auditedAt=failed_at)), given)
    send_out_of_sight(hub, given)

    assert hub.states() == {account(1): OPEN}
    [finding] = hub.findings.values()
    assert f"when it was last looked at, {failed_at}" in finding["Description"]


def test_one_whose_beginning_nobody_knows_is_updated_as_well() -> None:
    hub, given = FakeSecurityHub(), Given(previous="{")
    send(hub, given.sweep(exposed(1)), given)
    send_out_of_sight(hub, given)

    [finding] = hub.findings.values()
    assert finding["UpdatedAt"] == "2026-06-04T12:00:00Z"
    assert hub.states() == {account(1): OPEN}


def test_where_nobody_knows_what_was_open_an_old_clean_look_closes_nothing() -> None:
    hub, given = FakeSecurityHub(), Given()
    document = send(hub, given.sweep(row(1)), given).to_detail()
    given.previous = json.dumps(document | {"openFindings": "?"})
    send_out_of_sight(hub, given)

    assert hub.states() == {}
