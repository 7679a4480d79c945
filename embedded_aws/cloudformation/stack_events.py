"""What CloudFormation sends to EventBridge about stacks."""

from datetime import datetime

from embedded_aws.events.shape import Event, event_of


def stack_created(*, account: str, region: str, time: datetime, stack: str) -> Event:
    """Return the event that says that a stack has been created."""
    arn = f"arn:aws:cloudformation:{region}:{account}:stack/{stack}/7ad8a1c0-0000-4000-8000-000000000000"
    status = {"status": "CREATE_COMPLETE", "status-reason": ""}
    detail = {"stack-id": arn, "status-details": status, "client-request-token": ""}
    kind = "CloudFormation Stack Status Change"
    return event_of(
        "aws.cloudformation", kind, detail, account=account, region=region, time=time, resources=[arn]
    )
