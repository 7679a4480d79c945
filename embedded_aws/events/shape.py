"""The shape every EventBridge event has, how AWS writes times in events, and the event of a new stack."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

Event = dict[str, Any]


def event_of(  # noqa: PLR0913 # an event has as many members
    source: str,
    detail_type: str,
    detail: Mapping[str, Any],
    *,
    account: str,
    region: str,
    time: datetime | str,
    event_id: str | None = None,
    resources: Sequence[str] = (),
) -> Event:
    """Return an event; its id is made up where none is given."""
    return {
        "version": "0",
        "id": event_id or str(uuid.uuid4()),
        "detail-type": detail_type,
        "source": source,
        "account": account,
        "time": time if isinstance(time, str) else timestamp(time),
        "region": region,
        "resources": list(resources),
        "detail": dict(detail),
    }


def timestamp(moment: datetime) -> str:
    """Return a time as events and CloudTrail have it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def spelled_out(moment: datetime, after_year: str = "") -> str:
    """Return a time as it stands inside some records: `Jun 1, 2026 12:00:00 PM`."""
    day = f"{moment:%b} {moment.day}, {moment.year}{after_year}"
    return f"{day} {moment.hour % 12 or 12}:{moment:%M:%S %p}"


def stack_created(*, account: str, region: str, time: datetime, stack: str) -> Event:
    """Return the event that says that a stack has been created."""
    arn = f"arn:aws:cloudformation:{region}:{account}:stack/{stack}/7ad8a1c0-0000-4000-8000-000000000000"
    status = {"status": "CREATE_COMPLETE", "status-reason": ""}
    detail = {"stack-id": arn, "status-details": status, "client-request-token": ""}
    kind = "CloudFormation Stack Status Change"
    return event_of(
        "aws.cloudformation", kind, detail, account=account, region=region, time=time, resources=[arn]
    )
