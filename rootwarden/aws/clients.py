"""Calls to AWS: clients, each with its own patience, and refusals in our words.

Clients are created at first use and kept for the life of the function. PATIENT is for what the function is
there for; PROMPT for what every message needs; BRIEF for what a function can do without. Most mind the
deadline of the invocation, so that a hanging service costs neither an alert nor the function's answer:
docs/architecture.md, Time budgets.
"""

import json
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache, partial
from typing import TYPE_CHECKING, Any, TypeVar

import boto3
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError, IncompleteReadError

from rootwarden.refusals import CallRefused

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_organizations import OrganizationsClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sts import STSClient


# What others wrote is in the lines: as JSON's escapes, a terminal obeys none of it and nothing is hidden.
logger = Logger(json_serializer=partial(json.dumps, default=str, separators=(",", ":")))

# Standard retries cover throttling and AWS's passing failures.
PATIENT = Config(retries={"mode": "standard", "total_max_attempts": 5}, connect_timeout=3, read_timeout=10)
# For callers that try again themselves.
ONCE = PATIENT.merge(Config(retries={"mode": "standard", "total_max_attempts": 1}))
PROMPT = Config(retries={"mode": "standard", "total_max_attempts": 3}, connect_timeout=1, read_timeout=3)
BRIEF = Config(retries={"mode": "standard", "total_max_attempts": 1}, connect_timeout=1, read_timeout=2)

# What a function needs after its last patient call: to say how it ended, and to put its message off.
TO_END_IN_ORDER = 15.0
# After a prompt one: to put the message off.
_TO_PUT_OFF = 3.0

Client = TypeVar("Client")


class OutOfTime(BotoCoreError):
    """When a call is not sent, because the function could end before the answer comes. Never tried again."""

    fmt = "{call} was not sent: {left:.0f} s are left, and it could take {needed:.0f} s to end in order"


class Deadline:
    """The end of the running invocation. Outside of one, as in rootctl, there is none."""

    def __init__(self) -> None:
        self._left: Callable[[], float] = lambda: math.inf

    def begin(self, context: LambdaContext) -> None:
        """Take the deadline of the invocation that begins."""
        self._left = lambda: context.get_remaining_time_in_millis() / 1000

    def seconds_left(self) -> float:
        """Return how many seconds the function may still run."""
        return self._left()

    def bind(self, client: Client, config: Config, *, reserve: float) -> Client:
        """Have a client send a request only if even a hanging one leaves `reserve` seconds."""
        options: Any = config  # its stubs do not know what it was made with
        needed = options.connect_timeout + options.read_timeout + reserve

        def check(event_name: str, **_: object) -> None:
            left = self.seconds_left()
            if left < needed:
                raise OutOfTime(call=event_name.rpartition(".")[2], left=max(left, 0), needed=needed)

        made: Any = client
        service = made.meta.service_model.service_id.hyphenize()
        made.meta.events.register(f"before-send.{service}", check)
        return client


# One process runs one invocation at a time; the threads of a sweep's worker see it too.
DEADLINE = Deadline()


def regional(client: "STSClient") -> "STSClient":
    """Keep an STS client on its Region's endpoint: the global one does not know AssumeRoot.

    It is botocore's default, unless AWS_STS_REGIONAL_ENDPOINTS or the configuration file says "legacy".
    """
    client.meta.events.register("before-endpoint-resolution.sts", _not_global)
    return client


def _not_global(builtins: dict[str, Any], **_: object) -> None:
    builtins["AWS::STS::UseGlobalEndpoint"] = False


def patient(client: Client) -> Client:
    """Have a client made with PATIENT mind the deadline of the invocation."""
    return DEADLINE.bind(client, PATIENT, reserve=TO_END_IN_ORDER)


def _prompt(client: Client) -> Client:
    return DEADLINE.bind(client, PROMPT, reserve=_TO_PUT_OFF)


@cache
def sts() -> "STSClient":
    """Return the STS client of the function's Region."""
    return regional(patient(boto3.client("sts", config=PATIENT)))


@cache
def organizations() -> "OrganizationsClient":
    """Return the Organizations client."""
    return patient(boto3.client("organizations", config=PATIENT))


@cache
def organizations_in_brief() -> "OrganizationsClient":
    """Return an Organizations client for what is left out when it does not answer at once."""
    return DEADLINE.bind(boto3.client("organizations", config=BRIEF), BRIEF, reserve=TO_END_IN_ORDER)


@cache
def organization_cloudformation() -> "CloudFormationClient":
    """Return the CloudFormation client of the Region the organization's stack is in."""
    return boto3.client("cloudformation", region_name="us-east-1", config=PATIENT)


@cache
def dynamodb() -> "DynamoDBClient":
    """Return the DynamoDB client."""
    return _prompt(boto3.client("dynamodb", config=PROMPT))


@cache
def events() -> "EventBridgeClient":
    """Return the EventBridge client."""
    return _prompt(boto3.client("events", config=PROMPT))


@cache
def events_in(region: str) -> "EventBridgeClient":
    """Return a Region's EventBridge client."""
    return patient(boto3.client("events", region_name=region, config=PATIENT))


@cache
def s3() -> "S3Client":
    """Return the S3 client. It minds no deadline: a sweep's worker writes its rows last, whatever is left."""
    return boto3.client("s3", config=PATIENT)


@cache
def sqs() -> "SQSClient":
    """Return the SQS client."""
    return _prompt(boto3.client("sqs", config=PROMPT))


@cache
def sqs_putting_off() -> "SQSClient":
    """Return the SQS client that puts messages off: a function's last call, so it never waits long."""
    return boto3.client("sqs", config=BRIEF)


@cache
def sns() -> "SNSClient":
    """Return the SNS client."""
    return _prompt(boto3.client("sns", config=PROMPT))


@cache
def secretsmanager() -> "SecretsManagerClient":
    """Return the Secrets Manager client."""
    return _prompt(boto3.client("secretsmanager", config=PROMPT))


@cache
def ssm() -> Any:
    """Return the Systems Manager client."""
    return patient(boto3.client("ssm", config=PATIENT))


@cache
def account() -> Any:
    """Return the Account Management client, a global service."""
    return patient(boto3.client("account", region_name="us-east-1", config=PATIENT))


@cache
def own_iam() -> "IAMClient":
    """Return the IAM client of the function's own role."""
    return patient(boto3.client("iam", config=PATIENT))


@dataclass(frozen=True)
class RootSessionKeys:
    """A root session's keys. No representation shows the secrets."""

    access_key_id: str
    secret_access_key: str = field(repr=False)
    session_token: str = field(repr=False)


def signed(service: str, keys: RootSessionKeys, region: str | None = None) -> Any:
    """Return a client that signs with a root session's keys. region: None for the function's own."""
    make: Any = boto3.client  # its stubs know a client by its service's literal name
    client = make(
        service,
        region_name=region,
        aws_access_key_id=keys.access_key_id,
        aws_secret_access_key=keys.secret_access_key,
        aws_session_token=keys.session_token,
        config=PATIENT,
    )
    return patient(client)


def queue_regions(partition: str) -> list[str]:
    """Return every Region of a partition that has SQS, whether or not an account takes part in it."""
    return boto3.Session().get_available_regions("sqs", partition_name=partition)


_SERVER_ERROR = 500


def error_code(error: ClientError) -> str:
    """Return AWS's own code for an error."""
    return str(error.response.get("Error", {}).get("Code", "Unknown"))


@contextmanager
def refusals() -> Iterator[None]:
    """Turn botocore's errors into CallRefused, with AWS's code and message or the kind of network failure.

    Each is logged, whatever its caller makes of it.
    """
    try:
        yield
    except ClientError as error:
        message = str(error.response.get("Error", {}).get("Message", ""))
        logger.warning("AWS refused a call", operation=error.operation_name, why=str(error))
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        raise CallRefused(error_code(error), message, is_transient=status >= _SERVER_ERROR) from error
    except BotoCoreError as error:
        logger.warning("AWS could not be asked", why=str(error))
        is_transient = isinstance(error, HTTPClientError | IncompleteReadError)
        raise CallRefused(type(error).__name__, str(error), is_transient=is_transient) from error
