"""open_recovery: a request to allow root password recovery for some hours → a window with a certain end."""

from rootwarden.aws.function import Answer, Caller, Event, entry_point_for, logger, made_once
from rootwarden.aws.recovery import RecoveryOpening
from rootwarden.requests import answered

_function = made_once(RecoveryOpening.from_environment)


@entry_point_for(Caller.PERSON)
def handler(event: Event, _caller: Caller) -> Answer:
    """Open a recovery window, or say why not."""
    answer = answered(event, _function().handle)
    logger.info("recovery window asked for", asked=event, answer=answer)
    return answer
