"""An organization in moto, another in the embedded AWS with the hub deployed, and rootctl run in them."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws
from typer.testing import CliRunner, Result

from local.aws import LocalAws
from local.organization import Organization, organization_from
from rootctl import consent
from rootctl.app import app
from rootwarden.aws.service_control_policies import ServiceControlPolicies
from tests.accounts import ORGANIZATION
from tests.stage import Stage
from tests.wiring.locked import clear

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

    def enable_resource_policies(self) -> None:
        self.client.enable_policy_type(RootId=self.root, PolicyType="RESOURCE_CONTROL_POLICY")

    def attach(self, name: str, *targets: str, kind: Any = "SERVICE_CONTROL_POLICY", **elements: Any) -> str:
        """Attach a policy of one statement, which denies everything unless said otherwise."""
        statement = {"Sid": "Denied", "Effect": "Deny", "Action": "*", "Resource": "*", **elements}
        policy_id = self.client.create_policy(
            Content=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
            Description="",
            Name=name,
            Type=kind,
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
    # moto does not know IAM's principal. No policy binds the management account.
    monkeypatch.setattr(ServiceControlPolicies, "session_openers", lambda _self: (MANAGEMENT,))
    with mock_aws():
        found = MotoOrganization()
        found.enable_policies()
        yield found


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test waits before a call is sent again."""
    monkeypatch.setattr("rootctl.aws.sleep", lambda _seconds: None)


@pytest.fixture(scope="module")
def operated() -> Organization:
    """One account of every kind."""
    return organization_from(ORGANIZATION)


@pytest.fixture
def aws(
    stage: Stage,
    operated: Organization,
    assembly_of: Callable[[Organization], Path],
    monkeypatch: pytest.MonkeyPatch,
) -> LocalAws:
    """The organization as if nothing had happened in it, and an operator in the hub account."""
    aws = stage.clean(operated, assembly_of(operated))
    operate(aws, monkeypatch)
    return aws


def operate(aws: LocalAws, patch: pytest.MonkeyPatch) -> None:
    """Make this process an operator's in the hub account."""
    hub = aws.organization.hub
    credentials = aws.extensions.administrator(hub.account)
    for name, value in {**credentials.for_boto3(), "aws_default_region": hub.region}.items():
        patch.setenv(name.upper(), value)


@pytest.fixture
def emptied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, aws: LocalAws) -> Iterator[None]:
    """An account that has no buckets and queues afterwards, and a working directory for saved policies."""
    monkeypatch.chdir(tmp_path)
    aws.extensions.calls.clear()
    yield
    clear()


def run(*arguments: str, answers: str | None = None) -> Result:
    """Run rootctl; answers: what somebody types, where somebody is there to ask."""
    with pytest.MonkeyPatch.context() as patch:
        if answers is not None:
            patch.setattr(consent, "is_person_there", lambda: True)
        return CliRunner().invoke(app, arguments, input=answers)


def program(*arguments: str) -> tuple[dict[str, Any], int]:
    """Run rootctl as a program does: what it tells, and its exit code."""
    result = run(*arguments, "--output", "json")
    answer: dict[str, Any] = json.loads(result.stdout)
    return answer, result.exit_code


def preflight(*arguments: str) -> dict[str, Any]:
    """Run the preflight for a program; its exit code becomes part of the answer."""
    result = run("preflight", "--output", "json", *arguments)
    answer: dict[str, Any] = json.loads(result.stdout)
    return answer | {"exit_code": result.exit_code}
