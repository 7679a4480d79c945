"""What CloudFormation sends to EventBridge about stacks."""

import uuid
from datetime import UTC, datetime
from typing import Any


def stack_created(*, account: str, region: str, time: datetime, stack: str) -> dict[str, Any]:
    """Return the event that says that a stack has been created."""
    arn = f"arn:aws:cloudformation:{region}:{account}:stack/{stack}/7ad8a1c0-0000-4000-8000-000000000000"
    status = {"status": "CREATE_COMPLETE", "status-reason": ""}
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": "CloudFormation Stack Status Change",
        "source": "aws.cloudformation",
        "account": account,
        "time": time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": region,
        "resources": [arn],
        "detail": {"stack-id": arn, "status-details": status, "client-request-token": ""},
    }
