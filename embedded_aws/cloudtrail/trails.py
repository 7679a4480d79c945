"""What member accounts see of the organization's trails; moto shows every account only its own."""

from collections.abc import Iterator
from typing import Any

from moto.cloudtrail.models import Trail, cloudtrail_backends

from embedded_aws.calls import Call


def answer(call: Call, management: str) -> dict[str, Any] | None:
    """Answer a member account's call that concerns the organization's trails; None for other calls."""
    if call.account == management:
        return None
    shared = {trail.arn: trail for trail in _organization_trails(management, call.region)}
    name = call.parameters.get("Name") or call.parameters.get("TrailName")
    match call.operation:
        case "DescribeTrails" if call.parameters.get("includeShadowTrails", True):
            own = cloudtrail_backends[call.account][call.region].describe_trails(include_shadow_trails=True)
            return {
                "trailList": [trail.description(include_region=True) for trail in (*own, *shared.values())]
            }
        case "GetTrailStatus" if name in shared:
            return shared[name].status.description()
        case "GetEventSelectors" if name in shared:
            basic, advanced = shared[name].get_event_selectors()
            return {"TrailARN": name, "EventSelectors": basic, "AdvancedEventSelectors": advanced}
    return None


def is_recorded(account: str, region: str, management: str) -> bool:
    """Say whether a trail records an account's Region; without any trail, one is taken for granted."""
    own = (
        trail
        for backend in list(cloudtrail_backends[account].values())
        for trail in backend.trails.values()
        if trail.is_multi_region or trail.region_name == region
    )
    trails = {trail.arn: trail for trail in (*own, *_organization_trails(management, region))}
    return not trails or any(trail.status.is_logging for trail in trails.values())


def _organization_trails(management: str, region: str) -> Iterator[Trail]:
    for backend in list(cloudtrail_backends[management].values()):
        for trail in backend.trails.values():
            if trail.is_org_trail and (trail.is_multi_region or trail.region_name == region):
                yield trail
