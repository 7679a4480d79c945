"""Accounts' own queues with what they could not send, and the hub's queues it goes to."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING, Any, Self

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError
from msgspec import structs

from rootwarden.accounts import Account
from rootwarden.aws import clients
from rootwarden.aws.clients import DEADLINE, error_code, logger, refusals
from rootwarden.aws.sweep_records import SweepStore, attempt_name
from rootwarden.contract.functions import COLLECTED_FROM
from rootwarden.contract.settings import CollectUndeliveredSettings
from rootwarden.sweep.sweep import Sweep
from rootwarden.undelivered.collecting import AccountQueue, Collector, Regions, Route, WaitingEvent
from rootwarden.undelivered.findings import UndeliveredEvents

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import MessageAttributeValueTypeDef, MessageTypeDef

_NO_QUEUE = frozenset({"AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist"})
# What writing the findings takes at worst, in seconds.
_TO_WRITE = 5.0
# Longer than the function runs: what stays is handed out once in a run, and to no other caller meanwhile.
_HIDDEN_SECONDS = 300


def regional_clients(threads: int, *, reserve: float) -> Callable[[str], "SQSClient"]:
    """Return what gives each Region's SQS client: one a Region, for all threads.

    A Region that does not answer must not take the others' time, nor the `reserve` seconds at the end.
    """
    config = Config(
        retries={"mode": "standard", "total_max_attempts": 2},
        connect_timeout=3,
        read_timeout=6,
        max_pool_connections=threads,
    )
    made: dict[str, SQSClient] = {}
    lock = Lock()

    def client(region: str) -> "SQSClient":
        # A boto3 session may not make two clients at once.
        with lock:
            if region not in made:
                made[region] = DEADLINE.bind(
                    boto3.client("sqs", region_name=region, config=config), config, reserve=reserve
                )
            return made[region]

    return client


@dataclass(frozen=True)
class MemberQueues:
    """See rootwarden.undelivered.collecting.Queues. name: the queue's, the same in every account."""

    client: Callable[[str], "SQSClient"]
    hub: "SQSClient"
    name: str

    def waiting(self, place: AccountQueue) -> int | None:
        """Return about how many events wait, with those handed out lately; None where there is no queue."""
        client = self.client(place.region)
        with refusals():
            try:
                found = client.get_queue_attributes(
                    QueueUrl=self._url(place),
                    AttributeNames=["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"],
                )["Attributes"]
            except ClientError as error:
                if error_code(error) not in _NO_QUEUE:
                    raise
                return None
        return int(found["ApproximateNumberOfMessages"]) + int(found["ApproximateNumberOfMessagesNotVisible"])

    def receive(self, place: AccountQueue) -> Sequence[WaitingEvent]:
        """Hand out up to ten; a wait makes SQS ask all of its servers."""
        with refusals():
            answer = self.client(place.region).receive_message(
                QueueUrl=self._url(place),
                MaxNumberOfMessages=10,
                VisibilityTimeout=_HIDDEN_SECONDS,
                WaitTimeSeconds=1,
                MessageAttributeNames=["ERROR_CODE", "ERROR_MESSAGE"],
            )
        return [_letter(message) for message in answer.get("Messages", [])]

    def send(self, queue: str, letter: WaitingEvent, place: AccountQueue) -> None:
        """Put an event on a queue of the hub, marked with where it came from."""
        origin: MessageAttributeValueTypeDef = {
            "DataType": "String",
            "StringValue": f"{place.account_id}/{place.region}",
        }
        with refusals():
            self.hub.send_message(
                QueueUrl=queue, MessageBody=letter.body, MessageAttributes={COLLECTED_FROM: origin}
            )

    def delete(self, place: AccountQueue, letter: WaitingEvent) -> None:
        """Delete an event that was sent."""
        with refusals():
            self.client(place.region).delete_message(QueueUrl=self._url(place), ReceiptHandle=letter.receipt)

    def _url(self, place: AccountQueue) -> str:
        return f"{self.client(place.region).meta.endpoint_url}/{place.account_id}/{self.name}"


def _letter(message: "MessageTypeDef") -> WaitingEvent:
    attributes: Mapping[str, Any] = message.get("MessageAttributes", {})
    return WaitingEvent(
        body=message["Body"],
        receipt=message["ReceiptHandle"],
        code=attributes.get("ERROR_CODE", {}).get("StringValue"),
        text=attributes.get("ERROR_MESSAGE", {}).get("StringValue"),
    )


@dataclass(frozen=True)
class BusRules:
    """The rules of the hub's bus, as they are deployed."""

    client: "EventBridgeClient"
    bus: str

    def into(self, queues: Iterable[str]) -> list[Route]:
        """Return the routes into queues, by their URLs; raises CallRefused."""
        with refusals():
            pages = self.client.get_paginator("list_rules").paginate(EventBusName=self.bus)
            patterns = {
                rule["Name"]: json.loads(rule["EventPattern"])
                for page in pages
                for rule in page["Rules"]
                if rule.get("EventPattern") and rule.get("State") != "DISABLED"
            }
            return [
                Route(pattern=patterns[name], queue=queue)
                for queue in queues
                for name in self._aiming_at(queue)
                if name in patterns
            ]

    def _aiming_at(self, queue: str) -> list[str]:
        account, name = queue.split("/")[-2:]
        region, partition = self.client.meta.region_name, self.client.meta.partition
        arn = f"arn:{partition}:sqs:{region}:{account}:{name}"
        paginator = self.client.get_paginator("list_rule_names_by_target")
        pages = paginator.paginate(TargetArn=arn, EventBusName=self.bus)
        return [found for page in pages for found in page["RuleNames"]]


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
class MemberCollector:
    """Brings in what accounts could not send, as the function is configured."""

    settings: CollectUndeliveredSettings
    queues: MemberQueues
    rules: BusRules
    store: SweepStore

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Self:
        """Make one as the function is configured; raises InvalidSetting."""
        settings = CollectUndeliveredSettings.from_environment(environ)
        regional = regional_clients(settings.threads, reserve=_TO_WRITE)
        return cls(
            settings=settings,
            queues=MemberQueues(regional, clients.sqs(), settings.undelivered_name),
            rules=BusRules(clients.events(), settings.event_bus_name),
            store=SweepStore(clients.s3(), settings.bucket_name),
        )

    def collect(
        self, sweep: Sweep, accounts: Sequence[Account], *, sends: bool, keeps: bool
    ) -> UndeliveredEvents:
        """Look into the accounts' queues. sends: bring in what waits; keeps: for the sweep's report."""
        settings = self.settings
        watched = Regions(
            management=settings.management_account_id,
            of_management=settings.management_regions,
            of_members=settings.forwarding_regions,
        )
        places = list(watched.places(accounts))
        keep = self._keeper(sweep, accounts) if accounts and keeps else _keep_nothing
        not_known = UndeliveredEvents(accounts_asked=len(accounts), not_begun=len(places))

        def routes() -> list[Route]:
            # What is brought in waits nowhere any more: should the function die, this is what is left.
            keep(not_known)
            return self.rules.into(settings.queue_urls)

        collector = Collector(
            queues=self.queues,
            routes=_Routes(routes),
            time_left=lambda: DEADLINE.seconds_left() - _TO_WRITE,
            threads=settings.threads,
            unforeseen=_unforeseen,
            sends=sends,
        )
        findings = structs.replace(collector.collect(places), accounts_asked=len(accounts))
        keep(findings)
        return findings

    def _keeper(self, sweep: Sweep, accounts: Sequence[Account]) -> Callable[[UndeliveredEvents], None]:
        # The last attempt knows what is left.
        batch, attempt = accounts[0].account_id, attempt_name()
        return lambda findings: self.store.write_undelivered(sweep, findings, batch, attempt)


def _keep_nothing(_findings: UndeliveredEvents) -> None:
    """Keep nothing: a person is answered instead."""


def _unforeseen(error: Exception) -> None:
    logger.error("a queue could not be looked into", why=str(error), exc_info=error)
