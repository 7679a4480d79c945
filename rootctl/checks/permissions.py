"""What the caller may do, as IAM's simulator judges it, told by the commands that need it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from rootctl.checks.result import Result, ok, wrong
from rootctl.checks.simulated_permissions import SimulatedPermissions
from rootctl.checks.surroundings import Surroundings
from rootctl.hub import Function, Hub
from rootctl.queues import FunctionQueues

_TASKS = (
    "IAMAuditRootUserCredentials",
    "IAMDeleteRootUserCredentials",
    "S3UnlockBucketPolicy",
    "SQSUnlockQueuePolicy",
)
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
    """What a command needs: the same actions on each resource."""

    purpose: str
    actions: Sequence[str]
    resources: Sequence[str]


def permissions(surroundings: Surroundings) -> Iterable[Result]:
    """Say for which commands the caller lacks a permission, and which."""
    may = SimulatedPermissions.of(surroundings.session, surroundings.caller.arn)
    yield from _root_sessions(surroundings, may)
    partition = surroundings.caller.arn.split(":")[1]
    needs = list(_needs(surroundings.hub, partition, surroundings.caller.account))
    denied = [(need, may.denied(need.actions, need.resources)) for need in needs]
    for need, actions in denied:
        if actions:
            yield wrong(
                f"{need.purpose} needs {', '.join(actions)}", mend=may.granting(actions, need.resources)
            )
    allowed = [need.purpose for need, actions in denied if not actions]
    if allowed:
        yield ok(f"you may: {', '.join(allowed)}")


def _root_sessions(surroundings: Surroundings, may: SimulatedPermissions) -> Iterator[Result]:
    partition = surroundings.caller.arn.split(":")[1]
    root = [f"arn:{partition}:iam::{surroundings.caller.account}:root"]
    lacking = [task for task in _TASKS if may.denied(["sts:AssumeRoot"], root, _for_task(partition, task))]
    if not lacking:
        yield ok("you may open root sessions with your own credentials")
        return
    functions = _functions(surroundings.hub, partition, surroundings.caller.account)
    if may.denied(["lambda:InvokeFunction"], functions):
        yield wrong(
            f"you may neither open root sessions ({', '.join(lacking)}) nor ask the hub's functions to",
            mend=may.granting(["lambda:InvokeFunction"], functions),
        )
    else:
        yield ok("you may have the hub open root sessions: add --via-hub to audit, harden and unlock")


def _for_task(partition: str, task: str) -> Mapping[str, str]:
    return {"sts:TaskPolicyArn": f"arn:{partition}:iam::aws:policy/root-task/{task}"}


def _functions(hub: Hub, partition: str, account: str) -> list[str]:
    names = [hub.outputs[function] for function in Function if function in hub.outputs]
    return [f"arn:{partition}:lambda:{hub.session.region}:{account}:function:{name}" for name in names]


def _needs(hub: Hub, partition: str, account: str) -> Iterator[_Need]:
    region, bucket = hub.session.region, hub.output("EvidenceBucketName")
    urls = [url for each in FunctionQueues.of(hub) for url in each.urls]
    queues = [f"arn:{partition}:sqs:{region}:{account}:{url.rpartition('/')[2]}" for url in urls]
    yield _Need("report", ["s3:GetObject"], [f"arn:{partition}:s3:::{bucket}/reports/*"])
    yield _Need("redrive", _REDRIVE, queues)
    bus = f"arn:{partition}:events:{region}:{account}:event-bus/{hub.output('BusName')}"
    yield _Need("test-alert", ["events:PutEvents"], [bus])
    table = f"arn:{partition}:dynamodb:{region}:{account}:table/{hub.output('StateTableName')}"
    yield _Need("seeing a test alert leave", ["dynamodb:GetItem"], [table])
