"""The EventBridge envelope around every event, as AWS documents its structure."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from lambdas.domain.accounts import AccountId, parse_account_id
from lambdas.domain.event_fields import Fields, MalformedEvent


@dataclass(frozen=True, kw_only=True)
class Envelope:
    """One event as EventBridge put it in a queue. account and region are where it arose."""

    event_id: str
    source: str
    detail_type: str
    account_id: AccountId
    region: str
    time: datetime
    detail: Fields

    @classmethod
    def from_json(cls, body: str) -> Self:
        """Read a queue message's body; raises MalformedEvent naming the field that cannot be read."""
        try:
            fields = Fields(json.loads(body))
        except (ValueError, RecursionError) as error:
            raise MalformedEvent("the message body", "an EventBridge event as JSON", body) from error
        return cls(
            event_id=fields.text("id"),
            source=fields.text("source"),
            detail_type=fields.text("detail-type"),
            account_id=parse_account_id(fields.text("account"), "account"),
            region=fields.text("region"),
            time=fields.time("time"),
            detail=fields.object("detail"),
        )
