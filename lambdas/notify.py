"""notify: an outcome event → an e-mail, and a chat message where chat is configured."""

from rootwarden.aws.function import BatchAnswer, Context, Event, logger, made_once, process_messages
from rootwarden.aws.notifications import Notifications

_function = made_once(Notifications.from_environment)


@logger.inject_lambda_context(clear_state=True)
def handler(event: Event, context: Context) -> BatchAnswer:
    """Send the outcomes in the messages to people; report the messages to try again."""
    function = _function()
    return process_messages(event, context, handle=function.handle, settings=function.settings)
