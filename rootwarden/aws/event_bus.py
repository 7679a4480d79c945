"""Amazon EventBridge: outcomes put on the bus."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from rootwarden.aws import clients
from rootwarden.aws.account_particulars import AccountParticulars, particulars
from rootwarden.aws.clients import logger, refusals
from rootwarden.aws.function import record
from rootwarden.contract.settings import PublisherSettings
from rootwarden.hardening.removal import CallRefused
from rootwarden.outcomes import SOURCE, Outcome

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_events.type_defs import (
        PutEventsRequestEntryTypeDef,
        PutEventsResultEntryTypeDef,
    )


# EventBridge may take a request and refuse what is in it; botocore does not try that again.
_PAUSES = (0.2, 0.4, 0.8)
# The one service of this metric, whichever function writes it: its alarm watches them all.
_METRIC, _SERVICE = "OutcomesNotPublished", "outcome_bus"


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
        return cls(clients.events(), settings.event_bus_name, particulars(settings.owner_tag))

    def publish(self, outcome: Outcome) -> None:
        """Put one outcome on the bus; raises CallRefused, of the kind OutcomeNotAccepted if it was asked.

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
            record(_METRIC, service=_SERVICE)
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
