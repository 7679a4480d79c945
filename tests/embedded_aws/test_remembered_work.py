"""What is remembered answers as what is asked anew."""

import dataclasses
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from embedded_aws.remembered_work import work_remembered


@pytest.fixture
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")


@pytest.fixture
def answers(credentials: None) -> Iterator[dict[str, Any]]:  # noqa: ARG001 - clients need some
    """What services with addresses of every kind answer, in a session of its own."""
    with work_remembered(), mock_aws():
        session: Any = boto3.Session(region_name="eu-west-1")
        session.client("s3").create_bucket(
            Bucket="own", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
        )
        session.client("s3").put_object(Bucket="own", Key="a/b c", Body=b"text")
        yield {
            "iam": session.client("iam").list_users()["Users"],
            "s3": session.client("s3").get_object(Bucket="own", Key="a/b c")["Body"].read(),
            "sqs": session.client("sqs").create_queue(QueueName="q")["QueueUrl"].rpartition("/")[2],
        }


def test_every_service_is_found_by_its_address(answers: dict[str, Any]) -> None:
    assert answers == {"iam": [], "s3": b"text", "sqs": "q"}


@pytest.mark.usefixtures("credentials")
def test_an_address_of_no_service_that_moto_knows_is_not_found() -> None:
    with work_remembered(), mock_aws():
        client: Any = boto3.client("sqs", region_name="eu-west-1", endpoint_url="https://none.amazonaws.com")
        with pytest.raises(ClientError, match="404"):
            client.list_queues()


@pytest.mark.usefixtures("credentials")
def test_what_one_client_is_given_no_other_has() -> None:
    with work_remembered():
        first, second = (boto3.client("sqs", region_name="eu-west-1") for _ in range(2))
        type(first).own = True  # type: ignore[attr-defined]
        assert not hasattr(second, "own")


def test_data_classes_that_look_the_same_are_each_their_own() -> None:
    with work_remembered():
        first, second = (dataclasses.make_dataclass("Point", [("x", int, x)]) for x in (1, 2))
    assert (first().x, second().x) == (1, 2)
    assert first() != second()
