"""A deployment changes a trail: harmless only where it leaves in what events come by."""

from typing import Any

import pytest

from rootwarden.activity.root_activity import Assessment
from rootwarden.activity.watch import Watch
from rootwarden.contract.activities import Severity
from tests.unit.given import HUB, MANAGEMENT
from tests.unit.sample_events import record, sample
from tests.unit.test_watch import BY_CLOUDFORMATION, ORGANIZATION_TRAIL, REFUSED

WATCH = Watch(management_account_id=MANAGEMENT, hub_account_id=HUB)
OF_MANAGEMENT, OF_A_MEMBER = "organization_trail_stopped", "trail_stopped_by_administrator"
DEPLOYED = Assessment(Severity.LOW, "a deployment changed what a trail records")
NO_ORGANIZATION = {"isOrganizationTrail": False}
IS_MANAGEMENT = {"field": "eventCategory", "equals": ["Management"]}
IS_DATA = {"field": "eventCategory", "equals": ["Data"]}


def by_fields(*selectors: list[dict[str, Any]]) -> dict[str, Any]:
    return {"advancedEventSelectors": [{"fieldSelectors": fields} for fields in selectors]}


def by_kind(**selector: object) -> dict[str, Any]:
    return {"eventSelectors": [selector]}


def but_of(source: str, operator: str = "notEquals") -> dict[str, Any]:
    return {"field": "eventSource", operator: [source]}


def deployed(name: str, event: str, asked: dict[str, Any] | None, **changed: object) -> Assessment:
    parameters = None if asked is None else {"name": "organization"} | asked
    by_deployment = {"eventName": event, "userIdentity": BY_CLOUDFORMATION, "requestParameters": parameters}
    found = WATCH.finding(record(sample(name, **by_deployment, **changed)))
    assert found is not None
    return found.assessment


@pytest.mark.parametrize(
    ("event", "asked"),
    [
        ("UpdateTrail", {}),
        ("UpdateTrail", {"isMultiRegionTrail": True, "isOrganizationTrail": True}),
        ("UpdateTrail", {"includeGlobalServiceEvents": "true"}),
        ("PutEventSelectors", by_kind(readWriteType="All", includeManagementEvents=True)),
        # Where nothing is said of management events, all are meant.
        ("PutEventSelectors", by_kind(dataResources=[])),
        ("PutEventSelectors", by_kind(excludeManagementEventSources=["kms.amazonaws.com"])),
        ("PutEventSelectors", by_fields([IS_MANAGEMENT])),
        ("PutEventSelectors", by_fields([IS_MANAGEMENT | {"notEquals": []}])),
        ("PutEventSelectors", by_fields([IS_DATA], [IS_MANAGEMENT, but_of("rdsdata.amazonaws.com")])),
    ],
)
def test_a_deployment_that_leaves_in_what_events_come_by_is_low(event: str, asked: dict[str, Any]) -> None:
    for name in (OF_MANAGEMENT, OF_A_MEMBER):
        assert deployed(name, event, asked) == DEPLOYED


@pytest.mark.parametrize(
    ("event", "asked"),
    [
        ("UpdateTrail", {"isMultiRegionTrail": False}),
        ("UpdateTrail", {"isMultiRegionTrail": "false"}),
        ("UpdateTrail", {"includeGlobalServiceEvents": False}),
        ("PutEventSelectors", by_kind(includeManagementEvents=False)),
        ("PutEventSelectors", by_kind(readWriteType="WriteOnly")),
        ("PutEventSelectors", by_kind(excludeManagementEventSources=["iam.amazonaws.com"])),
        ("PutEventSelectors", by_fields([IS_DATA])),
        ("PutEventSelectors", by_fields([IS_MANAGEMENT, {"field": "readOnly", "equals": ["false"]}])),
        ("PutEventSelectors", by_fields([IS_MANAGEMENT, but_of("sts.amazonaws.com")])),
        ("PutEventSelectors", by_fields([IS_MANAGEMENT, but_of("kms.amazonaws.com", "equals")])),
        ("PutEventSelectors", by_fields([IS_MANAGEMENT | {"notEquals": ["Management"]}])),
        (
            "PutEventSelectors",
            by_fields([IS_MANAGEMENT, but_of("kms.amazonaws.com") | {"notStartsWith": ["s"]}]),
        ),
        # What cannot be read leaves nothing in.
        ("UpdateTrail", None),
        ("PutEventSelectors", {}),
        ("PutEventSelectors", {"eventSelectors": ["All"]}),
        ("PutEventSelectors", by_fields([])),
        ("StopLogging", {}),
        ("DeleteTrail", {}),
    ],
)
def test_one_that_takes_events_away_is_as_grave_as_by_hand(event: str, asked: dict[str, Any] | None) -> None:
    of_management = deployed(OF_MANAGEMENT, event, asked)
    assert of_management.severity is Severity.CRITICAL
    assert "it may be the organization's" in of_management.circumstances[0]
    assert deployed(OF_A_MEMBER, event, asked).severity is Severity.HIGH


def test_only_a_trail_of_the_management_account_can_lose_the_organization() -> None:
    assert deployed(OF_MANAGEMENT, "UpdateTrail", NO_ORGANIZATION).severity is Severity.CRITICAL
    by_administrator = ORGANIZATION_TRAIL["requestParameters"] | NO_ORGANIZATION
    assert deployed(OF_A_MEMBER, "UpdateTrail", by_administrator).severity is Severity.CRITICAL
    assert deployed(OF_A_MEMBER, "UpdateTrail", NO_ORGANIZATION) == DEPLOYED


def test_a_deployment_that_aws_refused_is_a_try() -> None:
    assert deployed(OF_MANAGEMENT, "UpdateTrail", {}, **REFUSED).severity is Severity.HIGH
