"""What rootctl doctor says of a trail: what it leaves out, and in whose account that is remedied."""

from types import SimpleNamespace
from typing import Any

import pytest

from rootctl.checks.configured import ConfiguredForwarding
from rootctl.checks.context import CallerIdentity, DoctorContext, Result, Status
from rootctl.checks.trails import trail
from rootwarden.aws.organizations import Organization
from rootwarden.events import AccountId
from tests.stage import START

MANAGEMENT, HUB = AccountId("111122223333"), AccountId("222233334444")
EVERYTHING = {"EventSelectors": [{"ReadWriteType": "All", "IncludeManagementEvents": True}]}


class FakeCloudTrail:
    """One trail, the same in every Region."""

    def __init__(
        self, owner: str, selectors: dict[str, Any], *, logging: bool, of_organization: bool
    ) -> None:
        arn = f"arn:aws:cloudtrail:us-east-1:{owner}:trail/everything"
        self.trail = {"TrailARN": arn, "HomeRegion": "us-east-1", "IsOrganizationTrail": of_organization}
        self.selectors, self.logging = selectors, logging

    def describe_trails(self, **_: object) -> dict[str, Any]:
        return {"trailList": [self.trail]}

    def get_trail_status(self, **_: object) -> dict[str, Any]:
        return {"IsLogging": self.logging}

    def get_event_selectors(self, **_: object) -> dict[str, Any]:
        return self.selectors


def judged(
    selectors: dict[str, Any] | None = None,
    *,
    owner: str = MANAGEMENT,
    asked_by: AccountId = HUB,
    logging: bool = True,
    of_organization: bool = True,
) -> Result:
    fake = FakeCloudTrail(
        owner,
        EVERYTHING if selectors is None else selectors,
        logging=logging,
        of_organization=of_organization,
    )
    session: Any = SimpleNamespace(region="us-east-1", client=lambda *_args, **_named: fake)
    context = DoctorContext(session, session, lambda: START)
    vars(context).update(
        caller=CallerIdentity(f"arn:aws:iam::{asked_by}:role/Admin", asked_by),
        organization=Organization("o-aa111bb222", MANAGEMENT, "aws"),
        configured=ConfiguredForwarding(("us-east-1",), {}),
    )
    [result] = trail(context)
    return result


def advanced(*selectors: list[dict[str, Any]]) -> dict[str, Any]:
    category = {"Field": "eventCategory", "Equals": ["Management"]}
    return {"AdvancedEventSelectors": [{"FieldSelectors": [category, *fields]} for fields in selectors]}


KMS = "kms.amazonaws.com"
NO_KMS = {"Field": "eventSource", "NotEquals": [KMS]}
OF_STS = {"Field": "eventSource", "Equals": ["sts.amazonaws.com"]}
CONSOLE = {"Field": "sessionCredentialFromConsole", "Equals": ["true"]}
WITHOUT_KMS = {**EVERYTHING["EventSelectors"][0], "ExcludeManagementEventSources": [KMS]}


@pytest.mark.parametrize(
    ("selectors", "left_out"),
    [
        ({"EventSelectors": [WITHOUT_KMS]}, KMS),
        (advanced([{"Field": "eventSource", "NotEquals": [KMS, "rdsdata.amazonaws.com"]}]), KMS),
        (advanced([{"Field": "eventSource", "NotEquals": [KMS, "rdsdata.amazonaws.com"]}]), "rdsdata"),
        (advanced([{"Field": "userIdentity.arn", "NotStartsWith": ["arn:"]}]), "some by userIdentity.arn"),
        (
            {"EventSelectors": [WITHOUT_KMS, {"ReadWriteType": "ReadOnly"}]},
            KMS,
        ),
        # What one selector narrows, another that is narrowed otherwise need not record.
        (advanced([CONSOLE], [OF_STS]), "some by eventSource, some by sessionCredentialFromConsole"),
        (advanced([CONSOLE], [NO_KMS]), f"out management events: {KMS}."),
        (advanced([NO_KMS, CONSOLE], [NO_KMS]), f"out management events: {KMS}."),
    ],
)
def test_what_a_trail_leaves_out_is_named(selectors: dict[str, Any], left_out: str) -> None:
    result = judged(selectors)

    assert result.status is Status.WRONG
    assert "leaves out management events" in result.text
    assert left_out in result.text
    assert "put-event-selectors" in (result.remedy or "")


@pytest.mark.parametrize(
    "selectors",
    [
        EVERYTHING,
        advanced([]),
        advanced([CONSOLE], []),
        # What one leaves out, the other records
        {"EventSelectors": [WITHOUT_KMS, *EVERYTHING["EventSelectors"]]},
    ],
)
def test_a_trail_that_leaves_nothing_out_is_well(selectors: dict[str, Any]) -> None:
    assert judged(selectors).status is Status.OK


def test_half_of_the_events_are_still_missed() -> None:
    result = judged(advanced([{"Field": "readOnly", "Equals": ["false"]}]))

    assert "leaves read management events out" in result.text


@pytest.mark.parametrize("change", [{"logging": False}, {"selectors": {"EventSelectors": [WITHOUT_KMS]}}])
def test_of_another_accounts_trail_the_account_is_named(change: dict[str, Any]) -> None:
    assert f"of account {MANAGEMENT}" in judged(**change).text
    assert "of account" not in judged(**change, asked_by=MANAGEMENT).text


def test_only_the_management_account_s_trail_can_become_the_organization_s() -> None:
    of_hub = judged(owner=HUB, of_organization=False)
    of_management = judged(asked_by=MANAGEMENT, of_organization=False)

    assert of_hub.status is of_management.status is Status.UNKNOWN
    assert "create-trail" in (of_hub.remedy or "")
    assert "update-trail" in (of_management.remedy or "")
