"""Outcome events onto the rootwarden bus."""

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lambdas.adapters.refusals import refusals
from lambdas.domain.hardening.removal import CallRefused
from lambdas.domain.outcomes import SOURCE, Outcome
from lambdas.observability import logger

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient


class OutcomeNotAccepted(CallRefused):
    """When EventBridge does not take an outcome, so that nobody would hear of it."""


@dataclass(frozen=True)
class OutcomeBus:
    """The bus, by name."""

    client: "EventBridgeClient"
    bus_name: str

    def publish(self, outcome: Outcome) -> None:
        """Put one outcome on the bus; raises CallRefused, of the kind OutcomeNotAccepted if it was asked."""
        self.send(outcome)

    def send(self, outcome: Outcome) -> str:
        """Publish one outcome, and return the id EventBridge gave the event; raises as publish does."""
        detail = outcome.to_detail()
        with refusals():
            answer = self.client.put_events(
                Entries=[
                    {
                        "EventBusName": self.bus_name,
                        "Source": SOURCE,
                        "DetailType": outcome.detail_type,
                        "Detail": json.dumps(detail),
                    }
                ]
            )
        entry = answer["Entries"][0]
        if answer["FailedEntryCount"]:
            why = f"{entry.get('ErrorMessage')} (EventBridge refused the outcome)"
            raise OutcomeNotAccepted(entry.get("ErrorCode", "Unknown"), why)
        logger.info("outcome published", detail_type=outcome.detail_type, detail=detail, id=entry["EventId"])
        return entry["EventId"]
