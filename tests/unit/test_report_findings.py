"""Findings in Security Hub come with root credentials, stay while nobody can look, and go with them."""

import json
from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from rootwarden.aws.security_hub import SecurityHub, security_hub_client
from rootwarden.report.findings import FindingsProduct, findings_of, still_open
from rootwarden.report.gathering import Source
from rootwarden.report.report import Report
from rootwarden.root_credentials import CredentialKind, Posture
from tests.unit.given import HUB
from tests.unit.report_given import (
    DENIED,
    KEY,
    NONE,
    Given,
    account,
    exposed,
    lines,
    listed,
    row,
    unreachable,
)

PLACE = FindingsProduct(partition="aws-us-gov", region="us-gov-west-1", hub=HUB)
EXEMPT: dict[str, Any] = {"exemption": {"reason": "break glass", "until": "2026-12-31"}}
WINDOW: dict[str, Any] = {
    "recoveryWindow": {"until": "2026-06-01T16:00:00Z", "reason": "lost", "openedBy": "ana"}
}
CERTIFICATE = Posture.of(frozenset({CredentialKind.SIGNING_CERTIFICATE}))


class FakeSecurityHub:
    """Keeps findings by id, as Security Hub does; refuses those it is told to."""

    class meta:  # noqa: N801 - botocore's name
        partition = "aws"
        region_name = "eu-west-1"

    def __init__(self) -> None:
        self.findings: dict[str, dict[str, Any]] = {}
        self.sizes: list[int] = []
        self.refused: set[str] = set()
        self.off = False

    def batch_import_findings(self, *, Findings: Any) -> dict[str, Any]:  # noqa: N803 - AWS's name
        if self.off:
            raise ClientError(
                {"Error": {"Code": "InvalidAccessException", "Message": "not subscribed"}},
                "BatchImportFindings",
            )
        self.sizes.append(len(Findings))
        taken = [one for one in Findings if one["Id"] not in self.refused]
        self.findings |= {one["Id"]: one for one in taken}
        failed = [{"Id": one, "ErrorCode": "InvalidInput", "ErrorMessage": "no"} for one in self.refused]
        return {"FailedFindings": failed}

    def states(self) -> dict[str, tuple[str, str]]:
        """Return each account's compliance and record state."""
        return {
            one["Resources"][0]["Id"][-12:]: (one["Compliance"]["Status"], one["RecordState"])
            for one in self.findings.values()
        }


OPEN, PASSED, GONE = ("FAILED", "ACTIVE"), ("PASSED", "ARCHIVED"), ("NOT_AVAILABLE", "ARCHIVED")


def send(hub: FakeSecurityHub, report: Report, given: Given) -> Report:
    """Import a report's findings, as write_report does, and let the next sweep know."""
    imported = SecurityHub(hub, HUB).send(findings_of(report))
    report = replace(
        report,
        missing=(*report.missing, *imported.missing),
        open_findings=still_open(report, imported.accounts),
    )
    given.previous = json.dumps(report.to_detail())
    return report


def test_a_finding_opens_stays_while_nobody_can_look_and_closes() -> None:
    hub, given = FakeSecurityHub(), Given()
    seen = []
    for one in (
        row(),
        exposed(),
        unreachable(),
        row(1, "partial", None),
        row(1, "hardened"),
        row(),
        exposed(),
    ):
        report = send(hub, given.sweep(one), given)
        seen.append((hub.states().get(account(1)), bool(report.open_findings)))

    assert seen == [
        (None, False),
        (OPEN, True),
        (OPEN, True),
        (OPEN, True),
        (PASSED, False),
        (PASSED, False),
        (OPEN, True),
    ]
    assert len(hub.findings) == 1


def test_a_clean_account_costs_nothing() -> None:
    hub, given = FakeSecurityHub(), Given()
    for _ in range(3):
        send(hub, given.sweep(row(1), row(2)), given)

    assert hub.sizes == []


def test_an_account_that_left_has_no_open_finding() -> None:
    hub, given = FakeSecurityHub(), Given()
    send(hub, given.sweep(exposed(1), row(2)), given)
    report = send(hub, given.sweep(row(2)), given)

    assert hub.states() == {account(1): GONE}
    assert report.open_findings == frozenset()


@pytest.mark.parametrize(
    "accounts", [DENIED, "[]", json.dumps([*json.loads(listed(row(2))), 7])], ids=["no list", "empty", "part"]
)
def test_an_account_of_which_nobody_knows_whether_it_left_keeps_its_finding(accounts: Source) -> None:
    hub, given = FakeSecurityHub(), Given()
    document = send(hub, given.sweep(exposed(1), row(2), exposed(3)), given).to_detail()
    document["accounts"] = document["accounts"][:2]  # type: ignore[index]  # it is a list
    given.previous = json.dumps(document)

    report = send(hub, given.read(accounts, {"2.jsonl": lines(row(2))}), given)

    assert hub.states() == {account(1): OPEN, account(3): OPEN}
    assert report.open_findings == {account(1), account(3)}


def test_where_nobody_knows_what_was_open_every_clean_account_is_closed() -> None:
    hub = FakeSecurityHub()
    given = Given(previous="{")
    send(hub, given.sweep(row(1), exposed(2), unreachable(3)), given)

    assert hub.states() == {account(1): PASSED, account(2): OPEN}


def test_a_report_that_cannot_be_read_forgets_no_open_finding() -> None:
    hub, given = FakeSecurityHub(), Given()
    send(hub, given.sweep(exposed(1), row(2)), given)
    given.previous = "{"
    send(hub, given.sweep(unreachable(1), row(2), row(3, "management", None)), given)
    report = send(hub, given.sweep(row(1), row(2), row(3, "management", None)), given)

    assert hub.states() == {account(1): PASSED, account(2): PASSED}
    assert report.open_findings == frozenset()


@pytest.mark.parametrize("is_off", [True, False], ids=["switched off", "one refused"])
def test_what_was_not_imported_where_nobody_knows_what_was_open_is_sent_by_the_next_sweep(
    *, is_off: bool
) -> None:
    hub, given = FakeSecurityHub(), Given()
    send(hub, given.sweep(exposed(1), row(2)), given)
    given.previous = "{"
    hub.off, hub.refused = is_off, set(hub.findings)
    report = send(hub, given.sweep(row(1), row(2)), given)
    assert report.open_findings == ({account(1), account(2)} if is_off else {account(1)})
    hub.off, hub.refused = False, set()
    report = send(hub, given.sweep(row(1), row(2)), given)

    assert hub.states() == {account(1): PASSED, account(2): PASSED}
    assert report.open_findings == frozenset()


def test_findings_go_a_hundred_at_a_time() -> None:
    hub, given = FakeSecurityHub(), Given()
    send(hub, given.sweep(*(exposed(number) for number in range(250))), given)

    assert hub.sizes == [100, 100, 50]


def test_a_finding_that_is_not_taken_is_said_and_tried_again() -> None:
    hub, given = FakeSecurityHub(), Given()
    send(hub, given.sweep(exposed(1)), given)
    hub.refused = set(hub.findings)
    refused = send(hub, given.sweep(row(1)), given)
    hub.refused = set()
    taken = send(hub, given.sweep(row(1)), given)

    assert refused.open_findings == {account(1)}
    assert refused.missing[0].startswith("Security Hub did not take the finding rootwarden/o-aa111bb222/")
    assert taken.open_findings == frozenset()
    assert hub.states() == {account(1): PASSED}


def test_security_hub_switched_off_is_said_in_the_report() -> None:
    hub, given = FakeSecurityHub(), Given()
    hub.off = True

    report = send(hub, given.sweep(exposed(1)), given)

    assert report.missing == (
        "1 findings were not imported into Security Hub: InvalidAccessException: not subscribed",
    )


@pytest.mark.parametrize(
    ("one", "severity"),
    [
        (exposed(1, KEY), "CRITICAL"),
        (exposed(1), "HIGH"),
        (exposed(1, KEY, **EXEMPT), "LOW"),
        (exposed(1, **WINDOW), "LOW"),
        (exposed(1, KEY, **WINDOW), "CRITICAL"),
        (exposed(1, CERTIFICATE, **WINDOW), "HIGH"),
    ],
    ids=["access key", "password", "exempt", "window", "key in a window", "certificate in a window"],
)
def test_severity_follows_the_credentials(one: dict[str, object], severity: str) -> None:
    finding = findings_of(Given().sweep(one))[0].to_asff(PLACE)

    assert finding["FindingProviderFields"] == {
        "Severity": {"Label": severity},
        "Types": ["Software and Configuration Checks/AWS Security Best Practices"],
    }


def test_botocore_takes_the_finding_as_it_is() -> None:
    client: Any = security_hub_client()
    report = Given().sweep(exposed(1, KEY, **EXEMPT), row(2, "partial", NONE))
    operation = client.meta.service_model.operation_model("BatchImportFindings")
    findings = [finding.to_asff(PLACE) for finding in findings_of(report)]

    client._serializer.serialize_to_request({"Findings": findings}, operation)  # noqa: SLF001 - botocore's

    assert findings[0]["ProductArn"] == (
        f"arn:aws-us-gov:securityhub:us-gov-west-1:{HUB}:product/{HUB}/default"
    )
    assert findings[0]["AwsAccountId"] == HUB


def _required(report: Report) -> list[str] | None:
    compliance: Any = findings_of(report)[0].to_asff(PLACE)["Compliance"]
    found: list[str] | None = compliance.get("RelatedRequirements")
    return found


def test_a_finding_names_the_requirements_that_are_not_met() -> None:
    given = Given()
    key = _required(send(FakeSecurityHub(), given.sweep(exposed(1, KEY)), given))
    passed = _required(given.sweep(row(1)))
    with_mfa = Posture.of(KEY.present | {CredentialKind.MFA_DEVICE})

    assert passed is not None
    assert key == passed
    assert _required(Given().sweep(exposed(1, with_mfa))) == [
        f"CIS AWS Foundations Benchmark v{version} {number}"
        for version, number in (("4.0", "1.4"), ("5.0", "1.3"), ("6.0", "2.3"), ("7.0", "2.4"))
    ]
    assert _required(Given().sweep(row(1, "partial", None))) is None
