"""Whether CloudTrail records what the rules wait for, in every Region they wait in."""

from collections import defaultdict
from collections.abc import Iterable

from rootctl.checks.result import Result, ok, unknown, wrong
from rootctl.checks.surroundings import EVENTS_REGION, Surroundings
from rootctl.checks.trails import Trail, Trails

_ALL = {"read", "write"}
_SELECTORS = '\'[{"ReadWriteType":"All","IncludeManagementEvents":true}]\''
_CREATE = (
    "aws cloudtrail create-trail --name organization --s3-bucket-name BUCKET --is-multi-region-trail"
    " --is-organization-trail && aws cloudtrail start-logging --name organization"
    "  # in the management account"
)


def trail(surroundings: Surroundings) -> Iterable[Result]:
    """Say for each Region whether an organization's trail records its management events."""
    found: dict[Result, list[str]] = defaultdict(list)
    trails = Trails(lambda region: surroundings.management.client("cloudtrail", region=region))
    for region in _regions(surroundings):
        found[_best(trails.recording_in(region), surroundings.management_caller.account)].append(region)
    for result, regions in found.items():
        yield Result(status=result.status, text=f"{result.text} (in {', '.join(regions)})", mend=result.mend)


def _regions(surroundings: Surroundings) -> list[str]:
    regions = [EVENTS_REGION, surroundings.session.region or EVENTS_REGION]
    if surroundings.is_management:
        regions += surroundings.forwarding.regions() or ()
    return list(dict.fromkeys(regions))


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
        return wrong(f"the trail {best.name} does not record: nothing arrives", mend=command)
    if not best.management_events >= _ALL:
        missing = " and ".join(sorted(_ALL - best.management_events))
        command = (
            f"aws cloudtrail put-event-selectors {named.format('trail-')} --event-selectors {_SELECTORS}"
        )
        return wrong(
            f"the trail {best.name} leaves {missing} management events out: AssumeRoot may not arrive",
            mend=f"{command}  # this replaces its selectors: add those it has for data events",
        )
    if not best.is_of_organization:
        command = f"aws cloudtrail update-trail {named.format('')} --is-organization-trail"
        return unknown(
            f"the trail {best.name} records {account} only; whether other accounts have trails of their own"
            " cannot be seen from here",
            mend=f"{command}  # in the management account",
        )
    return ok(f"the organization's trail {best.name} records every management event")


def _none(account: str) -> Result:
    return wrong(f"no trail records {account}: nothing arrives", mend=_CREATE)
