"""close_recovery: a recovery window's end has come, somebody closes it, or it is found overdue.

A person's {"account", "requestedBy"} closes one window, with "until" only the one that ends then; {"list":
true} closes none. A schedule's {"account", "until"} closes the window that ends then. {"overdue": true}, of a
schedule or a sweep, closes all whose time is over.
"""

from rootwarden.aws.function import Answer, Caller, Event, entry_point_for, logger, made_once
from rootwarden.aws.recovery import RecoveryClosing
from rootwarden.requests import answered

_function = made_once(RecoveryClosing.from_environment)


@entry_point_for(Caller.PERSON, Caller.SCHEDULE, Caller.SWEEP)
def handler(event: Event, caller: Caller) -> Answer:
    """Close recovery windows, or list them; raises NotClosed where no person would read the answer."""
    answer = answered(event, lambda asked: _function().handle(asked, caller=caller))
    logger.info("recovery windows closed or listed", asked=event, caller=caller, answer=answer)
    _function().heed(answer, event, caller)
    return answer
