"""close_recovery: a recovery window's end has come, somebody closes it, or a sweep finds it overdue.

{"account", "closedBy"} closes one window, {"overdue": true} all whose time is over, {"list": true} none.
"""

from rootwarden.aws.function import Event, entry_point, logger, made_once
from rootwarden.aws.recovery import RecoveryClosing
from rootwarden.recovery.requests import is_from_schedule
from rootwarden.requests import Answer, answered

_function = made_once(RecoveryClosing.from_environment)


class NotClosed(Exception):
    """When a schedule's window was not closed, so that Lambda tries again and an alarm follows at last."""


@entry_point
def handler(event: Event) -> Answer:
    """Close recovery windows, or list them; raises NotClosed where no person would read the answer."""
    answer = answered(event, _function().handle)
    logger.info("recovery windows closed or listed", asked=event, answer=answer)
    if is_from_schedule(event) and answer["result"] in {"refused", "failed"}:
        raise NotClosed(str(answer["reason"]))
    return answer
