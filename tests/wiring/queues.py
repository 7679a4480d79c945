"""Messages put into a function's queue past all rules, as a forger inside the hub account could."""

from local.aws import LocalAws


def put_in_queue(aws: LocalAws, function: str, body: str) -> None:
    """Send a body to the queue of a function, by the name of its construct."""
    hub = aws.organization.hub
    sqs = aws.client("sqs", account=hub.account, region=hub.region)
    [url] = [url for url in sqs.list_queues()["QueueUrls"] if f"{function}Queue" in url]
    sqs.send_message(QueueUrl=url, MessageBody=body)
