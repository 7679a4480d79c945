"""Whether every active member account forwards its root activity."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from lambdas.adapters.service_control_policies import Member
from rootctl.checks.member_forwarding import STACK_SET, Instance
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
    lacking = list(_lacking(regions, members, instances))
    yield from lacking
    if not lacking:
        yield ok(f"all {len(members)} active member accounts forward from {', '.join(regions)}")


def _lacking(
    regions: Sequence[str], members: Sequence[Member], instances: Sequence[Instance]
) -> Iterator[Result]:
    """Say once what is the same in several Regions."""
    alike: dict[tuple[str, tuple[Member, ...]], list[str]] = defaultdict(list)
    for region in regions:
        for why, accounts in _lacking_in(region, members, instances).items():
            alike[why, tuple(accounts)].append(region)
    for (why, lacking), where in alike.items():
        verb = "create" if why == "no instance" else "update"
        yield wrong(
            f"{', '.join(where)}: {why} in {len(lacking)} accounts, which do not forward: {_named(lacking)}",
            mend=_command(verb, where, lacking),
        )


def _lacking_in(
    region: str, members: Sequence[Member], instances: Sequence[Instance]
) -> dict[str, list[Member]]:
    here = {each.account: each for each in instances if each.region == region}
    bad: dict[str, list[Member]] = defaultdict(list)
    for member in members:
        found = here.get(member.account_id)
        if found is None:
            bad["no instance"].append(member)
        elif found.status != "CURRENT":
            bad[f"{found.status} ({found.why})" if found.why else found.status].append(member)
    return bad


def _command(verb: str, regions: Sequence[str], accounts: Sequence[Member]) -> str:
    targets = {
        "OrganizationalUnitIds": [accounts[0].path[0]],
        "Accounts": [account.account_id for account in accounts],
        "AccountFilterType": "INTERSECTION",
    }
    return (
        f"aws cloudformation {verb}-stack-instances --region us-east-1 --stack-set-name {STACK_SET}"
        f" --regions {' '.join(regions)} --deployment-targets '{json.dumps(targets)}'"
    )


def _named(accounts: Sequence[Member]) -> str:
    shown = [f"{each.name} ({each.account_id})" for each in accounts[:_SHOWN]]
    more = len(accounts) - _SHOWN
    return ", ".join([*shown, f"and {more} more"] if more > 0 else shown)
