"""What becomes of a finding in Security Hub whose account nobody can look into any more."""

from tests.unit.report_given import KEY, Given, account, exposed, row, unreachable
from tests.unit.test_report_findings import GONE, OPEN, FakeSecurityHub, send


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
    assert finding["FindingProviderFields"]["Severity"] == {"Label": "HIGH"}
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
