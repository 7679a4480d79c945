"""Who asked for an automation and who approved it, read from ARNs and decisions."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from rootwarden.events import Fields, MalformedEvent
from rootwarden.requests import RequestRefused

EXECUTION_ID = "automationExecutionId"
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class ApprovalCode(StrEnum):
    """Why a request counts as not approved."""

    REQUIRED = "ApprovalRequired"
    NOT_GIVEN = "NotApproved"
    ANOTHER_REQUEST = "AnotherRequestApproved"
    SAME_PERSON = "ApprovedByTheSamePerson"
    USED = "ApprovalUsed"
    UNCLEAR = "ApprovalUnclear"


class NotApproved(RequestRefused):
    """When a request needs a second person's approval and does not have it."""


def execution_id(request: Fields) -> str:
    """Return the id of the execution a request says approves it; raises NotApproved and MalformedEvent."""
    if not request.has(EXECUTION_ID):
        text = "this needs a second person's approval: start the automation instead (docs/approval.md)"
        raise NotApproved(ApprovalCode.REQUIRED, text)
    found = request.text(EXECUTION_ID)
    if not _UUID.fullmatch(found):
        raise MalformedEvent(EXECUTION_ID, "the id of an automation's execution", found)
    return found


_ARN = re.compile(
    r"arn:aws[\w-]*:"
    r"(?:iam::(?P<account>\d{12}):(?P<kind>user|role)/(?:[!-~]+/)?(?P<name>[\w+=,.@-]+)"
    r"|sts::(?P<session_account>\d{12}):assumed-role/(?P<role>[\w+=,.@-]+)/(?P<session>[\w+=,.@-]+))",
    re.ASCII,
)
# Roles of IAM Identity Center. Only there is a session's name the person's user name, not a free choice.
_IDENTITY_CENTER = "AWSReservedSSO_"
# Service-linked roles, which no person can take.
_OF_A_SERVICE = "AWSServiceRoleFor"


class PrincipalKind(StrEnum):
    """What acts."""

    USER = "user"
    ROLE = "role"


@dataclass(frozen=True, kw_only=True)
class Principal:
    """A user, a role's session, or a role of which the session is not known (None)."""

    arn: str
    account: str
    kind: PrincipalKind
    name: str
    session: str | None = None

    @property
    def is_identity_center(self) -> bool:
        """Whether this is somebody signed in through IAM Identity Center."""
        return self.kind is PrincipalKind.ROLE and self.name.startswith(_IDENTITY_CENTER)


def parse_principal(text: str) -> Principal | None:
    """Return the user or role that an ARN names; None for anything else, such as root or a service's role."""
    found = _ARN.fullmatch(text)
    if found is None or (found["role"] or found["name"]).startswith(_OF_A_SERVICE):
        return None
    if found["session"]:
        return Principal(
            arn=text,
            account=found["session_account"],
            kind=PrincipalKind.ROLE,
            name=found["role"],
            session=found["session"],
        )
    kind = PrincipalKind(found["kind"])
    return Principal(arn=text, account=found["account"], kind=kind, name=found["name"])


def could_be_one_person(one: Principal, other: Principal) -> bool:
    """Tell whether the same person could be behind both; in doubt they could."""
    if PrincipalKind.USER in (one.kind, other.kind):
        return one.arn.casefold() == other.arn.casefold()
    if one.is_identity_center and other.is_identity_center:
        # The same user name is the same person, whichever role was taken.
        return not one.session or not other.session or one.session.casefold() == other.session.casefold()
    return (one.account, one.name.casefold()) == (other.account, other.name.casefold())


_APPROVING = frozenset({"approve", "approved"})
_REJECTING = frozenset({"deny", "denied", "reject", "rejected", "revoke", "revoked"})

Decision = Sequence[str]


class UnclearDecisions(Exception):
    """When decisions cannot be read as approvals by somebody in particular."""


def approvers(texts: Sequence[str]) -> tuple[Principal, ...]:
    """Return who approved, at least one; raises UnclearDecisions."""
    found = tuple(_approver(decision) for text in texts for decision in _decisions(_parsed(text)))
    if not found:
        raise UnclearDecisions("no decision is there")
    return found


def _parsed(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UnclearDecisions("a decision is not JSON") from error


def _decisions(value: object) -> Iterator[Decision]:
    """Return the texts of each decision in a JSON value."""
    match value:
        case list():
            for item in value:
                yield from _decisions(item)
        case dict() if value and all(parse_principal(key) for key in value):
            for arn, decision in value.items():
                yield [arn, *_texts(decision)]
        case dict():
            yield _texts(value)
        case _:
            raise UnclearDecisions("a decision is not an object")


def _texts(decision: object) -> list[str]:
    members = decision.values() if isinstance(decision, Mapping) else [decision]
    return [member for member in members if isinstance(member, str)]


def _approver(decision: Decision) -> Principal:
    words = {text.strip().casefold() for text in decision}
    if not words & _APPROVING or words & _REJECTING:
        raise UnclearDecisions("a decision does not approve")
    principals = [principal for text in decision if (principal := parse_principal(text.strip()))]
    if len(principals) != 1:
        raise UnclearDecisions("a decision names no user or role, or several")
    return principals[0]
