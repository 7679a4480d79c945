"""Whose queues rootctl doctor asks: those of accounts that forward."""

from types import SimpleNamespace
from typing import Any

import pytest

from rootctl.aws import AwsSession
from rootctl.checks import members
from rootctl.checks.configured import ConfiguredForwarding
from rootctl.checks.context import DoctorContext
from rootwarden.aws.organizations import Organization
from tests.rootctl.test_coverage import MANAGEMENT, OTHER, REGIONS, STACK_SET, UNIT, member
from tests.stage import START


def test_only_accounts_that_forward_are_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    pilot, outside = member(1, UNIT), member(2, OTHER)
    asked: list[str] = []

    def waiting(_client: Any, url: str) -> int:
        asked.append(url.split("/")[-2])
        return 0

    monkeypatch.setattr(members, "waiting", waiting)
    session = AwsSession.begin(None, "us-east-1")
    context = DoctorContext(session, session, lambda: START)
    everyone = [member(int(MANAGEMENT)), pilot, outside]
    vars(context).update(
        organization=Organization("o-aa111bb222", MANAGEMENT, "aws"),
        policies=SimpleNamespace(members=lambda: iter(everyone)),
        configured=ConfiguredForwarding(REGIONS, {STACK_SET: (UNIT,)}),
    )

    [result] = members.member_queues(context)

    assert sorted(asked) == [pilot.account_id, MANAGEMENT]
    assert result.text == "nothing waits in the queues of 2 accounts in us-east-1"
