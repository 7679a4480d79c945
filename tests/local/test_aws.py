import os
from pathlib import Path

import boto3
import pytest

from local.aws import LocalAws
from local.organization import Organization
from local.scenarios.scenario import Scenario
from tests.stage import START, Stage

pytestmark = pytest.mark.long


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
