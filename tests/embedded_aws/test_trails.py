from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from embedded_aws.environment import EmbeddedAws
from tests.embedded_aws.templates import HUB, MANAGEMENT

Deploy = Callable[..., EmbeddedAws]
SELECTORS = [{"ReadWriteType": "All", "IncludeManagementEvents": True, "DataResources": []}]
TRAIL = f"arn:aws:cloudtrail:us-east-1:{MANAGEMENT}:trail/organization"


@pytest.fixture
def trails(deployed: Deploy) -> Callable[..., Any]:
    aws = deployed()

    def client(account: str, region: str = "us-east-1") -> Any:
        return aws.client("cloudtrail", account=account, region=region)

    aws.client("s3", account=MANAGEMENT).create_bucket(Bucket="trails")
    management = client(MANAGEMENT)
    management.create_trail(Name="own", S3BucketName="trails")
    management.create_trail(
        Name="organization", S3BucketName="trails", IsOrganizationTrail=True, IsMultiRegionTrail=True
    )
    management.put_event_selectors(TrailName="organization", EventSelectors=SELECTORS)
    management.start_logging(Name="organization")
    return client


@pytest.mark.parametrize("region", ["us-east-1", "eu-west-1"])
def test_members_see_the_organization_s_trail(trails: Callable[..., Any], region: str) -> None:
    member = trails(HUB, region)
    [trail] = member.describe_trails()["trailList"]
    assert (trail["TrailARN"], trail["IsOrganizationTrail"], trail["HomeRegion"]) == (
        TRAIL,
        True,
        "us-east-1",
    )
    assert member.get_trail_status(Name=TRAIL)["IsLogging"]
    assert member.get_event_selectors(TrailName=TRAIL)["EventSelectors"] == SELECTORS


def test_the_management_account_sees_its_own(trails: Callable[..., Any]) -> None:
    names = [trail["Name"] for trail in trails(MANAGEMENT).describe_trails()["trailList"]]
    assert sorted(names) == ["organization", "own"]


def test_members_see_no_trail_that_is_not_the_organization_s(trails: Callable[..., Any]) -> None:
    assert trails(HUB).describe_trails(includeShadowTrails=False)["trailList"] == []
    with pytest.raises(ClientError, match="TrailNotFound"):
        trails(HUB).get_trail_status(Name=TRAIL.replace("organization", "own"))
