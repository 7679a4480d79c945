"""harden_account: an event that announces an account, or a person's request → hardened → an outcome event."""

from rootwarden.aws.account_hardening import AccountHardening
from rootwarden.aws.clients import DEADLINE, logger
from rootwarden.aws.function import BatchAnswer, Context, Event, made_once, not_by_alias, process_messages
from rootwarden.contract.functions import Caller, caller_of
from rootwarden.requests import Answer, answered

_function = made_once(AccountHardening.from_environment)


@logger.inject_lambda_context(clear_state=True)
def handler(event: Event, context: Context) -> BatchAnswer | Answer:
    """Harden the accounts that messages announce and report those to try again; or answer a request."""
    function, caller = _function(), caller_of(context.invoked_function_arn)
    if caller is Caller.QUEUE:
        return process_messages(event, context, handle=function.handle, settings=function.settings)
    if caller is not Caller.PERSON:
        return not_by_alias(Caller.PERSON)
    DEADLINE.begin(context)
    answer = answered(event, lambda asked: function.answer(asked, request_id=context.aws_request_id))
    logger.info("hardening asked for", asked=event, answer=answer)
    return answer
