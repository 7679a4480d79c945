"""CloudTrail's trails, without which no event arrives."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from lambdas.adapters.refusals import refusals


@dataclass(frozen=True)
class Trail:
    """One trail as CloudTrail tells of it in its home Region; the properties raise CallRefused."""

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


@dataclass(frozen=True)
class Trails:
    """Every Region's trails; a trail of many Regions is asked about once. client_in: by Region."""

    client_in: Callable[[str], Any]
    _known: dict[str, Trail] = field(default_factory=dict)

    def recording_in(self, region: str) -> list[Trail]:
        """Return the trails that record in a Region; raises CallRefused."""
        with refusals():
            found = self.client_in(region).describe_trails(includeShadowTrails=True)["trailList"]
        return [self._trail(each) for each in found]

    def _trail(self, described: Mapping[str, Any]) -> Trail:
        arn, home = described["TrailARN"], described["HomeRegion"]
        if arn not in self._known:
            self._known[arn] = Trail(
                client=self.client_in(home),
                arn=arn,
                home_region=home,
                is_of_organization=described.get("IsOrganizationTrail", False),
            )
        return self._known[arn]


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
