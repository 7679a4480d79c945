"""What waits in accounts' own queues, because the account could not send it to the hub."""

from collections.abc import Iterable

from lambdas.domain.accounts import AccountId
from lambdas.domain.hardening.removal import CallRefused
from rootctl.at_once import at_once
from rootctl.checks.result import Result, ok, unknown, wrong
from rootctl.checks.surroundings import EVENTS_REGION, Surroundings
from rootctl.queues import waiting
from rootctl.terminal.wording import counted

QUEUE = "rootwarden-undelivered"
_THREADS = 16
_SHOWN = 10
_NO_QUEUE = frozenset({"AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist"})


def member_queues(surroundings: Surroundings) -> Iterable[Result]:
    """Count where sign-ins are told; the hub's function sees the other Regions too."""
    client = surroundings.session.client("sqs", region=EVENTS_REGION)

    def depth(account: AccountId) -> int | CallRefused:
        try:
            return waiting(client, f"{client.meta.endpoint_url}/{account}/{QUEUE}")
        except CallRefused as refused:
            return refused

    accounts = [member.account_id for member in surroundings.policies.members()]
    depths = at_once(accounts, depth, threads=_THREADS, description="Accounts' queues").done
    yield from _results(depths)


def _results(depths: dict[AccountId, int | CallRefused]) -> Iterable[Result]:
    refused = {account: why for account, why in depths.items() if isinstance(why, CallRefused)}
    found = {account: count for account, count in depths.items() if isinstance(count, int) and count}
    if found:
        total = counted(sum(found.values()), "event")
        yield wrong(
            f"{total} could not be sent to the hub from {EVENTS_REGION}: {_named(found)}",
            mend="rootctl redrive --members",
        )
    without = [account for account, why in refused.items() if why.code in _NO_QUEUE]
    if without:
        yield unknown(
            f"{EVENTS_REGION}: no queue {QUEUE} in {_named(without)}",
            mend="make deploy, where these accounts are to forward",
        )
    others = {account: why for account, why in refused.items() if why.code not in _NO_QUEUE}
    if others:
        why = next(iter(others.values()))
        yield unknown(
            f"queues of {_named(others)} cannot be looked into: {why}",
            mend="rootctl redrive --members --dry-run (the hub's function), or allow yourself"
            " sqs:GetQueueAttributes on them",
        )
    seen = len(depths) - len(refused)
    if seen and not found:
        yield ok(f"nothing waits in the queues of {counted(seen, 'account')} in {EVENTS_REGION}")


def _named(accounts: Iterable[AccountId]) -> str:
    every = list(accounts)
    more = len(every) - _SHOWN
    return ", ".join([*every[:_SHOWN], *([f"and {more} more"] if more > 0 else [])])
