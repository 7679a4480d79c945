"""collect_undelivered: a batch of accounts → what they could not send, on the queues it is for.

A sweep leaves what it found in the bucket; an operator who asks is answered with it.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from threading import Lock
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from rootwarden.accounts import Account, AccountState
from rootwarden.aws import clients
from rootwarden.aws.clients import DEADLINE
from rootwarden.aws.member_queues import BusRules, MemberQueues, regional_clients
from rootwarden.aws.observability import logger
from rootwarden.aws.sweep_records import SweepStore
from rootwarden.contract.settings import CollectUndeliveredSettings
from rootwarden.event_fields import Fields, MalformedEvent
from rootwarden.sweep.rows import each_once, read_account
from rootwarden.sweep.sweep import Sweep
from rootwarden.undelivered.collecting import Collector, Place
from rootwarden.undelivered.findings import Findings
from rootwarden.undelivered.routing import Route

# What writing the findings takes at worst, in seconds.
_TO_WRITE = 5.0
_ROWS = "rows"


@dataclass
class _Routes:
    """The routes of the hub, asked for once, when the first event is found."""

    ask: Callable[[], Sequence[Route]]
    found: Sequence[Route] | None = None
    turn: Lock = field(default_factory=Lock)

    def __call__(self) -> Sequence[Route]:
        with self.turn:
            if self.found is None:
                self.found = self.ask()
            return self.found


@dataclass(frozen=True)
class _Function:
    settings: CollectUndeliveredSettings
    queues: MemberQueues
    rules: BusRules
    store: SweepStore

    def handle(self, event: object, time_left: Callable[[], float]) -> dict[str, object]:
        fields = Fields(event)
        sweep = Sweep.from_detail(fields.object("BatchInput"))
        accounts = each_once(_readable(fields.items("Items")))
        is_asked_for = fields.optional_text("answer") == _ROWS
        collector = Collector(
            queues=self.queues,
            routes=_Routes(lambda: self.rules.into(self.settings.queue_urls)),
            time_left=time_left,
            threads=self.settings.threads,
            sends=not fields.has("dryRun"),
        )
        found = collector.collect(list(self._places(accounts)))
        findings = replace(found, accounts_asked=len(accounts))
        if accounts and not is_asked_for:
            self.store.write_undelivered(sweep, findings, batch=accounts[0].account_id)
        _tell(sweep, findings)
        told = {"findings": findings.to_detail()} if is_asked_for else {}
        return {"found": findings.found, "sent": findings.sent, **told}

    def _places(self, accounts: Sequence[Account]) -> Iterator[Place]:
        """Yield the queues Region by Region, so that where sign-ins are told every account comes first."""
        management, settings = self.settings.management_account_id, self.settings
        for region in dict.fromkeys((*settings.management_regions, *settings.forwarding_regions)):
            for account in accounts:
                of_account = (
                    settings.management_regions
                    if account.account_id == management
                    else settings.forwarding_regions
                )
                if region in of_account and account.state == AccountState.ACTIVE:
                    yield Place(account_id=account.account_id, region=region, joined_at=account.joined_at)


def _readable(items: Iterable[object]) -> Iterator[Account]:
    for item in items:
        try:
            yield read_account(Fields(item))
        except MalformedEvent as error:
            logger.error("item skipped", why=str(error))


def _tell(sweep: Sweep, findings: Findings) -> None:
    for queue in findings.queues:
        logger.warning("events could not be sent", sweep_id=sweep.sweep_id, queue=queue.to_detail())
    logger.info(
        "queues of accounts looked into",
        sweep_id=sweep.sweep_id,
        looked=findings.looked,
        without_queue=findings.without_queue,
        not_looked_at=findings.not_looked_at,
        found=findings.found,
        sent=findings.sent,
    )


@cache
def _function() -> _Function:
    settings = CollectUndeliveredSettings.from_environment(os.environ)
    return _Function(
        settings=settings,
        queues=MemberQueues(
            regional_clients(settings.threads, reserve=_TO_WRITE), clients.sqs(), settings.undelivered_name
        ),
        rules=BusRules(clients.events(), settings.event_bus_name),
        store=SweepStore(clients.s3(), settings.bucket_name),
    )


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, object]:
    """Bring in what a batch of accounts could not send; return how much, and the findings if asked for."""
    DEADLINE.begin(context)

    def time_left() -> float:
        return DEADLINE.seconds_left() - _TO_WRITE

    return _function().handle(event, time_left)
