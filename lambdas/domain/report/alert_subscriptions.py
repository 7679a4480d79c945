"""Who gets no alerts though the configuration says so: a mail scanner can unsubscribe anyone."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from lambdas.domain.hardening.removal import CallRefused
from lambdas.domain.report.checks import Check, CheckName, unasked
from lambdas.domain.report.controls import ControlStatus


class Subscription(StrEnum):
    """How an address stands with a topic."""

    CONFIRMED = "confirmed"
    PENDING = "pending"
    NONE = "none"


@dataclass(frozen=True, kw_only=True)
class Recipients:
    """Whom the configuration has alerts sent to, and how each address AWS knows stands."""

    configured: tuple[str, ...]
    found: Mapping[str, Subscription] | CallRefused

    def unreached(self) -> Iterator[tuple[str, Subscription]]:
        """Yield each configured address that gets nothing, and why; nothing where AWS refused to say."""
        if isinstance(self.found, CallRefused):
            return
        known = {address.lower(): subscription for address, subscription in self.found.items()}
        for address in self.configured:
            stands = known.get(address.lower(), Subscription.NONE)
            if stands is not Subscription.CONFIRMED:
                yield address, stands


def alert_subscriptions(recipients: Recipients) -> Check:
    """Check that every configured address gets alerts."""
    name = CheckName.ALERT_SUBSCRIPTIONS
    if isinstance(recipients.found, CallRefused):
        return unasked(name, recipients.found)
    if unreached := [f"{address} ({_WHY[stands]})" for address, stands in recipients.unreached()]:
        return Check(name=name, status=ControlStatus.FAIL, text=f"get no alerts: {', '.join(unreached)}")
    text = f"all {len(recipients.configured)} configured addresses are subscribed and confirmed"
    return Check(name=name, status=ControlStatus.PASS, text=text)


_WHY = {
    Subscription.PENDING: "has not confirmed the subscription",
    Subscription.NONE: "is not subscribed",
}
