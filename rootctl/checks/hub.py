"""Whether the hub works: rules, queues, sweeps and what these take, and who gets alerts."""

import json
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from rootctl.alert_channels import AlertChannel, alert_channels
from rootctl.aws import AwsSession, region_of
from rootctl.checks.context import DoctorContext, Result, hidden, ok, unknown, wrong
from rootctl.output import ago, counted, read_json
from rootctl.printed_commands import as_caller
from rootctl.queues import FunctionQueues, waiting
from rootwarden.aws.clients import refusals
from rootwarden.aws.deployed import EventRules
from rootwarden.coverage.rules import DeployedRules, RuleGroup, RuleProblem
from rootwarden.events import Fields, MalformedEvent
from rootwarden.report.deployment_checks import Subscription

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

# Where the sweep's state machine keeps what it hands to the function that writes the report.
_RULES = ("States", "WriteReport", "Parameters", "Payload", "rules")
_BATCHES_AT_ONCE = ("States", "AuditAccounts", "MaxConcurrency")
# What the queues' functions take in a busy minute.
_BESIDE_A_SWEEP = 20
# Lambda's concurrent executions, as Service Quotas names it.
_QUOTA = "L-B99A9384"
_AGAIN = "Put it back as docs/runbook.md, A rule is not as deployed, says."
_SCHEDULES = "ScheduleDeadLetters"


def rules(context: DoctorContext) -> Iterable[Result]:
    """Say which rules are gone, disabled or changed, here and in the management account."""
    try:
        deployed = DeployedRules.from_detail(_sweep(context).object(*_RULES))
    except MalformedEvent as malformed:
        yield unknown(str(malformed), remedy="Deploy the hub again (make deploy).")
        return
    yield from _looked_at(context.session, deployed.bus, "the hub's bus")
    if context.is_management:
        yield from _looked_at(context.management, deployed.management, "the management account")
    else:
        yield hidden("its own forwarding rules")


def _sweep(context: DoctorContext) -> Fields:
    """Return the definition of the sweep's state machine; raises MalformedEvent."""
    machine = context.hub.output("SweepMachineArn")
    with refusals():
        found = context.session.client("stepfunctions").describe_state_machine(stateMachineArn=machine)
    return Fields(read_json(found["definition"], "definition"), "definition")


def functions_at_once(context: DoctorContext) -> Iterable[Result]:
    """Say whether the account may run more functions at once than a sweep does: alerts take some."""
    sweep = _sweep(context).number(*_BATCHES_AT_ONCE)
    with refusals():
        limit = context.session.client("lambda").get_account_settings()["AccountLimit"]
    most = limit["UnreservedConcurrentExecutions"]
    text = f"the account may run {most} functions at once, of which a sweep takes up to {sweep}"
    if most >= sweep + _BESIDE_A_SWEEP:
        yield ok(text)
        return
    region = context.session.region
    more = f"aws service-quotas request-service-quota-increase --region {region} --service-code lambda"
    yield wrong(
        f"{text}: alerts and hardening wait meanwhile. Have it raised, or lower sweep.max_concurrency in"
        " rootwarden.yaml, then make deploy",
        remedy=as_caller(f"{more} --quota-code {_QUOTA} --desired-value 1000"),
    )


def _looked_at(session: AwsSession, groups: tuple[RuleGroup, ...], where: str) -> Iterable[Result]:
    if not groups:
        yield unknown(f"the rules of {where} as deployed are not known", remedy="Deploy again (make deploy).")
        return
    problems = EventRules(lambda region: session.client("events", region=region)).problems(groups)
    for problem in problems:
        yield wrong(f"{where}: {problem}", remedy=_remedy(problem))
    if not problems:
        count = sum(len(group.rules) * len(group.regions) for group in groups)
        yield ok(f"all {count} rules of {where} are there, enabled and as deployed")


def _remedy(problem: RuleProblem) -> str:
    if problem.rule and problem.is_disabled:
        return (
            f"aws events enable-rule --region {problem.region} --event-bus-name {problem.bus}"
            f" --name {problem.rule}"
        )
    return _AGAIN


def queues(context: DoctorContext) -> Iterable[Result]:
    """Say how deep each queue is, and name those whose dead letters wait."""
    client = context.session.client("sqs")
    depths = []
    for each in FunctionQueues.of(context.hub):
        given_up, undelivered = (waiting(client, url) for url in (each.dead_letters, each.undelivered))
        depths.append(f"{each.function} {waiting(client, each.queue)}")
        remedy = f"rootctl redrive {each.function}"
        if given_up:
            yield wrong(
                f"{each.function} gave up {counted(given_up, 'message')}, and they still wait", remedy=remedy
            )
        if undelivered:
            text = f"{counted(undelivered, 'event')} never reached {each.function}, and still waits"
            yield wrong(text, remedy=remedy)
    yield from _schedules(context, client)
    yield ok(f"messages waiting: {', '.join(depths)}")


def _schedules(context: DoctorContext, client: "SQSClient") -> Iterator[Result]:
    """Name schedules that could not start what they should: sweeps, and the ends of recovery windows."""
    hub = context.hub
    urls = Fields(read_json(hub.output(_SCHEDULES), _SCHEDULES), _SCHEDULES)
    start = _start(hub.output("SweepMachineArn"))
    # The messages may be all that tells of what is still to be done, so a person removes them afterwards.
    remedies = {
        "sweep": ("Start one, then remove the messages (docs/runbook.md, NotStarted)", start),
        "recovery": (
            "Close what is overdue, then remove the messages (docs/runbook.md, NotClosed)",
            "rootctl recovery list",
        ),
    }
    for schedule, (what_to_do, remedy) in remedies.items():
        count = waiting(client, urls.text(schedule))
        if count:
            failed = f"{counted(count, 'start')} by the {schedule} schedule failed"
            yield wrong(f"{failed}. {what_to_do}", remedy=remedy)


def _start(machine: str) -> str:
    return as_caller(
        f"aws stepfunctions start-execution --region {region_of(machine)} --state-machine-arn {machine}"
    )


def last_sweep(context: DoctorContext) -> Iterable[Result]:
    """Say when the last sweep ended, and how; what its end says is part of it."""
    hub = context.hub
    machine, longest = hub.output("SweepMachineArn"), int(hub.output("SweepMissedAfterHours"))
    client = context.session.client("stepfunctions")
    start = _start(machine)
    with refusals():
        pages = client.get_paginator("list_executions").paginate(stateMachineArn=machine)
        executions = (each for page in pages for each in page["executions"])
        last = next((each for each in executions if each["status"] != "RUNNING"), None)
        cause = client.describe_execution(executionArn=last["executionArn"]) if last else {}
    if last is None:
        yield wrong("no sweep was ever completed", remedy=start)
        return
    yield _judged_sweep(last, cause, at=context.clock(), longest=timedelta(hours=longest), start=start)


def _judged_sweep(
    last: dict[str, Any], cause: dict[str, Any], *, at: datetime, longest: timedelta, start: str
) -> Result:
    age = at - last["stopDate"]
    said = f"the last sweep, {last['name']}, ended {ago(age)} ago"
    if last["status"] != "SUCCEEDED":
        why = ": ".join(word for word in (cause.get("error"), cause.get("cause")) if word)
        return wrong(
            f"{said} as {last['status']}{f' ({why})' if why else ''}, without a report", remedy=start
        )
    if too_early := _not_yet(cause.get("output", "")):
        return wrong(f"{said} before there was anything to sweep: {too_early}", remedy="make deploy")
    if age > longest:
        hours = int(longest.total_seconds() // 3600)
        return wrong(f"{said}: that is more than {hours} hours", remedy=start)
    return ok(f"{said}, {_sweep_result(cause.get('output', ''))}")


def _not_yet(output: str) -> str | None:
    """Say why a sweep could not begin, where it could not."""
    try:
        why = json.loads(output).get("notYet")
    except (ValueError, AttributeError):
        return None
    return str(why) if why else None


def _sweep_result(output: str) -> str:
    """Say what the sweep itself answered."""
    try:
        totals = json.loads(output)["totals"]
        return f"with {totals['accounts']} accounts, of which {totals['needsAttention']} need attention"
    except (ValueError, KeyError, TypeError):
        return "with a report"


def subscriptions(context: DoctorContext) -> Iterable[Result]:
    """Name each address that is not subscribed or not confirmed; say so where no alert reaches anyone."""
    channels = alert_channels(context.hub)
    for each in channels:
        if each.remedy and each.is_confirmed is False:
            text = f"{each.address} ({each.kind}) {_lacks(each)}: nothing is sent there"
            yield wrong(text, remedy=each.remedy)
    reached = [each for each in channels if each.is_confirmed is not False]
    if reached:
        yield ok("alerts go to " + ", ".join(f"{each.address} ({each.kind})" for each in reached))
    else:
        yield wrong("alerts reach no one", remedy='add "alert_emails" in rootwarden.yaml, then make deploy')


def _lacks(channel: AlertChannel) -> str:
    if channel.stands is Subscription.PENDING:
        return "has not confirmed the subscription"
    return "is in alert_emails and not subscribed"
