"""What IAM's policy simulator says a principal may do."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from botocore.exceptions import ClientError

from rootctl.aws import AwsSession
from rootctl.checks.context import ASK_THERE, DoctorContext, Result, ok, unknown, wrong
from rootctl.hub import Function, Hub, NoHub
from rootctl.printed_commands import as_caller
from rootctl.queues import FunctionQueues
from rootwarden.aws.clients import error_code, refusals
from rootwarden.contract.functions import AUDIT, DELETE, UNLOCK_BUCKET, UNLOCK_QUEUE, Caller, task_policy_arn
from rootwarden.refusals import CallRefused

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_iam.type_defs import ContextEntryTypeDef, EvaluationResultTypeDef


_SINGLE_SIGN_ON = "AWSReservedSSO_"


@dataclass(frozen=True)
class SimulatedPermissions:
    """One principal: a role's or a user's ARN."""

    client: "IAMClient"
    principal: str

    @classmethod
    def of(cls, session: AwsSession, caller: str) -> Self:
        """Take the role behind a caller's session; raises CallRefused."""
        client: IAMClient = session.client("iam")
        return cls(client, _principal(client, caller))

    def denied(
        self, actions: Sequence[str], resources: Sequence[str], context: Mapping[str, str] | None = None
    ) -> list[str]:
        """Return the actions that are not allowed on every resource; raises CallRefused."""
        entries: list[ContextEntryTypeDef] = [
            {"ContextKeyName": key, "ContextKeyValues": [value], "ContextKeyType": "string"}
            for key, value in (context or {}).items()
        ]
        pages = self.client.get_paginator("simulate_principal_policy").paginate(
            PolicySourceArn=self.principal,
            ActionNames=actions,
            ResourceArns=resources,
            ContextEntries=entries,
        )
        with refusals():
            judged = [each for page in pages for each in page["EvaluationResults"]]
        refused = {each["EvalActionName"] for each in judged if _decisions(each) != {"allowed"}}
        return [action for action in actions if action in refused]

    def granting(self, policy: str, actions: Sequence[str], resources: Sequence[str]) -> str:
        """Return the command that allows the actions, or where no command can, what to do.

        policy: the name of what is put, which replaces a policy of that name: none else may have it.
        """
        kind, _, path = self.principal.rpartition(":")[2].partition("/")
        name = path.rpartition("/")[2]
        statement = {"Effect": "Allow", "Action": [*actions], "Resource": [*resources]}
        document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        if name.startswith(_SINGLE_SIGN_ON):
            permission_set = name.removeprefix(_SINGLE_SIGN_ON).rpartition("_")[0]
            return (
                f"Add to the permission set {permission_set} in IAM Identity Center: {json.dumps(statement)}"
            )
        return as_caller(
            f"aws iam put-{kind}-policy --{kind}-name {name} --policy-name {policy}"
            f" --policy-document '{document}'"
        )


def _decisions(result: "EvaluationResultTypeDef") -> set[str]:
    """Return an action's decision as a whole, and that on each resource, which it may not show."""
    resources = result.get("ResourceSpecificResults", ())
    return {result["EvalDecision"], *(each["EvalResourceDecision"] for each in resources)}


def _principal(client: "IAMClient", caller: str) -> str:
    """Return the ARN of the role behind a session, whose path the session's ARN leaves out."""
    partition, account, resource = caller.split(":")[1], caller.split(":")[4], caller.split(":", 5)[5]
    if not resource.startswith("assumed-role/"):
        return caller
    name = resource.split("/")[1]
    with refusals():
        try:
            return client.get_role(RoleName=name)["Role"]["Arn"]
        except ClientError as error:
            if error_code(error) not in {"AccessDenied", "NoSuchEntity"}:
                raise
            # Most roles have no path, and the simulator refuses an ARN it does not know.
            return f"arn:{partition}:iam::{account}:role/{name}"


_TASKS = (AUDIT, DELETE, UNLOCK_BUCKET, UNLOCK_QUEUE)
_REDRIVE = (
    "sqs:GetQueueAttributes",
    "sqs:ReceiveMessage",
    "sqs:SendMessage",
    "sqs:DeleteMessage",
    "sqs:StartMessageMoveTask",
    "sqs:ListMessageMoveTasks",
)


@dataclass(frozen=True)
class _Need:
    """What a command needs: the same actions on each resource. name: of the policy that allows them all."""

    name: str
    purpose: str
    actions: Sequence[str]
    resources: Sequence[str]


def permissions(context: DoctorContext) -> Iterable[Result]:
    """Say for which commands the caller lacks a permission, and which."""
    may = SimulatedPermissions.of(context.session, context.caller.arn)
    yield from _root_sessions(context, may)
    lacking: dict[str, bool] = {}
    try:
        for need in _needs(context):
            actions = may.denied(need.actions, need.resources)
            lacking[need.purpose] = lacking.get(need.purpose, False) or bool(actions)
            if actions:
                # All of it: the policy may be there already with some.
                remedy = may.granting(_policy(context, need.name), need.actions, need.resources)
                yield wrong(f"{need.purpose} needs {', '.join(actions)}", remedy=remedy)
    except CallRefused:
        # Which key the queues have is the one thing that is asked here.
        lacking["redrive"] = True
        raise
    finally:
        allowed = [purpose for purpose, lacks in lacking.items() if not lacks]
        if allowed:
            yield ok(f"you may: {', '.join(allowed)}")


def _root_sessions(context: DoctorContext, may: SimulatedPermissions) -> Iterator[Result]:
    partition = context.caller.arn.split(":")[1]
    root = [f"arn:{partition}:iam::{context.caller.account}:root"]
    lacking = [task for task in _TASKS if may.denied(["sts:AssumeRoot"], root, _for_task(partition, task))]
    if not lacking:
        yield ok("you may open root sessions with your own credentials")
        return
    functions = _functions(context.hub, partition, context.caller.account)
    if may.denied(["lambda:InvokeFunction"], functions):
        yield wrong(
            f"you may neither open root sessions ({', '.join(lacking)}) nor ask the hub's functions to",
            remedy=may.granting(_policy(context, "functions"), ["lambda:InvokeFunction"], functions),
        )
    else:
        yield ok("you may have the hub open root sessions: audit, harden, unlock and restore do")


def _policy(context: DoctorContext, need: str) -> str:
    return f"{context.session.name_prefix}rootctl-{need}"


def _for_task(partition: str, task: str) -> Mapping[str, str]:
    return {"sts:TaskPolicyArn": task_policy_arn(partition, task)}


def _functions(hub: Hub, partition: str, account: str) -> list[str]:
    names = [hub.outputs[function] for function in Function if function in hub.outputs]
    place = f"arn:{partition}:lambda:{hub.session.region}:{account}:function"
    return [f"{place}:{name}:{Caller.PERSON}" for name in names]


def _needs(context: DoctorContext) -> Iterator[_Need]:
    hub, account, partition = context.hub, context.caller.account, context.caller.arn.split(":")[1]
    region, bucket = hub.session.region, hub.output("EvidenceBucketName")
    urls = [url for each in FunctionQueues.of(hub) for url in each.urls]
    queues = [f"arn:{partition}:sqs:{region}:{account}:{url.rpartition('/')[2]}" for url in urls]
    yield _Need("report-objects", "report", ["s3:GetObject"], [f"arn:{partition}:s3:::{bucket}/reports/*"])
    # Without it S3 says AccessDenied of a report that is not there yet.
    yield _Need("report-list", "report", ["s3:ListBucket"], [f"arn:{partition}:s3:::{bucket}"])
    yield _Need("redrive-queues", "redrive", _REDRIVE, queues)
    bus = f"arn:{partition}:events:{region}:{account}:event-bus/{hub.output('BusName')}"
    yield _Need("test-alert-bus", "test-alert", ["events:PutEvents"], [bus])
    table = f"arn:{partition}:dynamodb:{region}:{account}:table/{hub.output('StateTableName')}"
    yield _Need("test-alert-record", "seeing a test alert leave", ["dynamodb:GetItem"], [table])
    # Last: who may not look at queues does not learn which key it is.
    yield _Need(
        "redrive-key",
        "redrive",
        ["kms:Decrypt", "kms:GenerateDataKey"],
        [_queues_key(context.session, urls[0])],
    )


def _queues_key(session: AwsSession, url: str) -> str:
    with refusals():
        found = session.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["KmsMasterKeyId"])
    return str(found["Attributes"]["KmsMasterKeyId"])


_ANOTHER = "rootctl doctor --profile NAME"


def caller(context: DoctorContext) -> Iterable[Result]:
    """Say who AWS takes the caller for."""
    who = context.caller
    if who.arn.endswith(":root"):
        yield wrong(
            f"you are the root user of {who.account}: root can open no root session, and alerts",
            remedy=_ANOTHER,
        )
        return
    yield ok(who.arn)
    if context.management is context.session or context.is_management:
        return
    yield unknown(
        f"--management-profile leads to {context.management_caller.account},"
        f" not to the management account {context.organization.management_account_id}",
        remedy=ASK_THERE,
    )


def hub(context: DoctorContext) -> Iterable[Result]:
    """Say whether the hub is where the caller looks, and its stack is not amid an update."""
    where = f"{context.caller.account}, {context.session.region}"
    try:
        found = context.hub
    except NoHub as missing:
        yield wrong(str(missing), remedy="rootctl doctor --profile NAME --region REGION, or make deploy")
        return
    if found.status.endswith("_COMPLETE"):
        rolled_back = found.status == "UPDATE_ROLLBACK_COMPLETE"
        yield ok(f"the hub is in {where}{'; its last update was rolled back' if rolled_back else ''}")
        return
    judge = unknown if found.status.endswith("_IN_PROGRESS") else wrong
    events = f"aws cloudformation describe-stack-events --region {context.session.region}"
    yield judge(
        f"the hub in {where} is {found.status}: it may lack what its last deployment brings. Its events"
        " say why; then make deploy",
        remedy=as_caller(f"{events} --stack-name {found.name}"),
    )
