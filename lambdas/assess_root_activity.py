"""assess_root_activity: a CloudTrail record of root activity → an alert, or a reason for none."""

from rootwarden.aws.function import BatchAnswer, Context, Event, logger, made_once, process_messages
from rootwarden.aws.root_activity import RootActivity

_function = made_once(RootActivity.from_environment)


def _handle(body: str, attempt: int, _is_last: bool) -> None:  # noqa: FBT001 - the queue's order
    _function().handle(body, attempt)


def _handle_collected(body: str, attempt: int, _is_last: bool) -> None:  # noqa: FBT001 - as above
    _function().handle(body, attempt, is_collected=True)


@logger.inject_lambda_context(clear_state=True)
def handler(event: Event, context: Context) -> BatchAnswer:
    """Assess the records in the messages; report the messages to try again."""
    settings = _function().settings
    return process_messages(
        event,
        context,
        handle=_handle,
        handle_collected=_handle_collected,
        comes_first=RootActivity.comes_first,
        settings=settings,
        more_queue_urls=[settings.refused_sessions_queue_url],
    )
