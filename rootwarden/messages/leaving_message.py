"""The words for `Account Left Organization`."""

from rootwarden.leaving import AccountLeft, Leaving
from rootwarden.messages.commands import invite
from rootwarden.messages.hardening_message import named, removed_in_words
from rootwarden.messages.message import ACCOUNT_LEAVES, Message

_DEPARTED = "Nothing here reaches its root user any more: check that this was meant to be."
_BACK = "If it was not, with credentials of the management account: "
_CLEANED_UP = ("Nothing, if the closing was meant to be.",)
_CLOSED = ("Nothing, if this was meant to be. AWS keeps a closed account for 90 days.",)


def departure_message(outcome: AccountLeft, _region: str) -> Message:
    """Compose the message."""
    cleaned = outcome.is_cleaned_up
    departed = outcome.how is Leaving.DEPARTED and not cleaned
    steps: tuple[str, ...] = _CLEANED_UP if cleaned else _CLOSED
    if departed:
        steps = (_DEPARTED, f"{_BACK}{invite(outcome.account.account_id or 'ACCOUNT')}")
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
    return Message(
        severity=outcome.weighed(),
        account=outcome.account,
        headline="left the organization" if departed else "closed",
        happened=_happened(outcome),
        done=removed_in_words(outcome)
        + "Forgot its posture, its recovery window and the progress of its hardening.",
        facts=tuple(facts),
        next_steps=steps,
        links=(),
        entry=ACCOUNT_LEAVES,
    )


def _happened(outcome: AccountLeft) -> str:
    if outcome.is_cleaned_up:
        return "The account was closed 90 days ago; now AWS has taken it out of the organization."
    if outcome.how is Leaving.DEPARTED:
        return "The account left the organization."
    return "The account was closed."
