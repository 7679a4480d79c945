"""What forget_account would do."""

from collections.abc import Callable
from datetime import datetime

from lambdas.domain.envelope import Envelope
from lambdas.domain.leaving.leaving import read_departure
from rootctl.explain.explanation import Explanation
from rootctl.explain.knowledge import Knowledge
from rootctl.explain.routing import Taker

_FUNCTION = Taker.FORGET_ACCOUNT.value


def explain_leaving(envelope: Envelope, knowledge: Knowledge, _clock: Callable[[], datetime]) -> Explanation:
    """Explain an event that tells of an account's end; raises MalformedEvent."""
    departure = read_departure(envelope, knowledge.management(envelope.account_id))
    if departure is None:
        return Explanation(function=_FUNCTION, would="nothing", because="the account could not be closed")
    account = departure.account_id
    if knowledge.is_done("LEFT", departure.work):
        because = "this was said before"
        return Explanation(
            function=_FUNCTION, would="skip it as a duplicate", because=because, account=account
        )
    method = f" ({departure.method})" if departure.method else ""
    return Explanation(
        function=_FUNCTION,
        would="forget its posture, its recovery window and the progress of its hardening, and say so",
        because=f"the account is {departure.how}{method}",
        account=account,
        told="that the account is gone, with what was last known of it",
    )
