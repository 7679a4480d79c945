"""The words for what did not alert on its own."""

from lambdas.domain.activity.outcomes import ActivitySummary
from lambdas.domain.messages.announcement import Announcement
from lambdas.domain.messages.console_links import organizations_account


def alerted_in_words(summary: ActivitySummary) -> str:
    """Say how many events of a burst alerted, and which."""
    if summary.alerted <= 1:
        return "Only the first alerted on its own. All are in CloudTrail."
    return (
        f"{summary.alerted} of them alerted on their own: the first, and each that was worse or a "
        "different grave act. All are in CloudTrail."
    )


def announce_overflow(summary: ActivitySummary, region: str) -> Announcement:
    """Compose the announcement of alerts beyond those that an account may cause in a while."""
    more, severity = summary.count - summary.alerted, summary.highest
    since, until = f"{summary.first_at:%H:%M:%S}", f"{summary.last_at:%H:%M:%S}"
    account_id = summary.account.account_id
    link = ("The account in Organizations", organizations_account(region, account_id or ""))
    return Announcement(
        severity=severity,
        account=summary.account,
        headline=f"and {more} more root activities of severity {severity}",
        happened=(
            f"Between {since} and {until} UTC this account caused {summary.alerted} alerts of severity "
            f"{severity}, and {more} more events like them, by several callers or from several addresses."
        ),
        done=f"These {more} events got no message of their own. Graver ones did. All are in CloudTrail.",
        facts=(("Alerts sent", str(summary.alerted)), ("Events without a message", str(more))),
        next_steps=(
            "Find in the account's CloudTrail events who calls so often, and stop that.",
            "Look at what else happened in these minutes: many small alerts may hide a grave one.",
        ),
        links=(link,) if account_id else (),
    )
