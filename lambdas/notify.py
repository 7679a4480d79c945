"""notify: an outcome event → an e-mail, and a chat message where chat is configured."""

from rootwarden.aws.function import BatchAnswer, Context, Event, logger, made_once, process_messages
from rootwarden.aws.notifications import Notifications

_function = made_once(Notifications.from_environment)


def _handle(body: str, _attempt: int, _is_last: bool) -> None:  # noqa: FBT001 - the queue's order
    _function().handle(body)


@logger.inject_lambda_context(clear_state=True)
def handler(event: Event, context: Context) -> BatchAnswer:
    """Send the outcomes in the messages to people; report the messages to try again."""
    return process_messages(event, context, handle=_handle, settings=_function().settings)
