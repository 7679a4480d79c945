"""What holds wherever the hub is."""

import re
from itertools import product
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from embedded_aws.events.shape import stack_created
from local.aws import LocalAws
from local.organization import Organization
from local.scenarios import scenario_events as events
from local.scenarios.scenario import Scenario
from local.scenarios.sweeping import Sweeping
from rootctl.errors import Exit
from rootwarden.contract.regions import DEFAULT_REGIONS
from tests.docs.page import Page
from tests.rootctl.conftest import operate
from tests.rootctl.drilled import drilling, missing
from tests.wiring.topologies.conftest import Happen
from tests.wiring.topologies.organizations import MANAGEMENT, MEMBER, newcomer

NEW, LATER, DRILLED = "777788889999", "888899990000", "999911112222"
_ENABLING = (
    "EnableAWSServiceAccess",
    "EnableOrganizationsRootCredentialsManagement",
    "EnableOrganizationsRootSessions",
    "RegisterDelegatedAdministrator",
)
_NO_CERTIFICATE = "ROOTWARDENTESTEVENT00000"


class EveryTopology:
    """A module that deploys a `topology` inherits these tests."""

    def test_a_first_deployment_switches_everything_on_in_order(
        self, deployed: LocalAws, topology: Organization
    ) -> None:
        made = [call for call in deployed.extensions.calls if call.operation in _ENABLING]
        delegates = topology.hub.account != MANAGEMENT

        assert [call.operation for call in made] == list(_ENABLING if delegates else _ENABLING[:-1])
        assert {(call.account, call.error_code) for call in made} == {(MANAGEMENT, None)}
        assert all(vars(deployed.state.features).values())
        assert deployed.state.is_delegated_administrator(topology.hub.account) is delegates

    def test_a_root_sign_in_in_a_member_account_alerts(self, aws: LocalAws, alerts: Happen) -> None:
        Scenario(aws).sign_in_as_root(MEMBER)

        [alert] = alerts()

        assert alert["detail"]["activity"] == "sign_in_succeeded"
        assert alert["detail"]["account"]["name"] == "payments-prod"
        assert f"payments-prod ({MEMBER})" in (aws.messages[0].subject or "")

    def test_root_calls_alert_in_every_region_that_forwards(
        self, aws: LocalAws, alerts: Happen, topology: Organization
    ) -> None:
        regions = topology.configuration.get("forwarding_regions", DEFAULT_REGIONS)
        assert isinstance(regions, list | tuple)
        places = set(product((MEMBER, MANAGEMENT, topology.hub.account), regions))
        for number, (account, region) in enumerate(places):
            call = events.root_api_call(account=account, time=aws.clock.now(), region=region)
            # Calls from one address would be one burst.
            call["detail"]["sourceIPAddress"] = f"203.0.113.{number}"
            aws.deliver(call)

        told = [alert["detail"]["event"] for alert in alerts()]

        assert len(told) == len(places)
        assert {(event["accountId"], event["region"]) for event in told} == places

    def test_the_management_accounts_own_root_user_alerts(self, aws: LocalAws, alerts: Happen) -> None:
        Scenario(aws).sign_in_as_root(MANAGEMENT)

        [alert] = alerts()

        assert alert["detail"]["account"]["id"] == MANAGEMENT
        assert [message.channel for message in aws.messages] == ["email"]

    def test_an_account_that_is_created_is_hardened(self, aws: LocalAws, alerts: Happen) -> None:
        Scenario(aws).create_account(newcomer(NEW))

        [outcome] = alerts()

        assert outcome["detail"]["result"] == "hardened"
        assert not any(aws.posture(NEW).values())

    def test_an_account_that_joins_later_forwards_too(self, aws: LocalAws, alerts: Happen) -> None:
        scenario = Scenario(aws)
        scenario.create_account(newcomer(LATER))
        scenario.sign_in_as_root(LATER)

        kinds = {outcome["detail-type"] for outcome in alerts()}

        assert kinds == {"Account Hardening Result", "Root Activity Alert"}

    def test_no_alarm_rings_while_the_organizations_stack_is_not_there_yet(
        self, aws: LocalAws, alerts: Happen
    ) -> None:
        sweeping, features = Sweeping(aws), aws.state.features
        s3 = aws.client("s3", account=aws.organization.hub.account)
        for report in s3.list_objects_v2(Bucket=sweeping.bucket, Prefix="reports/").get("Contents", []):
            s3.delete_object(Bucket=sweeping.bucket, Key=report["Key"])
        aws.state.features = type(features)(
            trusted_access=False, root_credentials_management=False, root_sessions=False
        )
        try:
            result = sweeping.by_schedule()
        finally:
            aws.state.features = features

        # Neither failed nor completed: nothing for an alarm to count.
        assert (result.status, result.report) == ("SUCCEEDED", None)
        assert alerts() == []
        assert aws.messages == []

    def test_the_first_sweep_begins_when_the_organizations_stack_is_there(
        self, aws: LocalAws, alerts: Happen
    ) -> None:
        stack = "RootWardenOrganization"
        aws.deliver(stack_created(account=MANAGEMENT, region="us-east-1", time=aws.clock.now(), stack=stack))

        [outcome] = alerts()

        assert outcome["detail-type"] == "Sweep Completed"

    def test_a_call_that_is_made_again_is_a_test_event_that_changes_nothing(
        self, aws: LocalAws, alerts: Happen
    ) -> None:
        aws.client("iam", account=MANAGEMENT).enable_organizations_root_sessions()

        [alert] = alerts()

        assert (alert["detail"]["activity"], alert["detail"]["severity"]) == ("protection_changed", "low")
        assert said(aws) == documented()[:1]

    def test_a_root_session_that_deletes_what_is_not_there_is_a_test_event_of_a_member(
        self, aws: LocalAws, alerts: Happen
    ) -> None:
        delete = "arn:aws:iam::aws:policy/root-task/IAMDeleteRootUserCredentials"
        region = aws.organization.hub.region
        session = Scenario(aws).assume_root_as_administrator(MEMBER, task_policy_arn=delete, region=region)
        with pytest.raises(ClientError, match="NoSuchEntity"):
            _root_client(session["Credentials"]).delete_signing_certificate(CertificateId=_NO_CERTIFICATE)

        activities = {alert["detail"]["activity"] for alert in alerts()}

        assert activities == {"root_session_opened", "api_call"}
        assert said(aws) == documented()[1:]
        assert aws.posture(MEMBER)["signingCertificates"]

    def test_a_drill_sees_every_step(
        self, aws: LocalAws, alerts: Happen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        Scenario(aws).create_account(newcomer(DRILLED))
        alerts()
        operate(aws, monkeypatch)

        record, code = drilling(aws, tmp_path, monkeypatch)(DRILLED)

        assert (missing(record), code) == ([], Exit.DONE)
        assert not any(aws.posture(DRILLED).values())
        assert aws.dead_letters == []


def documented() -> list[str]:
    """Return what docs/deploying.md says of the test events, as `HIGH … root session opened`."""
    text = " ".join(Page("docs/deploying.md").section("Verify").split())
    return re.findall(r"\*([A-Z]+ … [^*]+)\*", text)


def said(aws: LocalAws) -> list[str]:
    """Return what the messages' subjects say, without the account."""
    subjects = [message.subject or "" for message in aws.messages if message.channel == "email"]
    return [re.sub(r"^\[rootwarden\] ([A-Z]+) .+?\): ", r"\1 … ", subject) for subject in subjects]


def _root_client(credentials: dict[str, Any]) -> Any:
    return boto3.client(
        "iam",
        region_name="us-east-1",
        aws_access_key_id=credentials["AccessKeyId"],
        aws_secret_access_key=credentials["SecretAccessKey"],
        aws_session_token=credentials["SessionToken"],
    )
