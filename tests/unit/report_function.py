"""write_report in an account of moto's, with what answers beside S3 and DynamoDB made up."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError
from jsonschema import Draft202012Validator

from lambdas import write_report
from rootwarden.accounts import AccountId
from rootwarden.aws import clients
from rootwarden.aws.activity_records import CoverageTable
from rootwarden.aws.state_table import StateTable
from rootwarden.outcomes import utc_now
from tests.unit.given import HUB
from tests.unit.invocations import context
from tests.unit.report_given import NOTHING_WAITS, Row, lines, listed
from tests.unit.test_report_bad_input import SCHEMA
from tests.unit.test_report_findings import FakeSecurityHub


@dataclass
class Pages:
    """One page of an answer, or a refusal."""

    page: dict[str, Any] | None

    def paginate(self, **_: object) -> Iterator[dict[str, Any]]:
        if self.page is None:
            raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "List")
        yield self.page


@dataclass
class FakeOrganizations:
    """Organizations with trusted access for IAM, administered by the hub."""

    refuses: bool = False
    delegates: tuple[str, ...] = (HUB,)

    def get_paginator(self, name: str) -> Pages:
        if self.refuses:
            return Pages(None)
        pages: dict[str, dict[str, Any]] = {
            "list_tags_for_resource": {"Tags": [{"Key": "owner", "Value": "team-1"}]},
            "list_aws_service_access_for_organization": {
                "EnabledServicePrincipals": [{"ServicePrincipal": "iam.amazonaws.com"}]
            },
            "list_delegated_administrators": {
                "DelegatedAdministrators": [{"Id": each} for each in self.delegates]
            },
        }
        return Pages(pages[name])


class FakeAccounts:
    """Account Management, in which no account has opted in to any Region."""

    def get_paginator(self, _name: str) -> Pages:
        return Pages({"Regions": []})


class FakeIam:
    """IAM with both features on."""

    def list_organizations_features(self) -> dict[str, object]:
        return {"EnabledFeatures": ["RootCredentialsManagement", "RootSessions"]}

    def get_account_summary(self) -> dict[str, object]:
        return {"SummaryMap": {"AccountMFAEnabled": 1}}


@dataclass
class FakeBus:
    """EventBridge that keeps what it takes."""

    entries: list[dict[str, Any]] = field(default_factory=list)
    refuses: bool = False

    def put_events(self, *, Entries: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803 - AWS's name
        if self.refuses:
            return {"FailedEntryCount": 1, "Entries": [{"ErrorCode": "InternalFailure"}]}
        self.entries += Entries
        return {"FailedEntryCount": 0, "Entries": [{"EventId": "1"}]}

    def details(self) -> list[dict[str, Any]]:
        return [json.loads(entry["Detail"]) for entry in self.entries]


@dataclass
class Deployed:
    """The function in an account of moto's."""

    table: StateTable
    bucket: str
    bus: FakeBus
    organizations: FakeOrganizations
    hub: FakeSecurityHub
    sweeps: int = 0

    def sweep(self, *rows: Row) -> dict[str, Any]:
        """Leave a sweep's files and write its report."""
        self.sweeps += 1
        prefix = f"sweeps/sweep-{self.sweeps}"
        self.put(f"{prefix}/accounts.json", listed(*rows))
        for one in rows:
            self.put(f"{prefix}/results/{one['id']}.jsonl", lines(one))
            # The record of the account's own session arrived.
            CoverageTable(self.table, utc_now).worked(AccountId(str(one["id"])), "us-east-1", utc_now())
        self.put(f"{prefix}/undelivered/1.json", json.dumps(NOTHING_WAITS.to_detail()))
        return self.write()

    def write(self) -> dict[str, Any]:
        event = {"sweepId": f"sweep-{self.sweeps}", "startedAt": "2026-06-01T11:55:00Z", "mode": "observe"}
        return write_report.handler(event, context())

    def put(self, key: str, text: str) -> None:
        clients.s3().put_object(Bucket=self.bucket, Key=key, Body=text.encode())

    def read(self, key: str) -> str:
        return clients.s3().get_object(Bucket=self.bucket, Key=key)["Body"].read().decode()

    def latest(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.read("reports/latest.json"))
        assert list(Draft202012Validator(SCHEMA).iter_errors(found)) == []
        return found
