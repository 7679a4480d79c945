"""The words for `Test Alert`."""

from lambdas.domain.activity.severity import Severity
from lambdas.domain.alert_test import AlertTest
from lambdas.domain.messages.announcement import Announcement


def announce_test(test: AlertTest) -> Announcement:
    """Compose the announcement."""
    return Announcement(
        severity=Severity.INFO,
        account=test.account,
        headline="test alert",
        happened=f"{test.requested_by} asked for a test alert. Nothing happened in any account.",
        done="Sent this message through every channel that is configured, the way real alerts go.",
        facts=(
            ("Asked for", f"{test.occurred_at:%Y-%m-%d %H:%M:%S} UTC"),
            ("By", test.requested_by),
            ("Hub", str(test.account)),
        ),
        next_steps=(
            "Nothing: that you can read this shows that alerts reach you here.",
            "If another channel stays silent, run rootctl doctor: it says which are not confirmed.",
        ),
        links=(),
    )
