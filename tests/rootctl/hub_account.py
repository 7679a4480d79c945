"""What happens around rootctl in the embedded AWS: trails, subscriptions, dead letters, another profile."""

import json
from pathlib import Path
from typing import Any

import pytest
from moto.sns.models import sns_backends
from moto.sqs.models import Queue, sqs_backends

from embedded_aws.sqs.dead_letters import let_die
from local.aws import LocalAws
from tests.accounts import HUB, MANAGEMENT

REGION = "us-east-1"
SELECTORS = [{"ReadWriteType": "All", "IncludeManagementEvents": True}]


def management_profile(aws: LocalAws, directory: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Give the operator a profile of the management account besides; returns its name."""
    organizations = aws.client("organizations", account=MANAGEMENT)
    organizations.enable_aws_service_access(ServicePrincipal="account.amazonaws.com")
    keys = aws.extensions.administrator(MANAGEMENT).for_boto3()
    lines = "\n".join(f"{name} = {value}" for name, value in keys.items())
    path = directory / "credentials"
    path.write_text(f"[management]\n{lines}\n")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(path))
    return "management"


def record_everything(aws: LocalAws, **differently: Any) -> Any:
    """Have a trail record the whole organization, or as said; returns CloudTrail's client."""
    aws.client("s3", account=MANAGEMENT).create_bucket(Bucket="trails")
    client = aws.client("cloudtrail", account=MANAGEMENT, region=REGION)
    given = {"IsOrganizationTrail": True, "IsMultiRegionTrail": True} | differently
    client.create_trail(Name="organization", S3BucketName="trails", **given)
    client.put_event_selectors(TrailName="organization", EventSelectors=SELECTORS)
    client.start_logging(Name="organization")
    return client


def queue(part: str, kind: str) -> Queue:
    """Return a queue by a part of its function's name and of its own."""
    queues = sqs_backends[HUB][REGION].queues
    [found] = [each for name, each in queues.items() if part in name and kind in name]
    return found


def give_up(part: str, event: dict[str, Any]) -> None:
    """Let a function fail at an event until it is among its dead letters."""
    work = next(
        each
        for name, each in sqs_backends[HUB][REGION].queues.items()
        if part in name and each.redrive_policy
    )
    let_die(work, json.dumps(event))


def leave_undelivered(part: str, event: dict[str, Any]) -> None:
    """Leave an event where a rule puts it that may not send to its function's queue."""
    backend = sqs_backends[HUB][REGION]
    texts = {"ERROR_CODE": "NO_PERMISSIONS", "ERROR_MESSAGE": "not authorized to perform sqs:SendMessage"}
    attributes = {name: {"DataType": "String", "StringValue": text} for name, text in texts.items()}
    client_queue = queue(part, "Undelivered")
    backend.send_message(client_queue.name, json.dumps(event), message_attributes=attributes)


def leave_unclosed() -> None:
    """Leave behind that a recovery window's schedule could not call its function."""
    sqs_backends[HUB][REGION].send_message(queue("Recovery", "NotClosed").name, "{}")


def leave_unstarted() -> None:
    """Leave behind that a schedule could not start a sweep."""
    sqs_backends[HUB][REGION].send_message(queue("OrganizationSweep", "NotStarted").name, "{}")


def leave_unconfirmed(aws: LocalAws, address: str) -> str:
    """Subscribe an address to the alerts that no person confirms; returns what forget_subscription takes."""
    backend = sns_backends[HUB][REGION]
    [topic] = [arn for arn in backend.topics if "Alerts" in arn]
    client = aws.client("sns", account=HUB, region=REGION)
    arn = client.subscribe(TopicArn=topic, Protocol="email", Endpoint=address, ReturnSubscriptionArn=True)
    backend.subscriptions[arn["SubscriptionArn"]].arn = "PendingConfirmation"
    return str(arn["SubscriptionArn"])


def forget_subscription(arn: str) -> None:
    """Take a subscription away again."""
    del sns_backends[HUB][REGION].subscriptions[arn]
