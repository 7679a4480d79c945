"""EventBridge Scheduler: what a schedule does when it is due, with the permissions AWS asks for."""

from collections.abc import Iterator

from moto.scheduler.models import Schedule, ScheduleGroup, scheduler_backends
from moto.sqs.models import sqs_backends
from moto.utilities.arns import parse_arn

from local.answers.clients import Clients
from local.answers.roles import NoSuchRoleError, role_allows, trusts
from local.delivery.event_targets import queue_at

_SERVICE = "scheduler.amazonaws.com"


class ScheduleError(RuntimeError):
    """When a schedule can neither do its work nor leave a dead letter."""


def fire_schedules(clients: Clients) -> None:
    """Let every schedule's time come once, whatever its expression says."""
    for group, schedule in list(_enabled()):
        _fire(group, schedule, clients)


def _enabled() -> Iterator[tuple[ScheduleGroup, Schedule]]:
    for regions in list(scheduler_backends.values()):
        for backend in list(regions.values()):
            for group in backend.schedule_groups.values():
                yield from ((group, s) for s in group.schedules.values() if s.state == "ENABLED")


def _fire(group: ScheduleGroup, schedule: Schedule, clients: Clients) -> None:
    target, place = schedule.target, parse_arn(schedule.arn)
    if parse_arn(target["Arn"]).service != "states":
        raise NotImplementedError(f"{schedule.arn} has a target this program does not know")
    context = {"aws:SourceAccount": place.account, "aws:SourceArn": group.arn}
    role = str(target["RoleArn"])
    try:
        trusted = trusts(role, _SERVICE, context)
    except NoSuchRoleError:
        trusted = False
    if trusted and role_allows(role, action="states:StartExecution", resource=target["Arn"]):
        client = clients.role("stepfunctions", role, place.region, session_name="scheduler")
        client.start_execution(stateMachineArn=target["Arn"], input=target.get("Input", "{}"))
    else:
        _leave_dead_letter(schedule, role)


def _leave_dead_letter(schedule: Schedule, role: str) -> None:
    arn = schedule.target.get("DeadLetterConfig", {}).get("Arn", "")
    queue = queue_at(arn) if arn else None
    if queue is None or not role_allows(role, action="sqs:SendMessage", resource=arn):
        raise ScheduleError(f"{schedule.arn} may not do its work, and nothing takes its dead letters")
    backend = sqs_backends[queue.account_id][queue.region]
    backend.send_message(queue.name, schedule.target.get("Input", "{}"))
