"""What is configured of the members' forwarding, as the hub was deployed with it.

CloudFormation cannot be asked: it names the Regions in which a StackSet has instances, so that a Region whose
instances are gone would not be missed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from rootctl.hub import Hub
from rootctl.output import read_json
from rootwarden.events import Fields

_OUTPUT = "MemberForwarding"


@dataclass(frozen=True)
class ConfiguredForwarding:
    """The Regions that members forward from, and the organizational units of each StackSet."""

    regions: tuple[str, ...]
    units: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, hub: Hub) -> Self:
        """Read the hub's output; raises NoHub where the hub has none, and MalformedEvent."""
        found = Fields(read_json(hub.output(_OUTPUT), _OUTPUT), _OUTPUT)
        units = {each.text("name"): each.items("units") for each in found.objects("stackSets")}
        return cls(found.items("regions"), units)

    def stack_set_of(self, path: Sequence[str]) -> str | None:
        """Return the StackSet an account belongs to, by the units above it; None where it belongs to none."""
        return next((name for name in self.units if self.units_above(path, name)), None)

    def units_above(self, path: Sequence[str], stack_set: str) -> list[str]:
        """Return which of a StackSet's units an account is in, by the units above it."""
        return [unit for unit in self.units.get(stack_set, ()) if unit in path]
