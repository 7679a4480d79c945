"""Whether the rules of EventBridge are still as deployed: the hub's and the management account's."""

from collections.abc import Iterable

from lambdas.adapters.event_rules import EventRules
from lambdas.domain.coverage.rules import RuleGroup, RuleProblem
from lambdas.domain.event_fields import MalformedEvent
from rootctl.alert_channels import settings_of
from rootctl.aws import AwsSession
from rootctl.checks.result import Result, ok, unknown, wrong
from rootctl.checks.surroundings import Surroundings

_BUS, _MANAGEMENT = "BUS_RULES", "MANAGEMENT_RULES"
_AGAIN = "Put it back as docs/runbook.md, A rule is not as deployed, says."


def rules(surroundings: Surroundings) -> Iterable[Result]:
    """Say which rules are gone, disabled or changed, here and in the management account."""
    hub = surroundings.hub
    deployed = settings_of(surroundings.session, hub.output("WriteReportFunction"))
    try:
        bus = RuleGroup.read_all(deployed.get(_BUS, "[]"))
        management = RuleGroup.read_all(deployed.get(_MANAGEMENT, "[]"))
    except MalformedEvent as malformed:
        yield unknown(str(malformed), mend="Deploy the hub again (make deploy).")
        return
    yield from _looked_at(surroundings.session, bus, "the hub's bus")
    if surroundings.is_management:
        yield from _looked_at(surroundings.management, management, "the management account")
    else:
        yield unknown(
            "only the management account sees its own forwarding rules",
            mend="rootctl doctor --management-profile NAME",
        )


def _looked_at(session: AwsSession, groups: tuple[RuleGroup, ...], where: str) -> Iterable[Result]:
    if not groups:
        yield unknown(f"the rules of {where} as deployed are not known", mend="Deploy again (make deploy).")
        return
    problems = EventRules(lambda region: session.client("events", region=region)).problems(groups)
    for problem in problems:
        yield wrong(f"{where}: {problem}", mend=_mend(problem))
    if not problems:
        count = sum(len(group.rules) * len(group.regions) for group in groups)
        yield ok(f"all {count} rules of {where} are there, enabled and as deployed")


def _mend(problem: RuleProblem) -> str:
    if problem.rule and problem.is_disabled:
        return (
            f"aws events enable-rule --region {problem.region} --event-bus-name {problem.bus}"
            f" --name {problem.rule}"
        )
    return _AGAIN
