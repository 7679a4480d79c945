"""harden_account: an event that announces an account, or a person's request → hardened → an outcome event."""

from functools import partial

from rootwarden.aws.account_hardening import AccountHardening
from rootwarden.aws.clients import DEADLINE
from rootwarden.aws.function import logger, made_once
from rootwarden.aws.sqs import BatchAnswer, Context, Event, process_messages
from rootwarden.requests import Answer, answered

_function = made_once(AccountHardening.from_environment)


@logger.inject_lambda_context(clear_state=True)
def handler(event: Event, context: Context) -> BatchAnswer | Answer:
    """Harden the accounts that messages announce and report those to try again; or answer a request."""
    function = _function()
    if "Records" in event:
        return process_messages(event, context, handle=function.handle, settings=function.settings)
    DEADLINE.begin(context)
    answer = answered(event, partial(function.answer, request_id=context.aws_request_id))
    logger.info("hardening asked for", asked=event, answer=answer)
    return answer
