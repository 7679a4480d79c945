import os
from dataclasses import replace
from pathlib import Path

import boto3
import pytest

from embedded_aws.organizations.organization import Account, RootCredentials
from local.aws import LocalAws
from local.organization import Organization
from local.scenarios.scenario import Scenario
from local.synthesis import configuration_of
from tests.assemblies import kept_assembly
from tests.stage import START, Stage

pytestmark = pytest.mark.long

EVERYTHING = RootCredentials(password=True, access_keys=2, signing_certificates=1, mfa_devices=1)
NEW = Account(id="777788889999", name="new", root=EVERYTHING)


def test_a_new_account_loses_its_root_credentials(aws: LocalAws) -> None:
    Scenario(aws).create_account(NEW)
    assert all(aws.posture(NEW.id).values())
    aws.run_until_idle()
    assert not any(aws.posture(NEW.id).values())
    assert [outcome["detail"]["result"] for outcome in aws.outcomes] == ["hardened"]
    assert {message.channel for message in aws.messages} == {"email", "chat", "slack"}
    assert aws.dead_letters == []
    assert aws.lost_events == []


def test_root_activity_in_a_member_account_reaches_people(aws: LocalAws) -> None:
    Scenario(aws).sign_in_as_root("444455556666")
    aws.run_until_idle()
    assert [outcome["detail-type"] for outcome in aws.outcomes] == ["Root Activity Alert"]
    assert any(message.channel == "email" for message in aws.messages)


def test_a_real_call_of_assume_root_is_noticed(aws: LocalAws) -> None:
    Scenario(aws).assume_root_as_administrator("444455556666")
    aws.run_until_idle()
    [outcome] = aws.outcomes
    assert outcome["detail"]["account"]["id"] == "444455556666"


def test_dead_letters_ring_an_alarm(aws: LocalAws) -> None:
    aws.extensions.faults.fail("Publish", "InternalError", http=500, times=None, service="sns")
    Scenario(aws).sign_in_as_root("444455556666")
    aws.run_until_idle()
    assert len(aws.dead_letters) == 1
    [alarm] = [message for message in aws.messages if "ALARM" in (message.subject or "")]
    assert alarm.to == "security@example.com"


def test_deploying_itself_is_not_reported_unless_asked_for(
    stage: Stage, organization: Organization, assembly: Path
) -> None:
    stage.clear()
    for watched in (False, True):
        with LocalAws(organization, assembly=assembly, start=START) as aws:
            aws.deploy(watched=watched)
            aws.run_until_idle()
            assert bool(aws.outcomes) is watched


def test_nothing_of_it_is_left_behind(
    stage: Stage, organization: Organization, assembly: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.clear()
    monkeypatch.setenv("AWS_PROFILE", "of-the-developer")
    before, session = dict(os.environ), boto3.DEFAULT_SESSION
    with LocalAws(organization, assembly=assembly, start=START) as aws:
        assert "AWS_PROFILE" not in os.environ
        aws.deploy()
    assert dict(os.environ) == before
    assert boto3.DEFAULT_SESSION is session


@pytest.mark.parametrize(("hub", "region"), [("111122223333", "us-east-1"), ("222233334444", "eu-west-1")])
def test_the_hub_may_be_elsewhere(stage: Stage, organization: Organization, hub: str, region: str) -> None:
    stage.clear()
    moved = replace(organization, hub=replace(organization.hub, account=hub, region=region))
    with LocalAws(moved, assembly=kept_assembly(configuration_of(moved)), start=START) as aws:
        aws.deploy()
        Scenario(aws).create_account(NEW)
        Scenario(aws).sign_in_as_root(NEW.id)
        aws.run_until_idle()
        assert [outcome["detail-type"] for outcome in aws.outcomes] == [
            "Account Hardening Result",
            "Root Activity Alert",
        ]
        assert aws.dead_letters == []
        assert aws.lost_events == []
