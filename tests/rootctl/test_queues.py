"""How much a queue holds."""

from typing import TYPE_CHECKING

import boto3
from moto import mock_aws

from rootctl.queues import waiting

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


@mock_aws
def test_what_was_put_off_waits_as_well() -> None:
    client: SQSClient = boto3.client("sqs", region_name="us-east-1")
    url = client.create_queue(QueueName="work")["QueueUrl"]
    for delay in (0, 0, 900):
        client.send_message(QueueUrl=url, MessageBody="{}", DelaySeconds=delay)
    client.receive_message(QueueUrl=url, MaxNumberOfMessages=1)
    assert waiting(client, url) == 3
