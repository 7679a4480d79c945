"""CloudTrail's trails, without which no event arrives."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from rootctl.checks.context import EVENTS_REGION, DoctorContext, Result, ok, unknown, wrong
from rootwarden.aws.errors import refusals


@dataclass(frozen=True)
class Trail:
    """One trail as CloudTrail describes it in its home Region; the properties raise CallRefused."""

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
    # Anything besides leaves some events out, and which cannot be said.
    read_only = fields.get("readOnly", {}).get("Equals")
    return {"read", "write"} if read_only is None else {"read" if "true" in read_only else "write"}


_ALL = {"read", "write"}
_SELECTORS = '\'[{"ReadWriteType":"All","IncludeManagementEvents":true}]\''
_CREATE = (
    "aws cloudtrail create-trail --name organization --s3-bucket-name BUCKET --is-multi-region-trail"
    " --is-organization-trail && aws cloudtrail start-logging --name organization"
    "  # in the management account"
)


def trail(context: DoctorContext) -> Iterable[Result]:
    """Say for each Region whether an organization's trail records its management events."""
    found: dict[Result, list[str]] = defaultdict(list)
    trails = Trails(lambda region: context.management.client("cloudtrail", region=region))
    try:
        for region in _regions(context):
            found[_best(trails.recording_in(region), context.management_caller.account)].append(region)
    finally:
        for result, regions in found.items():
            yield replace(result, text=f"{result.text} (in {', '.join(regions)})")


def _regions(context: DoctorContext) -> Iterator[str]:
    """Name each Region once; what can be looked at without the hub comes first."""
    here = dict.fromkeys((EVENTS_REGION, context.session.region or EVENTS_REGION))
    yield from here
    if context.is_management:
        yield from (region for region in context.configured.regions if region not in here)


def _best(trails: Iterable[Trail], account: str) -> Result:
    """Judge the trail that does most."""
    by_use = sorted(trails, key=_use, reverse=True)
    return _judged(by_use[0], account) if by_use else _none(account)


def _use(each: Trail) -> tuple[bool, bool, int]:
    return each.is_logging, each.is_of_organization, len(each.management_events)


def _judged(best: Trail, account: str) -> Result:
    named = f"--region {best.home_region} --{{}}name {best.arn}"
    if not best.is_logging:
        command = f"aws cloudtrail start-logging {named.format('')}"
        return wrong(f"the trail {best.name} does not record: nothing arrives", remedy=command)
    if not best.management_events >= _ALL:
        missing = " and ".join(sorted(_ALL - best.management_events))
        command = (
            f"aws cloudtrail put-event-selectors {named.format('trail-')} --event-selectors {_SELECTORS}"
        )
        return wrong(
            f"the trail {best.name} leaves {missing} management events out: AssumeRoot may not arrive",
            remedy=f"{command}  # this replaces its selectors: add those it has for data events",
        )
    if not best.is_of_organization:
        command = f"aws cloudtrail update-trail {named.format('')} --is-organization-trail"
        return unknown(
            f"the trail {best.name} records {account} only; whether other accounts have trails of their own"
            " cannot be seen from here",
            remedy=f"{command}  # in the management account",
        )
    return ok(f"the organization's trail {best.name} records every management event")


def _none(account: str) -> Result:
    return wrong(f"no trail records {account}: nothing arrives", remedy=_CREATE)
