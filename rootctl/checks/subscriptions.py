"""Whether alerts reach people."""

from collections.abc import Iterable

from lambdas.domain.report.alert_subscriptions import Subscription
from rootctl.alert_channels import Channel, alert_channels
from rootctl.checks.result import Result, ok, wrong
from rootctl.checks.surroundings import Surroundings


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
