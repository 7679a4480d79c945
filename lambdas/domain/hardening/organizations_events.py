"""How Organizations announces accounts: service events, and the call that accepts an invitation.

Where a shape is not confirmed by AWS's documentation (AccountJoinedOrganization), the account id is
searched for rather than expected.
"""

from lambdas.domain.event_fields import Fields, MalformedEvent
from lambdas.domain.hardening.account_ids import only_account_id
from lambdas.domain.hardening.reading import Ours, Reading, account_id_at, finished, skipped
from lambdas.domain.hardening.skip_reasons import SkipReason


def create_account_result(detail: Fields, _ours: Ours) -> Reading:
    """Read the end of an account's creation."""
    return finished(detail.object("serviceEventDetails", "createAccountStatus"), "accountId")


def account_joined(detail: Fields, ours: Ours) -> Reading:
    """Read that an account joined, created or invited."""
    return Reading(account_id=only_account_id(detail, ours.management_account_id))


def accept_handshake(detail: Fields, ours: Ours) -> Reading:
    """Read that a handshake was accepted, which may be about something else than joining."""
    error = detail.optional_text("errorCode")
    if error:
        return skipped(SkipReason.CREATION_FAILED, f"the invitation was not accepted: {error}")
    handshake = detail.object("responseElements", "handshake")
    action = handshake.optional_text("action")
    if action not in {"INVITE", None}:
        return skipped(SkipReason.NOT_A_JOIN, f"the handshake was about {action}")
    if handshake.text("state") != "ACCEPTED":
        return skipped(SkipReason.NOT_FINISHED, f"the handshake is {handshake.text('state')}")
    arn = handshake.optional_text("arn") or ""
    if arn and f"/{ours.organization_id}/" not in arn:
        text = f"the handshake {arn} belongs to another organization than {ours.organization_id}"
        return skipped(SkipReason.FOREIGN_ORGANIZATION, text)
    for party in handshake.objects("parties"):
        if party.optional_text("type") == "ACCOUNT":
            return Reading(account_id=account_id_at(party, "id"))
    raise MalformedEvent(f"{handshake.path}.parties", "a party of type ACCOUNT", None)
