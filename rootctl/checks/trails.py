"""CloudTrail's trails, without which no event arrives."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from rootctl.checks.context import EVENTS_REGION, DoctorContext, Result, ok, unknown, wrong
from rootwarden.aws.clients import refusals


@dataclass(frozen=True)
class Recorded:
    """Management events. kinds: "read", "write", both or none; left_out: what of them is not recorded.

    is_narrowed: left out is more than sources, and how much cannot be said.
    """

    kinds: frozenset[str]
    left_out: frozenset[str] = frozenset()
    is_narrowed: bool = False


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

    @property
    def account(self) -> str:
        """The account it belongs to, which alone may change it."""
        return self.arn.split(":")[4]

    @cached_property
    def recorded(self) -> Recorded:
        """Which management events it records."""
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


_ALL = {"read", "write"}
_BASIC = {"All": _ALL, "ReadOnly": {"read"}, "WriteOnly": {"write"}}


def _recorded(answer: Mapping[str, Any]) -> Recorded:
    selected = [_of_basic(each) for each in answer.get("EventSelectors", ())]
    selected += [_of_advanced(each["FieldSelectors"]) for each in answer.get("AdvancedEventSelectors", ())]
    by_kind = ([each for each in selected if kind in each.kinds] for kind in _ALL)
    left_out = frozenset[str]().union(*map(_left_out, by_kind))
    return Recorded(frozenset[str]().union(*(each.kinds for each in selected)), left_out)


def _left_out(selected: Sequence[Recorded]) -> frozenset[str]:
    """Return what all leave out. A narrowed selector need not record what another leaves out."""
    sources = [each.left_out for each in selected if not each.is_narrowed]
    if sources:
        return frozenset.intersection(*sources)
    return frozenset[str]().union(*(each.left_out for each in selected))


def _of_basic(selector: Mapping[str, Any]) -> Recorded:
    if not selector.get("IncludeManagementEvents", True):
        return Recorded(frozenset())
    kinds = _BASIC[selector.get("ReadWriteType", "All")]
    return Recorded(frozenset(kinds), frozenset(selector.get("ExcludeManagementEventSources", ())))


def _of_advanced(selectors: Iterable[Mapping[str, Any]]) -> Recorded:
    kinds, left_out, is_of_management, is_narrowed = set(_ALL), set[str](), False, False
    for each in selectors:
        match each:
            case {"Field": "eventCategory"}:
                is_of_management = "Management" in each.get("Equals", ())
            case {"Field": "readOnly", "Equals": values}:
                kinds = {"read" if "true" in values else "write"}
            case {"Field": "eventSource", "NotEquals": sources}:
                left_out |= set(sources)
            case _:
                left_out.add(f"some by {each['Field']}")
                is_narrowed = True
    if not is_of_management:
        return Recorded(frozenset())
    return Recorded(frozenset(kinds), frozenset(left_out), is_narrowed)


_SELECTORS = '\'[{"ReadWriteType":"All","IncludeManagementEvents":true}]\''
_MADE_THERE = "The organization's is made with credentials of the management account"
_CREATE = (
    "aws cloudtrail create-trail --name organization --s3-bucket-name BUCKET --is-multi-region-trail"
    " --is-organization-trail && aws cloudtrail start-logging --name organization"
)


def trail(context: DoctorContext) -> Iterable[Result]:
    """Say for each Region whether an organization's trail records its management events."""
    found: dict[Result, list[str]] = defaultdict(list)
    trails = Trails(lambda region: context.management.client("cloudtrail", region=region))
    try:
        for region in _regions(context):
            found[_best(trails.recording_in(region), context)].append(region)
    finally:
        for result, regions in found.items():
            yield replace(result, text=f"{result.text} (in {', '.join(regions)})")


def _regions(context: DoctorContext) -> Iterator[str]:
    """Name each Region once; what can be looked at without the hub comes first."""
    here = dict.fromkeys((EVENTS_REGION, context.session.region or EVENTS_REGION))
    yield from here
    if context.is_management:
        yield from (region for region in context.configured.regions if region not in here)


def _best(trails: Iterable[Trail], context: DoctorContext) -> Result:
    """Judge the trail that does most."""
    by_use = sorted(trails, key=_use, reverse=True)
    return _judged(by_use[0], context) if by_use else _none(context.management_caller.account)


def _use(each: Trail) -> tuple[bool, bool, int, int]:
    recorded = each.recorded
    return each.is_logging, each.is_of_organization, len(recorded.kinds), -len(recorded.left_out)


def _judged(best: Trail, context: DoctorContext) -> Result:
    account = context.management_caller.account
    name = best.name if best.account == account else f"{best.name} of account {best.account}"
    if not best.is_logging:
        command = _command("start-logging", best, "--name")
        return wrong(f"the trail {name} does not record: nothing arrives", remedy=command)
    if missing := _missing(best.recorded):
        command = _command("put-event-selectors", best, "--trail-name")
        return wrong(
            f"the trail {name}, whose selectors the command replaces (add those it has for data events),"
            f" leaves {missing}",
            remedy=f"{command} --event-selectors {_SELECTORS}",
        )
    if best.is_of_organization:
        return ok(f"the organization's trail {best.name} records every management event")
    unseen = (
        f"the trail {best.name} records {account} only; whether other accounts have trails of their own"
        " cannot be seen from here"
    )
    if context.is_management:
        update = f"{_command('update-trail', best, '--name')} --is-organization-trail"
        return unknown(unseen, remedy=update)
    # No other account's trail can become the organization's.
    return unknown(f"{unseen}. {_MADE_THERE}", remedy=_CREATE)


def _missing(recorded: Recorded) -> str:
    if kinds := sorted(_ALL - recorded.kinds):
        return f"{' and '.join(kinds)} management events out: AssumeRoot may not arrive"
    if recorded.left_out:
        return (
            f"out management events: {', '.join(sorted(recorded.left_out))}. Root's calls there do not arrive"
        )
    return ""


def _command(call: str, trail: Trail, option: str) -> str:
    return f"aws cloudtrail {call} --region {trail.home_region} {option} {trail.arn}"


def _none(account: str) -> Result:
    return wrong(f"no trail records {account}: nothing arrives. {_MADE_THERE}", remedy=_CREATE)
