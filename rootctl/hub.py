"""The deployed hub: what it is made of, and requests to its functions.

A stack output names each part, so that nothing here guesses names; see stacks/constructs/operator_outputs.py.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Self

from botocore.config import Config
from botocore.exceptions import ClientError

from rootctl.aws import AwsSession, sent_once
from rootctl.errors import Hindered
from rootctl.printed_commands import as_caller
from rootwarden.aws.clients import ONCE, error_code, refusals
from rootwarden.contract.functions import Caller
from rootwarden.events import Fields, MalformedEvent

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

STACK = "RootWardenHub"

# No function runs longer than fifteen minutes.
_PATIENT = ONCE.merge(Config(read_timeout=910, tcp_keepalive=True))
# Of a stack that was complete once: its parts are there, and work, whatever became of an update.
_WORKS = ("CREATE_COMPLETE", "UPDATE_", "IMPORT_")


class Function(StrEnum):
    """The functions that take requests, by the output that names them."""

    HARDEN_ACCOUNT = "HardenAccountFunction"
    AUDIT_ACCOUNTS = "AuditAccountsFunction"
    COLLECT_UNDELIVERED = "CollectUndeliveredFunction"
    OPEN_RECOVERY = "OpenRecoveryFunction"
    CLOSE_RECOVERY = "CloseRecoveryFunction"
    UNLOCK_BUCKET = "UnlockBucketFunction"
    UNLOCK_QUEUE = "UnlockQueueFunction"


class NoHub(Hindered):
    """When there is no hub where the command looks."""


class FunctionFailed(Hindered):
    """When a function of the hub ends without an answer, or with one that cannot be read."""


@dataclass(frozen=True)
class Hub:
    """The hub in the operator's account and Region. status: of its stack, as CloudFormation names it."""

    session: AwsSession
    outputs: Mapping[str, str]
    functions: "LambdaClient"
    status: str

    @classmethod
    def find(cls, session: AwsSession) -> Self:
        """Return the hub in the session's account and Region; raises NoHub and CallRefused."""
        with refusals():
            try:
                [stack] = session.client("cloudformation").describe_stacks(
                    StackName=f"{session.name_prefix}{STACK}"
                )["Stacks"]
            except ClientError as error:
                if error_code(error) != "ValidationError":
                    raise
                raise NoHub(_nowhere(session)) from error
        outputs = {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", ())}
        status = stack["StackStatus"]
        if not outputs or not status.startswith(_WORKS):
            raise NoHub(_unusable(session, status))
        return cls(session, outputs, functions=session.client("lambda", config=_PATIENT), status=status)

    @property
    def name(self) -> str:
        """The name of its stack."""
        return f"{self.session.name_prefix}{STACK}"

    def output(self, name: str) -> str:
        """Return what the stack says of one of its parts; raises NoHub where it is older than that part."""
        if name not in self.outputs:
            raise NoHub(
                f"The stack {self.name} in {self.session.region} has no output {name}: it is"
                " older than this rootctl. Deploy it again (make deploy), or use the rootctl of its version."
            )
        return self.outputs[name]

    def ask(self, function: Function, request: Mapping[str, object]) -> Fields:
        """Return a function's answer to a request; raises FunctionFailed, NoHub and CallRefused."""
        name = self.output(function)
        with refusals():
            # Functions tell callers apart by aliases; this one is a person's.
            answer = sent_once(
                lambda: self.functions.invoke(
                    FunctionName=f"{name}:{Caller.PERSON}", Payload=json.dumps(request)
                )
            )
            payload = answer["Payload"].read()
        return _read(name, payload, failed="FunctionError" in answer)


def _nowhere(session: AwsSession) -> str:
    return (
        f"There is no stack {session.name_prefix}{STACK} for {session.caller()} in {session.region}. Name the"
        " hub's account with --profile, its Region with --region and a configured name_prefix with"
        " --name-prefix, or deploy the hub (docs/deploying.md)."
    )


def _unusable(session: AwsSession, status: str) -> str:
    name = f"{session.name_prefix}{STACK}"
    look = f"aws cloudformation describe-stack-events --region {session.region} --stack-name {name}"
    return f"The stack {name} in {session.region} is {status}, and no hub: {as_caller(look)} says why."


def _read(function: str, payload: bytes, *, failed: bool) -> Fields:
    try:
        answer = Fields(json.loads(payload))
    except (ValueError, MalformedEvent) as error:
        raise FunctionFailed(
            f"{function} answered nothing that can be read ({error}). See its log."
        ) from error
    if failed:
        kind, text = answer.optional_text("errorType"), answer.optional_text("errorMessage")
        why = ": ".join(word for word in (kind, text) if word) or "it does not say why"
        raise FunctionFailed(f"{function} failed: {why.rstrip('. ')}. What it did until then is in its log.")
    return answer
