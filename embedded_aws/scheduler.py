"""EventBridge Scheduler: what a schedule does when it is due, with the permissions AWS asks for."""

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial

from moto.awslambda.models import lambda_backends
from moto.scheduler.models import Schedule, ScheduleGroup, scheduler_backends
from moto.utilities.arns import parse_arn

from embedded_aws.clients import Clients
from embedded_aws.cloudformation.resource import Created, Creator, Resource
from embedded_aws.iam.roles import role_allows, trusts
from embedded_aws.lambda_.functions import Functions, alias_in, invoke_asynchronously
from embedded_aws.moto_patches import every
from embedded_aws.sqs.resources import put, queue_at

_SERVICE = "scheduler.amazonaws.com"
_ONCE = re.compile(r"at\((.+)\)")


class ScheduleError(RuntimeError):
    """When a schedule can neither do its work nor leave a dead letter."""


def fire_recurring(clients: Clients, functions: Functions) -> None:
    """Let every recurring schedule's time come once, whatever its expression says."""
    for group, schedule in list(_enabled()):
        if _due_at(schedule) is None:
            _fire(group, schedule, clients, functions)


def fire_due(clients: Clients, functions: Functions, now: datetime) -> bool:
    """Fire and delete the one-time schedules whose time has come; say whether there was any."""
    due = take_due(clients, functions, now)
    for fire in due:
        fire()
    return bool(due)


def take_due(clients: Clients, functions: Functions, now: datetime) -> list[Callable[[], None]]:
    """Return what fires each one-time schedule whose time has come; it is gone, as its target begins."""
    due = [(g, s) for at, g, s in _once() if at <= now]
    for group, schedule in due:
        del group.schedules[schedule.name]
    return [partial(_fire, group, schedule, clients, functions) for group, schedule in due]


def next_due() -> datetime | None:
    """Return when the next one-time schedule is due; None where there is none."""
    return min((at for at, *_ in _once()), default=None)


def _once() -> list[tuple[datetime, ScheduleGroup, Schedule]]:
    return [(at, g, s) for g, s in _enabled() if (at := _due_at(s)) is not None]


def _enabled() -> Iterator[tuple[ScheduleGroup, Schedule]]:
    for backend in every(scheduler_backends):
        for group in backend.schedule_groups.values():
            yield from ((group, s) for s in group.schedules.values() if s.state == "ENABLED")


def _due_at(schedule: Schedule) -> datetime | None:
    once = _ONCE.fullmatch(schedule.schedule_expression)
    if once is None:
        return None
    if schedule.schedule_expression_timezone != "UTC" or schedule.action_after_completion != "DELETE":
        raise NotImplementedError(f"{schedule.arn} is a one-time schedule in a way not known here")
    return datetime.fromisoformat(once[1]).replace(tzinfo=UTC)


def _fire(group: ScheduleGroup, schedule: Schedule, clients: Clients, functions: Functions) -> None:
    target, place = schedule.target, parse_arn(schedule.arn)
    role, given = str(target["RoleArn"]), target.get("Input", "{}")
    match parse_arn(target["Arn"]).service:
        case "states":
            action, do = "states:StartExecution", partial(_start, clients, target["Arn"], role, given)
        case "lambda":
            action, do = "lambda:InvokeFunction", partial(_invoke, functions, target["Arn"], given)
        case _:
            raise NotImplementedError(f"{schedule.arn} has a target this program does not know")
    context = {"aws:SourceAccount": place.account, "aws:SourceArn": group.arn}
    if trusts(role, _SERVICE, context) and role_allows(role, action=action, resource=target["Arn"]):
        do()
    else:
        _leave_dead_letter(schedule, role)


def _start(clients: Clients, arn: str, role: str, given: str) -> None:
    client = clients.role("stepfunctions", role, parse_arn(arn).region, session_name="scheduler")
    client.start_execution(stateMachineArn=arn, input=given)


def _invoke(functions: Functions, arn: str, given: str) -> None:
    place = parse_arn(arn)
    function = lambda_backends[place.account][place.region].get_function(arn)
    invoke_asynchronously(functions, function, json.loads(given), alias=alias_in(arn))


def _leave_dead_letter(schedule: Schedule, role: str) -> None:
    arn = schedule.target.get("DeadLetterConfig", {}).get("Arn", "")
    queue = queue_at(arn) if arn else None
    if queue is None or not role_allows(role, action="sqs:SendMessage", resource=arn):
        raise ScheduleError(f"{schedule.arn} may not do its work, and nothing takes its dead letters")
    put(queue, schedule.target.get("Input", "{}"))


def _schedule(resource: Resource) -> Created:
    settings = resource.settings(
        *("Description", "FlexibleTimeWindow", "GroupName", "ScheduleExpression", "State", "Target"),
        "ScheduleExpressionTimezone",
        besides=("Name",),
    )
    name = resource.name("Name")
    arn = resource.client("scheduler").create_schedule(Name=name, **settings)["ScheduleArn"]
    return Created(reference=name, attributes={"Arn": arn})


def _group(resource: Resource) -> Created:
    resource.expect("Name")
    name = resource.name("Name")
    arn = resource.client("scheduler").create_schedule_group(Name=name)["ScheduleGroupArn"]
    return Created(reference=name, attributes={"Arn": arn})


CREATORS: dict[str, Creator] = {
    "AWS::Scheduler::Schedule": _schedule,
    "AWS::Scheduler::ScheduleGroup": _group,
}
