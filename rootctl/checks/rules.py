"""Whether the rules of EventBridge are still as deployed: the hub's and the management account's."""

from collections.abc import Iterable

from rootctl.alert_channels import Channel, alert_channels, settings_of
from rootctl.aws import AwsSession
from rootctl.checks.surroundings import Result, Surroundings, ok, unknown, wrong
from rootwarden.aws.event_bus import EventRules
from rootwarden.coverage.rules import RuleGroup, RuleProblem
from rootwarden.event_fields import MalformedEvent
from rootwarden.report.checks import SERVICE, Check, CheckName, organization_checks
from rootwarden.report.controls import ControlStatus
from rootwarden.report.deployment_checks import Subscription

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


_ADMINISTRATOR = f"aws organizations {{}}register-delegated-administrator --service-principal {SERVICE}"
_MENDS = {
    CheckName.TRUSTED_ACCESS: f"aws organizations enable-aws-service-access --service-principal {SERVICE}",
    CheckName.ROOT_CREDENTIALS_MANAGEMENT: "aws iam enable-organizations-root-credentials-management",
    CheckName.ROOT_SESSIONS: "aws iam enable-organizations-root-sessions",
}
_ASK_THERE = "rootctl doctor --management-profile NAME"


def trusted_access(surroundings: Surroundings) -> Iterable[Result]:
    """Say whether IAM has trusted access to the organization."""
    yield _judged(surroundings, CheckName.TRUSTED_ACCESS)


def features(surroundings: Surroundings) -> Iterable[Result]:
    """Say whether both features of centralized root access are on."""
    yield _judged(surroundings, CheckName.ROOT_CREDENTIALS_MANAGEMENT)
    yield _judged(surroundings, CheckName.ROOT_SESSIONS)


def delegated_administrator(surroundings: Surroundings) -> Iterable[Result]:
    """Say whether IAM's delegated administrator is the hub's account, and nobody else is."""
    # Without the hub nobody knows who should be.
    surroundings.hub  # noqa: B018 - raises NoHub
    yield _judged(surroundings, CheckName.DELEGATED_ADMINISTRATOR)


def _judged(surroundings: Surroundings, name: CheckName) -> Result:
    hub, management = surroundings.caller.account, surroundings.organization.management_account_id
    found = organization_checks(surroundings.answers, hub=hub, management=management)
    [check] = [each for each in found if each.name is name]
    match check.status:
        case ControlStatus.PASS:
            return ok(check.text)
        case ControlStatus.FAIL:
            return wrong(
                check.text, mend=f"{_protection_remedy(surroundings, check)}  # in the management account"
            )
        case _:
            return unknown(check.text.removeprefix("could not be checked: "), mend=_ASK_THERE)


def _protection_remedy(surroundings: Surroundings, check: Check) -> str:
    if check.name is not CheckName.DELEGATED_ADMINISTRATOR:
        return _MENDS[check.name]
    hub, found = surroundings.caller.account, surroundings.answers.delegated_administrators
    registered = found if isinstance(found, frozenset) else frozenset()
    expected = frozenset() if surroundings.is_management_hub else frozenset({hub})
    commands = [
        f"{_ADMINISTRATOR.format('de')} --account-id {each}" for each in sorted(registered - expected)
    ]
    commands += [f"{_ADMINISTRATOR.format('')} --account-id {each}" for each in sorted(expected - registered)]
    return " && ".join(commands)


def subscriptions(surroundings: Surroundings) -> Iterable[Result]:
    """Name each address that is not subscribed or not confirmed; say so where no alert reaches anyone."""
    channels = alert_channels(surroundings.hub)
    for each in channels:
        if each.is_confirmed is False:
            asks = f"{each.mend}  # asks again by {each.kind}"
            yield wrong(f"{each.address} {_lacks(each)}: nothing is sent there", mend=asks)
    reached = [each for each in channels if each.is_confirmed is not False]
    if reached:
        yield ok("alerts go to " + ", ".join(f"{each.address} ({each.kind})" for each in reached))
    else:
        yield wrong("alerts reach nobody", mend='add "alert_emails" in cdk.json, then make deploy')


def _lacks(channel: Channel) -> str:
    if channel.stands is Subscription.PENDING:
        return "has not confirmed the subscription"
    return "is in alert_emails and not subscribed"
