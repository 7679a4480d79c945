import json
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest

from local.slack_endpoint import SlackEndpoint


@pytest.fixture
def slack() -> Iterator[SlackEndpoint]:
    with SlackEndpoint() as endpoint:
        yield endpoint


def post(slack: SlackEndpoint, body: bytes) -> int:
    with urllib.request.urlopen(slack.url, data=body) as answer:  # noqa: S310 # loopback
        return int(answer.status)


def test_posts_are_kept(slack: SlackEndpoint) -> None:
    assert post(slack, json.dumps({"text": "hello"}).encode()) == 200
    assert slack.posts == [{"text": "hello"}]


def test_it_can_be_told_to_refuse(slack: SlackEndpoint) -> None:
    slack.refuse_next(429, retry_after=7)
    slack.refuse_next(500)
    with pytest.raises(urllib.error.HTTPError) as caught:
        post(slack, b"{}")
    assert (caught.value.code, caught.value.headers["Retry-After"]) == (429, "7")
    with pytest.raises(urllib.error.HTTPError, match="500"):
        post(slack, b"{}")
    assert post(slack, b"{}") == 200
    assert len(slack.posts) == 1


def test_it_takes_only_json(slack: SlackEndpoint) -> None:
    with pytest.raises(urllib.error.HTTPError, match="400"):
        post(slack, b"no json")
