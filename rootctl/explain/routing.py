"""Which functions get an event, as the rules of the hub and of the forwarding accounts decide it.

rootwarden/contract/event_patterns.py holds those rules; a test compares the two for every sample event.
"""

from collections.abc import Iterator
from enum import StrEnum

from rootwarden.accounts import AccountId
from rootwarden.activity.watch import ANOMALY, concerns_the_watch, read_record
from rootwarden.aws.sqs import DETAIL_TYPE as BURST_ENDED
from rootwarden.event_fields import MalformedEvent
from rootwarden.events import Envelope, acting_service, is_root
from rootwarden.hardening.announcement import announces
from rootwarden.outcomes import SOURCE

_LEAVING = ("CloseAccountResult", "AccountDepartedOrganization")
_CALL = "AWS API Call via CloudTrail"
_CONSOLE_ACTION = "AWS Console Action via CloudTrail"
_SIGN_IN = ("AWS Console Sign In via CloudTrail", "AWS Console Signin via CloudTrail")
_IAM = "iam.amazonaws.com"
_TRUST = (
    "EnableAWSServiceAccess",
    "DisableAWSServiceAccess",
    "RegisterDelegatedAdministrator",
    "DeregisterDelegatedAdministrator",
)


class Taker(StrEnum):
    """The functions behind the hub's bus."""

    HARDEN_ACCOUNT = "harden_account"
    FORGET_ACCOUNT = "forget_account"
    ASSESS_ROOT_ACTIVITY = "assess_root_activity"
    NOTIFY = "notify"


def takers(envelope: Envelope, management: AccountId) -> tuple[Taker, ...]:
    """Return the functions that get an event; none where no rule takes it."""
    return tuple(_takers(envelope, is_management=envelope.account_id == management))


def _takers(envelope: Envelope, *, is_management: bool) -> Iterator[Taker]:
    own = envelope.source == SOURCE
    if announces(envelope) and (own or is_management):
        yield Taker.HARDEN_ACCOUNT
    if is_management and envelope.source == "aws.organizations" and _name(envelope) in _LEAVING:
        yield Taker.FORGET_ACCOUNT
    if own:
        yield Taker.ASSESS_ROOT_ACTIVITY if envelope.detail_type == BURST_ENDED else Taker.NOTIFY
    elif (
        _is_root_activity(envelope)
        or _is_of_the_watch(envelope)
        or (is_management and _is_tampering(envelope))
    ):
        yield Taker.ASSESS_ROOT_ACTIVITY


def why_none(envelope: Envelope, management: AccountId) -> str:
    """Say what keeps every rule from taking an event."""
    detail, name = envelope.detail, _name(envelope)
    if envelope.account_id != management and (announces(envelope) or name in (*_LEAVING, *_TRUST)):
        return f"{name} counts only from the management account {management}; this is from elsewhere"
    service = detail.optional_text("requestParameters", "servicePrincipal")
    if name in _TRUST and service:
        return f"it is about {service}, not about IAM"
    invoked_by = detail.optional_text("userIdentity", "invokedBy")
    if invoked_by and acting_service(detail):
        return f"{invoked_by} made the call for the account, nobody as root"
    kind = detail.optional_text("userIdentity", "type")
    if is_root(detail) and detail.optional_text("eventType") == "AwsServiceEvent":
        return "a service tells of its own work; nobody called anything as root"
    if kind and not is_root(detail):
        return f"userIdentity.type is {kind}, not Root"
    return f"no rule is about {envelope.detail_type!r} from {envelope.source}"


def _is_root_activity(envelope: Envelope) -> bool:
    source, name, detail = envelope.source, _name(envelope), envelope.detail
    if source == "aws.signin" and envelope.detail_type in _SIGN_IN:
        return is_root(detail)
    if envelope.detail_type not in (_CALL, _CONSOLE_ACTION) or not source.startswith("aws."):
        return False
    if source == "aws.sts" and name == "AssumeRoot":
        return True
    if source == "aws.iam" and name.startswith(("EnableOrganizationsRoot", "DisableOrganizationsRoot")):
        return True
    of_a_service = detail.optional_text("eventType") == "AwsServiceEvent" or acting_service(detail)
    return is_root(detail) and not of_a_service


def _is_of_the_watch(envelope: Envelope) -> bool:
    if envelope.detail_type == ANOMALY:
        return envelope.source == "aws.signin"
    try:
        record = read_record(envelope)
    except MalformedEvent:
        return False
    return envelope.detail_type == _CALL and concerns_the_watch(record)


def _is_tampering(envelope: Envelope) -> bool:
    service = envelope.detail.optional_text("requestParameters", "servicePrincipal")
    concerns_iam = _name(envelope) in _TRUST and service == _IAM
    return concerns_iam and (envelope.source, envelope.detail_type) == ("aws.organizations", _CALL)


def _name(envelope: Envelope) -> str:
    return envelope.detail.optional_text("eventName") or ""
