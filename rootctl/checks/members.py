"""Whether accounts have Regions in which root is not seen, and what they could not send."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from rootctl.checks.context import EVENTS_REGION, DoctorContext, Result, hidden, ok, unknown, wrong
from rootctl.output import counted, some
from rootctl.parallel import at_once
from rootctl.queues import waiting
from rootwarden.aws.organizations import AccountRegions
from rootwarden.events import AccountId
from rootwarden.refusals import CallRefused

# AWS answers about five of these questions a second; no person waits for more than a minute.
MOST_ACCOUNTS = 200
QUEUE = "rootwarden-undelivered"
TRUST = "aws organizations enable-aws-service-access --service-principal account.amazonaws.com"
_THREADS = 16
_NO_QUEUE = frozenset({"AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist"})


def opted_in_regions(context: DoctorContext) -> Iterable[Result]:
    """Name the accounts with Regions in which root's calls are not seen, the management account included."""
    if not context.is_management:
        yield hidden("which Regions forward, and which Regions accounts have")
        return
    forwarded = context.configured.regions
    management = context.organization.management_account_id
    members = sorted({each.account_id for each in context.policies.members()} - {management})
    yield from _compared_regions(context.account_regions, (management, *members), frozenset(forwarded))


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
        yield unknown(text, remedy=TRUST)
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

    depths = at_once(_forwarding_accounts(context), depth, threads=_THREADS, description="Accounts' queues")
    yield from _queue_results(queue, depths.seen())


def _forwarding_accounts(context: DoctorContext) -> list[AccountId]:
    configured, management = context.configured, context.organization.management_account_id
    return [
        member.account_id
        for member in context.policies.members()
        if member.account_id == management or configured.stack_set_of(member.path)
    ]


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
            remedy="make deploy, where these accounts are to forward; a queue that was deleted by hand comes"
            " back as docs/incidents.md, The watch was touched, says",
        )
    others = {account: why for account, why in refused.items() if why.code not in _NO_QUEUE}
    if others:
        why = next(iter(others.values()))
        yield unknown(
            f"queues of {some(others)} cannot be looked into by you without sqs:GetQueueAttributes on them,"
            f" but by the hub's function: {why}",
            remedy="rootctl redrive --members --dry-run",
        )
    seen = len(depths) - len(refused)
    if seen and not found:
        yield ok(f"nothing waits in the queues of {counted(seen, 'account')} in {EVENTS_REGION}")
