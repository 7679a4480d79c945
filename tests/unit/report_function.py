"""write_report in an account of moto's, with what answers beside S3 and DynamoDB made up."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from lambdas import write_report
from rootwarden.aws import clients, event_bus, report_writing
from rootwarden.aws.activity_records import CoverageTable
from rootwarden.aws.state_table import StateTable
from rootwarden.events import AccountId
from rootwarden.outcomes import utc_now
from tests.report_schema import strict_validator
from tests.unit.fakes import NOON
from tests.unit.given import HUB
from tests.unit.invocations import context
from tests.unit.report_given import NOTHING_WAITS, Row, lines, listed
from tests.unit.state_table import StateTables
from tests.unit.test_report_findings import FakeSecurityHub
from tests.unit.test_settings import ENVIRONMENT

STARTED = "2026-06-01T11:55:00Z"


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

    def sweep(self, *rows: Row, started_at: str = STARTED) -> dict[str, Any]:
        """Leave a sweep's files and write its report."""
        self.look(*rows)
        return self.write(started_at=started_at)

    def look(self, *rows: Row) -> None:
        """Leave a sweep's files."""
        self.sweeps += 1
        prefix = f"sweeps/sweep-{self.sweeps}"
        self.put(f"{prefix}/accounts.json", listed(*rows))
        for one in rows:
            self.put(f"{prefix}/results/{one['id']}.jsonl", lines(one))
            # The record of the account's own session arrived.
            CoverageTable(self.table).worked(AccountId(str(one["id"])), "us-east-1", utc_now())
        self.put(f"{prefix}/undelivered/1.json", json.dumps(NOTHING_WAITS.to_detail()))

    def write(self, number: int | None = None, *, started_at: str = STARTED) -> dict[str, Any]:
        """Write the report of a sweep, the last where none is named."""
        event = {"sweepId": f"sweep-{number or self.sweeps}", "startedAt": started_at, "mode": "observe"}
        return write_report.handler(event, context())

    def put(self, key: str, text: str) -> None:
        clients.s3().put_object(Bucket=self.bucket, Key=key, Body=text.encode())

    def read(self, key: str) -> str:
        return boto3.client("s3").get_object(Bucket=self.bucket, Key=key)["Body"].read().decode()

    def latest(self) -> dict[str, Any]:
        return self._valid("reports/latest.json")

    def report(self, number: int) -> dict[str, Any]:
        """Return the report of a sweep."""
        return self._valid(f"reports/sweep-{number}/report.json")

    def _valid(self, key: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.read(key))
        assert list(strict_validator().iter_errors(found)) == []
        return found


def _topic(name: str) -> str:
    """Return a topic that the configured address is subscribed to."""
    client = boto3.client("sns")
    arn = str(client.create_topic(Name=name)["TopicArn"])
    client.subscribe(TopicArn=arn, Protocol="email", Endpoint="security@example.com")
    return arn


def report_function(state_tables: StateTables, monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployed]:
    """Yield the function, configured; its environment goes afterwards."""
    table = state_tables.create()
    bucket = f"bucket-of-{table.name}"
    boto3.client("s3").create_bucket(Bucket=bucket)
    found = Deployed(table, bucket, FakeBus(), FakeOrganizations(), FakeSecurityHub())
    environment = ENVIRONMENT | {
        "BUCKET_NAME": bucket,
        "STATE_TABLE_NAME": table.name,
        "SECURITY_HUB": "false",
        "HUB_REGION": "us-east-1",
        "FORWARDING_REGIONS": '["us-east-1"]',
        "PROBED_REGIONS": "[]",
        "ALERT_TOPIC_ARN": _topic(f"alerts-of-{table.name}"),
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    # Two reports that are compared are written at one time, however long the writing takes.
    monkeypatch.setattr(report_writing, "utc_now", lambda: NOON)
    monkeypatch.setattr(event_bus, "_PAUSES", (0, 0, 0))
    monkeypatch.setattr(clients, "own_iam", FakeIam)
    monkeypatch.setattr(clients, "account", FakeAccounts)
    monkeypatch.setattr(clients, "organizations", lambda: found.organizations)
    monkeypatch.setattr(clients, "events", lambda: found.bus)
    monkeypatch.setattr(report_writing, "security_hub_client", lambda: found.hub)
    clients.s3.cache_clear()
    clients.sns.cache_clear()
    clients.dynamodb.cache_clear()
    write_report._function.cache_clear()  # noqa: SLF001 - it reads the environment once
    yield found
    write_report._function.cache_clear()  # noqa: SLF001 - the environment goes


def metrics(capsys: pytest.CaptureFixture[str]) -> dict[str, float]:
    """Return the metrics that were written since the last look."""
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines() if '"_aws"' in line]
    return {
        definition["Name"]: one[definition["Name"]][0]
        for one in found
        for definition in one["_aws"]["CloudWatchMetrics"][0]["Metrics"]
    }
