"""forget_account: an account left or was closed → an outcome event → what was kept of it is deleted."""

from rootwarden.aws.departures import Departures
from rootwarden.aws.function import BatchAnswer, Context, Event, logger, made_once, process_messages

_function = made_once(Departures.from_environment)


@logger.inject_lambda_context(clear_state=True)
def handler(event: Event, context: Context) -> BatchAnswer:
    """Forget the accounts that the messages say left; report the messages to try again."""
    function = _function()
    return process_messages(event, context, handle=function.handle, settings=function.settings)
