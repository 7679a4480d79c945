"""The ways people name a queue."""

import pytest

from rootwarden.aws.root_queues import QueueAddress
from rootwarden.events import MalformedEvent
from rootwarden.requests import RequestRefused
from tests.unit.given import HUB, MEMBER


@pytest.mark.parametrize(
    ("said", "account", "region"),
    [
        ("orders", None, None),
        (f"arn:aws:sqs:eu-west-1:{MEMBER}:orders", MEMBER, "eu-west-1"),
        (f"arn:aws-us-gov:sqs:us-gov-west-1:{MEMBER}:orders", MEMBER, "us-gov-west-1"),
        (f"https://sqs.eu-west-1.amazonaws.com/{MEMBER}/orders", MEMBER, "eu-west-1"),
        (f"https://sqs.cn-north-1.amazonaws.com.cn/{MEMBER}/orders", MEMBER, "cn-north-1"),
        (f"https://sqs-fips.us-east-1.amazonaws.com/{MEMBER}/orders", MEMBER, "us-east-1"),
        (f"https://eu-west-1.queue.amazonaws.com/{MEMBER}/orders", MEMBER, "eu-west-1"),
        (f"https://queue.amazonaws.com/{MEMBER}/orders", MEMBER, None),
        (f"http://127.0.0.1:4566/{MEMBER}/orders", MEMBER, None),
    ],
)
def test_names_urls_and_arns_are_read(said: str, account: str | None, region: str | None) -> None:
    assert QueueAddress.read(said) == QueueAddress("orders", account, region)


def test_a_fifo_queue_is_a_queue() -> None:
    assert QueueAddress.read("orders.fifo").name == "orders.fifo"


@pytest.mark.parametrize(
    "said",
    [
        "",
        " ",
        "or ders",
        "orders.txt",
        "x" * 81,
        "arn:aws:sqs",
        f"arn:aws:sqs:eu-west-1:{MEMBER}:a:b",
        "https://",
    ],
)
def test_what_names_no_queue_is_said(said: str) -> None:
    with pytest.raises(MalformedEvent, match="queue takes a queue's name, URL or ARN"):
        QueueAddress.read(said)


def test_where_to_look() -> None:
    assert QueueAddress("orders").region_in(MEMBER, None) is None
    assert QueueAddress("orders").region_in(MEMBER, "eu-west-1") == "eu-west-1"
    assert QueueAddress("orders", MEMBER, "eu-west-1").region_in(MEMBER, None) == "eu-west-1"


@pytest.mark.parametrize(
    ("address", "said"),
    [
        (QueueAddress("orders", HUB, "eu-west-1"), f"belongs to account {HUB}, not to {MEMBER}"),
        (QueueAddress("orders", MEMBER, "us-east-1"), "is in us-east-1, not in eu-west-1"),
    ],
)
def test_what_contradicts_itself_is_turned_away(address: QueueAddress, said: str) -> None:
    with pytest.raises(RequestRefused, match=said):
        address.region_in(MEMBER, "eu-west-1")
