"""What the management account forwards, Region by Region."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stacks.config import GLOBAL_SERVICES_REGION
from stacks.event_patterns import (
    ACCOUNT_JOINED,
    ACCOUNT_LEFT,
    CONTROL_TOWER_ACCOUNT,
    ORGANIZATION_DEPLOYED,
    TAMPERING,
    EventPattern,
    root_activity,
)

if TYPE_CHECKING:
    from stacks.config import Configuration


def management_patterns(region: str, configuration: Configuration) -> tuple[EventPattern, ...]:
    """Return what the management account forwards from a Region; its organization's events are in one."""
    activity = root_activity(read_only_calls=configuration.forward_read_only_calls)
    if region == GLOBAL_SERVICES_REGION:
        return (*ACCOUNT_JOINED, *ACCOUNT_LEFT, *TAMPERING, ORGANIZATION_DEPLOYED, *activity)
    return (
        *(activity if region in configuration.forwarding_regions else ()),
        *((CONTROL_TOWER_ACCOUNT,) if region == configuration.control_tower_home_region else ()),
    )
