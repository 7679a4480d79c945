"""Whether alerts reach people."""

from collections.abc import Iterable

from rootctl.alert_channels import alert_channels
from rootctl.checks.result import Result, ok, wrong
from rootctl.checks.surroundings import Surroundings


def subscriptions(surroundings: Surroundings) -> Iterable[Result]:
    """Name who has not confirmed a subscription, and say so where nobody would hear anything."""
    channels = alert_channels(surroundings.hub)
    for each in channels:
        if each.is_confirmed is False:
            asks = f"{each.mend}  # asks again by {each.kind}"
            yield wrong(
                f"{each.address} has not confirmed the subscription: nothing is sent there", mend=asks
            )
    reached = [each for each in channels if each.is_confirmed is not False]
    if reached:
        yield ok("alerts go to " + ", ".join(f"{each.address} ({each.kind})" for each in reached))
    else:
        yield wrong("alerts reach nobody", mend='add "alert_emails" in cdk.json, then make deploy')
