"""An organization in moto, and rootctl run in it."""

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws
from typer.testing import CliRunner, Result

from rootctl.app import app

MANAGEMENT = "123456789012"  # moto's
DENY_ROOT = {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:root"}}


class MotoOrganization:
    """A root with service control policies on, a unit inside a unit, an account in it and one outside."""

    def __init__(self) -> None:
        self.client = boto3.client("organizations", region_name="us-east-1")
        self.client.create_organization(FeatureSet="ALL")
        self.root = self.client.list_roots()["Roots"][0]["Id"]
        self.workloads = self._unit(self.root, "workloads")
        self.production = self._unit(self.workloads, "production")
        self.payments = self._account("payments", self.production)
        self.sandbox = self._account("sandbox", self.root)

    def enable_policies(self) -> None:
        self.client.enable_policy_type(RootId=self.root, PolicyType="SERVICE_CONTROL_POLICY")

    def attach(self, name: str, *targets: str, **elements: Any) -> str:
        """Attach a policy of one statement, which denies everything unless told otherwise."""
        statement = {"Sid": "Denied", "Effect": "Deny", "Action": "*", "Resource": "*", **elements}
        policy_id = self.client.create_policy(
            Content=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
            Description="",
            Name=name,
            Type="SERVICE_CONTROL_POLICY",
        )["Policy"]["PolicySummary"]["Id"]
        for target in targets:
            self.client.attach_policy(PolicyId=policy_id, TargetId=target)
        return policy_id

    def _unit(self, parent: str, name: str) -> str:
        created = self.client.create_organizational_unit(ParentId=parent, Name=name)
        return created["OrganizationalUnit"]["Id"]

    def _account(self, name: str, parent: str) -> str:
        created = self.client.create_account(AccountName=name, Email=f"{name}@example.com")
        account = created["CreateAccountStatus"]["AccountId"]
        if parent != self.root:
            self.client.move_account(AccountId=account, SourceParentId=self.root, DestinationParentId=parent)
        return account


@pytest.fixture
def moto(monkeypatch: pytest.MonkeyPatch) -> Iterator[MotoOrganization]:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    with mock_aws():
        found = MotoOrganization()
        found.enable_policies()
        yield found


def run(*arguments: str) -> Result:
    """Run rootctl."""
    return CliRunner().invoke(app, arguments)


def preflight(*arguments: str) -> dict[str, Any]:
    """Run the preflight for a program; its exit code becomes part of the answer."""
    result = run("preflight", "--output", "json", *arguments)
    answer: dict[str, Any] = json.loads(result.stdout)
    return answer | {"exit_code": result.exit_code}
