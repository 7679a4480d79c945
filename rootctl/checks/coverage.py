"""Whether every active member account forwards its root activity."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

from lambdas.adapters.member_forwarding import STACK_SET
from lambdas.adapters.service_control_policies import Member
from lambdas.domain.report.member_stacks import Instance
from rootctl.checks.result import Result, ok, unknown, wrong
from rootctl.checks.surroundings import Surroundings

_SHOWN = 10


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
    lacking = [each for region in regions for each in _lacking(region, members, instances, surroundings)]
    yield from lacking
    if not lacking and not twice:
        yield ok(f"all {len(members)} active member accounts forward from {', '.join(regions)}")


def _lacking(
    region: str, members: Sequence[Member], instances: Sequence[Instance], surroundings: Surroundings
) -> Iterator[Result]:
    here = {each.account: each for each in instances if each.region == region}
    bad: dict[tuple[str, str], list[Member]] = defaultdict(list)
    for member in members:
        found = here.get(member.account_id)
        if found is None:
            bad["no instance", surroundings.forwarding.stack_set_of(member.path)].append(member)
        elif found.status != "CURRENT":
            why = f"{found.status} ({found.why})" if found.why else found.status
            bad[why, found.stack_set or STACK_SET].append(member)
    for (why, stack_set), accounts in bad.items():
        verb = "create" if why == "no instance" else "update"
        yield wrong(
            f"{region}: {why} in {len(accounts)} accounts, which do not forward: {_named(accounts)}",
            mend=_command(verb, region, accounts, stack_set),
        )


def _command(verb: str, region: str, accounts: Sequence[Member], stack_set: str) -> str:
    targets = {
        "OrganizationalUnitIds": [accounts[0].path[0]],
        "Accounts": [account.account_id for account in accounts],
        "AccountFilterType": "INTERSECTION",
    }
    return (
        f"aws cloudformation {verb}-stack-instances --region us-east-1 --stack-set-name {stack_set}"
        f" --regions {region} --deployment-targets '{json.dumps(targets)}'"
    )


def _named(accounts: Sequence[Member]) -> str:
    shown = [f"{each.name} ({each.account_id})" for each in accounts[:_SHOWN]]
    more = len(accounts) - _SHOWN
    return ", ".join([*shown, f"and {more} more"] if more > 0 else shown)
