"""assess_root_activity: a CloudTrail record of root activity → an alert, or a reason for none."""

from rootwarden.aws.function import BatchAnswer, Context, Event, logger, made_once, process_messages
from rootwarden.aws.root_activity import RootActivity

_function = made_once(RootActivity.from_environment)


@logger.inject_lambda_context(clear_state=True)
def handler(event: Event, context: Context) -> BatchAnswer:
    """Assess the records in the messages; report the messages to try again."""
    function = _function()
    return process_messages(
        event,
        context,
        handle=function.handle,
        comes_first=RootActivity.comes_first,
        settings=function.settings,
        more_queue_urls=[function.settings.refused_sessions_queue_url],
    )
