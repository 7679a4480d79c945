"""Amazon EventBridge: outcomes put on the bus, with what people need to find an account's owner."""

import json
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from msgspec import structs

from rootwarden.accounts import Account
from rootwarden.aws import clients
from rootwarden.aws.clients import logger, refusals
from rootwarden.aws.function import put_metric
from rootwarden.aws.organizations import OrganizationsDirectory, OrganizationTags, Remembered
from rootwarden.contract.detail_types import SOURCE
from rootwarden.contract.settings import PublisherSettings
from rootwarden.events import AccountId
from rootwarden.outcomes import AccountReference, Outcome, utc_now
from rootwarden.refusals import CallRefused

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_events.type_defs import PutEventsRequestEntryTypeDef, PutEventsResultEntryTypeDef


# EventBridge may take a request and refuse what is in it; botocore does not try that again.
_PAUSES = (0.2, 0.4, 0.8)
# The one service of this metric, whichever function writes it: its alarm watches them all.
_METRIC, _SERVICE = "OutcomesNotPublished", "outcome_bus"
# After so many seconds nothing more is asked for an outcome: it is worth more without than late.
_SECONDS = 2.0
_ROOT = "Root"


@dataclass(frozen=True)
class AccountParticulars:
    """Adds to outcomes what people need to find an account's owner.

    describe, owner_of and unit_name ask AWS, and raise CallRefused. owner_of: None where no tag names one.
    """

    describe: Callable[[AccountId], Account | None]
    owner_of: Callable[[AccountId], str | None]
    unit_name: Callable[[str], str]
    seconds: Callable[[], float] = time.monotonic

    @classmethod
    def of(cls, owner_tag: str) -> Self:
        """Ask Organizations, each thing once an hour."""
        client = clients.organizations_in_brief()
        tags = OrganizationTags(client, owner_tag)
        return cls(
            describe=Remembered(OrganizationsDirectory(client).describe, utc_now),
            owner_of=Remembered(tags.owner_of, utc_now),
            unit_name=Remembered(tags.unit_name, utc_now),
        )

    def added_to(self, outcome: Outcome) -> Outcome:
        """Return the outcome with what is known of its accounts; as it is where nobody is told of it."""
        if outcome.severity is None:
            return outcome
        until = self.seconds() + _SECONDS
        return outcome.with_accounts(lambda account: self._of(account, until))

    def _of(self, account: AccountReference, until: float) -> AccountReference:
        # Without a name it is no account of the organization, or Organizations did not answer a moment ago.
        if account.name is None:
            return account
        # What is refused is in the log; it is left out, and the message says that it is not known.
        with suppress(CallRefused):
            for step in (self._placed, self._owned, self._named_units):
                if self.seconds() > until:
                    break
                account = step(account)
        return account

    def _placed(self, account: AccountReference) -> AccountReference:
        if account.account_id is None or account.organizational_units is not None:
            return account
        found = self.describe(account.account_id)
        return AccountReference.of(found) if found else account

    def _owned(self, account: AccountReference) -> AccountReference:
        if account.account_id is None:
            return account
        return structs.replace(account, owner=self.owner_of(account.account_id))

    def _named_units(self, account: AccountReference) -> AccountReference:
        if account.organizational_units is None:
            return account
        names = (_ROOT, *map(self.unit_name, account.organizational_units))
        return structs.replace(account, unit_path=" / ".join(names))


class OutcomeNotAccepted(CallRefused):
    """When EventBridge does not take an outcome, so that no subscriber would hear of it."""


@dataclass(frozen=True)
class OutcomeBus:
    """The bus, by name. particulars: what is added to outcomes that people are told of."""

    client: "EventBridgeClient"
    bus_name: str
    particulars: AccountParticulars | None = None
    sleep: Callable[[float], None] = time.sleep

    @classmethod
    def of(cls, settings: PublisherSettings) -> Self:
        """Return the bus of a function."""
        return cls(clients.events(), settings.event_bus_name, AccountParticulars.of(settings.owner_tag))

    def publish(self, outcome: Outcome) -> None:
        """Put one outcome on the bus; raises CallRefused, OutcomeNotAccepted where EventBridge refused it.

        What is not taken in the end is in the log, whole, and an alarm says so: not every caller comes again.
        """
        self.send(outcome)

    def send(self, outcome: Outcome) -> str:
        """Publish one outcome, and return the id EventBridge gave the event; raises as publish does."""
        detail = (self.particulars.added_to(outcome) if self.particulars else outcome).to_detail()
        entry: PutEventsRequestEntryTypeDef = {
            "EventBusName": self.bus_name,
            "Source": SOURCE,
            "DetailType": outcome.detail_type,
            "Detail": json.dumps(detail),
        }
        try:
            event_id = self._put(entry)
        except CallRefused as refused:
            why, detail_type = str(refused), outcome.detail_type
            logger.error("outcome not published", why=why, detail_type=detail_type, detail=detail)
            put_metric(_METRIC, service=_SERVICE)
            raise
        logger.info("outcome published", detail_type=outcome.detail_type, detail=detail, id=event_id)
        return event_id

    def _put(self, entry: "PutEventsRequestEntryTypeDef") -> str:
        for pause in _PAUSES:
            answer = self._ask(entry)
            if "EventId" in answer:
                return answer["EventId"]
            self.sleep(pause)
        answer = self._ask(entry)
        if "EventId" in answer:
            return answer["EventId"]
        why = f"{answer.get('ErrorMessage')} (EventBridge refused the outcome {len(_PAUSES) + 1} times)"
        raise OutcomeNotAccepted(answer.get("ErrorCode", "Unknown"), why)

    def _ask(self, entry: "PutEventsRequestEntryTypeDef") -> "PutEventsResultEntryTypeDef":
        with refusals():
            return self.client.put_events(Entries=[entry])["Entries"][0]
