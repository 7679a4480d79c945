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
from stacks.watch_patterns import WATCH, WATCH_OF_ORGANIZATION, protecting_policies

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stacks.config import Configuration


def management_patterns(
    region: str, configuration: Configuration, *, policies: Sequence[str] = ()
) -> tuple[EventPattern, ...]:
    """Return what the management account forwards from a Region; its organization's events are in one.

    `policies` are the ids of what protects root access, also where only CloudFormation knows them.
    """
    activity = (*root_activity(read_only_calls=configuration.forward_read_only_calls), *WATCH)
    if region == GLOBAL_SERVICES_REGION:
        return (
            *(*ACCOUNT_JOINED, *ACCOUNT_LEFT, *TAMPERING, ORGANIZATION_DEPLOYED),
            *activity,
            *WATCH_OF_ORGANIZATION,
            *protecting_policies(policies),
        )
    return (
        *(activity if region in configuration.forwarding_regions else ()),
        *((CONTROL_TOWER_ACCOUNT,) if region == configuration.control_tower_home_region else ()),
    )
