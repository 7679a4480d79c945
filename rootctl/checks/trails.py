"""CloudTrail's trails, without which no event arrives."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from lambdas.adapters.refusals import refusals


@dataclass(frozen=True)
class Trail:
    """One trail as its Region's CloudTrail tells of it; the properties raise CallRefused."""

    client: Any
    arn: str
    home_region: str
    is_of_organization: bool

    @property
    def name(self) -> str:
        """The trail's name."""
        return self.arn.rpartition("/")[2]

    @cached_property
    def is_logging(self) -> bool:
        """Whether it records just now."""
        with refusals():
            return bool(self.client.get_trail_status(Name=self.arn)["IsLogging"])

    @cached_property
    def management_events(self) -> frozenset[str]:
        """Which management events it records: "read", "write", both or none."""
        with refusals():
            return _recorded(self.client.get_event_selectors(TrailName=self.arn))


def trails_in(client: Any) -> list[Trail]:
    """Return the trails that record in the client's Region; raises CallRefused."""
    with refusals():
        found = client.describe_trails(includeShadowTrails=True)["trailList"]
    return [
        Trail(
            client=client,
            arn=each["TrailARN"],
            home_region=each["HomeRegion"],
            is_of_organization=each.get("IsOrganizationTrail", False),
        )
        for each in found
    ]


_BASIC = {"All": {"read", "write"}, "ReadOnly": {"read"}, "WriteOnly": {"write"}}


def _recorded(answer: Mapping[str, Any]) -> frozenset[str]:
    recorded: set[str] = set()
    for basic in answer.get("EventSelectors", ()):
        if basic.get("IncludeManagementEvents", True):
            recorded |= _BASIC[basic.get("ReadWriteType", "All")]
    for advanced in answer.get("AdvancedEventSelectors", ()):
        recorded |= _of_advanced({each["Field"]: each for each in advanced["FieldSelectors"]})
    return frozenset(recorded)


def _of_advanced(fields: dict[str, Any]) -> set[str]:
    if "Management" not in fields.get("eventCategory", {}).get("Equals", ()):
        return set()
    # Anything besides leaves some events out, and nobody can say which.
    read_only = fields.get("readOnly", {}).get("Equals")
    return {"read", "write"} if read_only is None else {"read" if "true" in read_only else "write"}
