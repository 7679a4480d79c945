"""The words for `Account Left Organization`."""

from rootwarden.activity.root_activity import Severity
from rootwarden.leaving import CLEANED, AccountLeft, Leaving
from rootwarden.messages.announcement import Announcement
from rootwarden.messages.hardening_announcement import named, removed_in_words

_DEPARTED = ("Nothing here reaches its root user any more: check that this was meant to be.",)
_CLEANED_UP = ("Nothing, if the closing was meant to be.",)
_CLOSED = ("Nothing, if this was meant to be. AWS keeps a closed account for 90 days.",)


def announce_departure(outcome: AccountLeft) -> Announcement:
    """Compose the announcement."""
    cleaned = outcome.method == CLEANED
    departed = outcome.how is Leaving.DEPARTED and not cleaned
    steps: tuple[str, ...] = _DEPARTED if departed else _CLEANED_UP if cleaned else _CLOSED
    if outcome.exemption_until:
        steps = (*steps, "Take the account's exemption out of rootwarden.yaml and deploy.")
    facts = [("How", outcome.method or outcome.how.value)]
    if outcome.last_seen_at:
        facts.append(("Last seen", f"{outcome.last_result}, {outcome.last_seen_at:%Y-%m-%d %H:%M} UTC"))
    facts += [(f"Removed {named(c.kind)}", c.identifier) for c in sorted(outcome.removed)]
    facts += [
        (f"May have removed {named(c.kind)}", c.identifier) for c in sorted(outcome.may_have_been_removed)
    ]
    if outcome.exemption_until:
        facts.append(("Exemption", f"configured until {outcome.exemption_until}"))
    return Announcement(
        severity=Severity.MEDIUM if departed else Severity.INFO,
        account=outcome.account,
        headline="left the organization" if departed else "closed",
        happened=_happened(outcome),
        done=removed_in_words(outcome)
        + "Forgot its posture, its recovery window and the progress of its hardening.",
        facts=tuple(facts),
        next_steps=steps,
        links=(),
    )


def _happened(outcome: AccountLeft) -> str:
    if outcome.method == CLEANED:
        return "The account was closed 90 days ago; now AWS has taken it out of the organization."
    if outcome.how is Leaving.DEPARTED:
        return "The account left the organization."
    return "The account was closed."
