"""Which alarm paths are proven, as the last sweep's report says: an account and Region each."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

from rootctl.checks.surroundings import Result, Surroundings, ok, unknown, wrong
from rootctl.terminal import read_json
from rootwarden.aws.member_forwarding import STACK_SET, MemberForwarding
from rootwarden.aws.reports_bucket import ReportArchive
from rootwarden.aws.service_control_policies import Member
from rootwarden.coverage.paths import AlarmPath, PathStatus
from rootwarden.event_fields import Fields, MalformedEvent
from rootwarden.report.deployment_checks import Instance

_SHOWN = 10
_RUNBOOK = "Follow docs/runbook.md, PathsLost; rootctl report --output json says more of each."
_WAIT = "Wait for the next sweep, or start one an hour after the last: a report judges the probe before it."


def alarm_paths(surroundings: Surroundings) -> Iterable[Result]:
    """Say how every path stands, Region by Region, and name the accounts that are silent."""
    hub = surroundings.hub
    archive = ReportArchive(surroundings.session.client("s3"), hub.output("EvidenceBucketName"))
    text = archive.latest()
    if text is None:
        yield unknown("no sweep has proven anything yet", mend=_WAIT)
        return
    try:
        found = list(_paths(Fields(read_json(text, "the latest report"))))
    except MalformedEvent as malformed:
        yield unknown(f"the latest report cannot be read: {malformed}", mend="Deploy again (make deploy).")
        return
    by_region: dict[str, list[tuple[str, AlarmPath]]] = defaultdict(list)
    for account, path in found:
        by_region[path.region].append((account, path))
    for region, paths in by_region.items():
        yield from _judged(region, paths)


def _paths(report: Fields) -> Iterator[tuple[str, AlarmPath]]:
    for account in report.objects("accounts"):
        for path in account.objects("coverage"):
            yield (
                f"{account.optional_text('name') or 'no name'} ({account.text('id')})",
                (AlarmPath.from_detail(path)),
            )


def _judged(region: str, paths: list[tuple[str, AlarmPath]]) -> Iterator[Result]:
    by_status: dict[PathStatus, list[tuple[str, AlarmPath]]] = defaultdict(list)
    for account, path in paths:
        by_status[path.status].append((account, path))
    silent, waiting = by_status[PathStatus.SILENT], by_status[PathStatus.WAITING]
    if silent:
        named = [f"{account}{_since(path)}" for account, path in silent]
        text = f"{region}: no alarm arrives from {len(silent)} accounts: {_shown(named)}"
        yield wrong(text, mend=_RUNBOOK)
    if waiting:
        text = f"{region}: {len(waiting)} accounts wait for their first probe to be judged"
        yield unknown(text, mend=_WAIT)
    proven, rest = by_status[PathStatus.PROVEN], by_status[PathStatus.NOT_POSSIBLE]
    oldest = min((path.proven_at for _, path in proven if path.proven_at), default=None)
    since = f", each since {oldest:%Y-%m-%d %H:%M}" if oldest else ""
    said = [f"{len(proven)} accounts proven{since}"]
    if rest:
        said.append(f"{len(rest)} cannot be proven: {_shown(sorted(_reasons(rest)))}")
    if proven or rest:
        yield ok(f"{region}: {'; '.join(said)}")


def _since(path: AlarmPath) -> str:
    since = f" since {path.silent_since:%Y-%m-%d %H:%M}" if path.silent_since else ""
    return f"{since}, proven before" if path.proven_at else f"{since}, never proven"


def _reasons(paths: Iterable[tuple[str, AlarmPath]]) -> Iterator[str]:
    by_why: dict[str, list[str]] = defaultdict(list)
    for account, path in paths:
        by_why[path.why or "no reason is known"].append(account)
    for why, accounts in by_why.items():
        yield f"{why}: {_shown(accounts)}"


def _shown(texts: list[str]) -> str:
    more = len(texts) - _SHOWN
    return "; ".join([*texts[:_SHOWN], *([f"and {more} more"] if more > 0 else [])])


def coverage(surroundings: Surroundings) -> Iterable[Result]:
    """Name the accounts without a current instance of the StackSet, Region by Region."""
    if not surroundings.is_management:
        yield unknown(
            "only the management account sees the StackSet that makes members forward",
            mend="rootctl doctor --management-profile NAME",
        )
        return
    regions = surroundings.forwarding.regions()
    if regions is None:
        yield wrong(f"there is no StackSet {STACK_SET}: no member account forwards", mend="make deploy")
        return
    management = surroundings.organization.management_account_id
    members = [each for each in surroundings.policies.members() if each.account_id != management]
    instances = list(surroundings.forwarding.instances())
    every = Counter((each.account, each.region) for each in instances)
    twice = {account for (account, _), count in every.items() if count > 1}
    if twice:
        yield wrong(
            f"in two StackSets, so that everything is forwarded twice: {', '.join(sorted(twice))}",
            mend="Take units that contain others out of member_organizational_units, then make deploy.",
        )
    lacking = list(_lacking(regions, members, instances, surroundings.forwarding))
    yield from lacking
    if not lacking and not twice:
        yield ok(f"all {len(members)} active member accounts forward from {', '.join(regions)}")


def _lacking(
    regions: Sequence[str],
    members: Sequence[Member],
    instances: Sequence[Instance],
    forwarding: MemberForwarding,
) -> Iterator[Result]:
    """Say once what is the same in several Regions."""
    alike: dict[tuple[str, str, tuple[Member, ...]], list[str]] = defaultdict(list)
    for region in regions:
        for (why, stack_set), accounts in _lacking_in(region, members, instances, forwarding).items():
            alike[why, stack_set, tuple(accounts)].append(region)
    for (why, stack_set, lacking), where in alike.items():
        verb = "create" if why == "no instance" else "update"
        yield wrong(
            f"{', '.join(where)}: {why} in {len(lacking)} accounts, which do not forward: {_named(lacking)}",
            mend=_command(verb, where, lacking, stack_set),
        )


def _lacking_in(
    region: str, members: Sequence[Member], instances: Sequence[Instance], forwarding: MemberForwarding
) -> dict[tuple[str, str], list[Member]]:
    """List the accounts by what is wrong and by the StackSet that it is wrong in."""
    here = {each.account: each for each in instances if each.region == region}
    bad: dict[tuple[str, str], list[Member]] = defaultdict(list)
    for member in members:
        found = here.get(member.account_id)
        if found is None:
            bad["no instance", forwarding.stack_set_of(member.path)].append(member)
        elif found.status != "CURRENT":
            why = f"{found.status} ({found.why})" if found.why else found.status
            bad[why, found.stack_set or STACK_SET].append(member)
    return bad


def _command(verb: str, regions: Sequence[str], accounts: Sequence[Member], stack_set: str) -> str:
    targets = {
        "OrganizationalUnitIds": [accounts[0].path[0]],
        "Accounts": [account.account_id for account in accounts],
        "AccountFilterType": "INTERSECTION",
    }
    return (
        f"aws cloudformation {verb}-stack-instances --region us-east-1 --stack-set-name {stack_set}"
        f" --regions {' '.join(regions)} --deployment-targets '{json.dumps(targets)}'"
    )


def _named(accounts: Sequence[Member]) -> str:
    shown = [f"{each.name} ({each.account_id})" for each in accounts[:_SHOWN]]
    more = len(accounts) - _SHOWN
    return ", ".join([*shown, f"and {more} more"] if more > 0 else shown)
