"""Whether members forward what root does: the StackSet, their Regions, and what they could not send."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from rootctl.at_once import at_once
from rootctl.checks.context import EVENTS_REGION, DoctorContext, Result, hidden, ok, unknown, wrong
from rootctl.output import counted, some
from rootctl.queues import waiting
from rootwarden.accounts import AccountId
from rootwarden.aws.member_forwarding import MemberForwarding
from rootwarden.aws.organizations import AccountRegions
from rootwarden.aws.service_control_policies import Member
from rootwarden.hardening.removal import CallRefused
from rootwarden.report.deployment_checks import Instance

# AWS answers about five of these questions a second; no person waits for more than a minute.
MOST_ACCOUNTS = 200
QUEUE = "rootwarden-undelivered"
_TRUST = "aws organizations enable-aws-service-access --service-principal account.amazonaws.com"
_THREADS = 16
_NO_QUEUE = frozenset({"AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist"})


def coverage(context: DoctorContext) -> Iterable[Result]:
    """Name the accounts without a current instance of the StackSet, Region by Region."""
    if not context.is_management:
        yield hidden("the StackSet that makes members forward")
        return
    regions = context.forwarding.regions()
    if regions is None:
        yield wrong(
            f"there is no StackSet {context.forwarding.names[0]}: no member account forwards",
            remedy="make deploy",
        )
        return
    management = context.organization.management_account_id
    members = [each for each in context.policies.members() if each.account_id != management]
    instances = list(context.forwarding.instances())
    every = Counter((each.account, each.region) for each in instances)
    twice = {account for (account, _), count in every.items() if count > 1}
    if twice:
        yield wrong(
            f"in two StackSets, so that everything is forwarded twice: {', '.join(sorted(twice))}",
            remedy="Take units that contain others out of member_organizational_units, then make deploy.",
        )
    lacking = list(_lacking(regions, members, instances, context.forwarding))
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
        named = some(f"{each.name} ({each.account_id})" for each in lacking)
        yield wrong(
            f"{', '.join(where)}: {why} in {len(lacking)} accounts, which do not forward: {named}",
            remedy=_command(verb, where, lacking, stack_set),
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
            bad[why, found.stack_set or forwarding.names[0]].append(member)
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


def opted_in_regions(context: DoctorContext) -> Iterable[Result]:
    """Name the accounts with Regions in which root's calls are not seen, the management account included."""
    if not context.is_management:
        yield hidden("which Regions forward, and which Regions accounts have")
        return
    forwarded = context.forwarding.regions()
    if forwarded is None:
        yield unknown("there is no StackSet that says which Regions forward", remedy="make deploy")
        return
    management = context.organization.management_account_id
    members = sorted({each.account_id for each in context.policies.members()} - {management})
    regions = AccountRegions(context.management.client("account", region=EVENTS_REGION), management)
    yield from _compared_regions(regions, (management, *members), frozenset(forwarded))


def _compared_regions(
    regions: AccountRegions, accounts: Sequence[AccountId], forwarded: frozenset[str]
) -> Iterator[Result]:
    unseen: list[str] = []
    asked = 0
    refused: CallRefused | None = None
    for account in islice(accounts, MOST_ACCOUNTS):
        try:
            found = sorted(regions.opted_in(account) - forwarded)
        except CallRefused as error:
            refused = error
            break
        asked += 1
        unseen += [f"{account}: {', '.join(found)}"] if found else []
    if unseen:
        yield _unseen(unseen)
    if refused:
        text = f"which Regions {len(accounts) - asked} of {len(accounts)} accounts opted in to: {refused}"
        yield unknown(text, remedy=_TRUST)
    elif asked < len(accounts):
        text = f"{asked} of {len(accounts)} accounts were asked which Regions they opted in to"
        yield unknown(text, remedy="Read the check regions in the report of a hub in the management account.")
    elif not unseen:
        yield ok(f"no account of {asked} has opted in to a Region that does not forward")


def _unseen(unseen: Sequence[str]) -> Result:
    return wrong(
        f"root's calls are not seen in Regions that {len(unseen)} accounts have opted in to:"
        f" {some(unseen, separator='; ')}",
        remedy="Add the Regions to forwarding_regions in rootwarden.yaml, or deny them by policy; then:"
        " make deploy",
    )


def member_queues(context: DoctorContext) -> Iterable[Result]:
    """Count what waits where sign-ins are logged; the hub's function sees the other Regions too."""
    client = context.session.client("sqs", region=EVENTS_REGION)
    queue = f"{context.session.name_prefix}{QUEUE}"

    def depth(account: AccountId) -> int | CallRefused:
        try:
            return waiting(client, f"{client.meta.endpoint_url}/{account}/{queue}")
        except CallRefused as refused:
            return refused

    accounts = [member.account_id for member in context.policies.members()]
    depths = at_once(accounts, depth, threads=_THREADS, description="Accounts' queues")
    if depths.is_interrupted:
        raise KeyboardInterrupt("Nothing was changed.")
    yield from _queue_results(queue, depths.done)


def _queue_results(queue: str, depths: dict[AccountId, int | CallRefused]) -> Iterable[Result]:
    refused = {account: why for account, why in depths.items() if isinstance(why, CallRefused)}
    found = {account: count for account, count in depths.items() if isinstance(count, int) and count}
    if found:
        total = counted(sum(found.values()), "event")
        yield wrong(
            f"{total} could not be sent to the hub from {EVENTS_REGION}: {some(found)}",
            remedy="rootctl redrive --members",
        )
    without = [account for account, why in refused.items() if why.code in _NO_QUEUE]
    if without:
        yield unknown(
            f"{EVENTS_REGION}: no queue {queue} in {some(without)}",
            remedy="make deploy, where these accounts are to forward",
        )
    others = {account: why for account, why in refused.items() if why.code not in _NO_QUEUE}
    if others:
        why = next(iter(others.values()))
        yield unknown(
            f"queues of {some(others)} cannot be looked into: {why}",
            remedy="rootctl redrive --members --dry-run (the hub's function), or allow yourself"
            " sqs:GetQueueAttributes on them",
        )
    seen = len(depths) - len(refused)
    if seen and not found:
        yield ok(f"nothing waits in the queues of {counted(seen, 'account')} in {EVENTS_REGION}")
