"""What an automation approves: exactly what was asked, by two people, while it runs.

The automation asks for the approval and invokes the function; the function believes nothing it is told
about that, only what Systems Manager has on record of the automation.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

from rootwarden.approval.approvals import (
    EXECUTION_ID,
    ApprovalCode,
    NotApproved,
    Principal,
    UnclearDecisions,
    approvers,
    could_be_one_person,
    parse_principal,
)
from rootwarden.events import Fields, MalformedEvent
from rootwarden.requests import Approved

# What a request says besides what is to be done; requestedBy is the caller's word and decides nothing.
_NOT_APPROVED = frozenset({EXECUTION_ID, "requestedBy"})
# A document that changes is deployed under another name, so a second version is not one of ours.
_DEPLOYED_VERSION = "1"
_APPROVED = "Approved"
_RUNNING = "InProgress"


@dataclass(frozen=True, kw_only=True)
class Automation:
    """An execution of an automation, as Systems Manager has it on record.

    is_simple: started by itself and automatic, all of it seen: no step skipped, no parent, no targets, and
    no service that starts automations.
    approval: the status its approve step put out, None without such a step. decisions: likewise, as JSON.
    """

    document: str
    version: str
    status: str
    is_simple: bool
    executed_by: str
    parameters: Mapping[str, str]
    approval: str | None
    decisions: tuple[str, ...]


def check_approval(automation: Automation, request: Fields, *, document: str) -> Approved:
    """Return who approved exactly this request by the document's automation; raises NotApproved."""
    _is_ours(automation, document)
    _is_approved(automation)
    requester, approved_by = _people(automation)
    _are_different(requester, *approved_by)
    _is_the_same(automation, request)
    return Approved(requester.arn, tuple(principal.arn for principal in approved_by))


def _is_ours(automation: Automation, document: str) -> None:
    if (automation.document, automation.version) != (document, _DEPLOYED_VERSION):
        text = f"{automation.document} version {automation.version} approves nothing here, only {document}"
        raise NotApproved(ApprovalCode.ANOTHER_REQUEST, text)


def _is_approved(automation: Automation) -> None:
    if automation.approval != _APPROVED:
        text = f"the approve step says {automation.approval or 'nothing'}"
        raise NotApproved(ApprovalCode.NOT_GIVEN, text)
    if automation.status != _RUNNING or not automation.is_simple:
        how = "" if automation.is_simple else ", and runs in an unusual way"
        text = f"an approval serves its own automation while that runs; this one is {automation.status}{how}"
        raise NotApproved(ApprovalCode.USED, text)


def _people(automation: Automation) -> tuple[Principal, tuple[Principal, ...]]:
    requester = parse_principal(automation.executed_by)
    if requester is None:
        text = f"nobody can tell who asked: {automation.executed_by or 'no one'} is no person's user or role"
        raise NotApproved(ApprovalCode.UNCLEAR, text)
    try:
        return requester, approvers(automation.decisions)
    except UnclearDecisions as error:
        text = f"nobody can tell who approved: {error}"
        raise NotApproved(ApprovalCode.UNCLEAR, text) from error


def _are_different(*people: Principal) -> None:
    for one, other in combinations(people, 2):
        if could_be_one_person(one, other):
            text = f"{one.arn} and {other.arn} could be the same person"
            raise NotApproved(ApprovalCode.SAME_PERSON, text)


def _is_the_same(automation: Automation, request: Fields) -> None:
    members = request.value if isinstance(request.value, Mapping) else {}
    asked = _said({name: _as_text(name, members[name]) for name in members.keys() - _NOT_APPROVED})
    approved = _said(automation.parameters)
    if different := sorted(name for name in asked.keys() | approved if asked.get(name) != approved.get(name)):
        text = f"what was approved differs in {', '.join(different)}"
        raise NotApproved(ApprovalCode.ANOTHER_REQUEST, text)


def _as_text(name: str, value: object) -> str:
    """Return a value as the automation's parameters hold it: they are all texts."""
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case str() | int():
            return str(value)
        case _:
            raise MalformedEvent(name, "a text, a whole number, or true or false", value)


def _said(texts: Mapping[str, str]) -> dict[str, str]:
    """Leave out what says nothing: Automation may fill in defaults where nobody gave a parameter."""
    return {name: text for name, text in texts.items() if text not in {"", "false"}}


_FLAGS = {"true": True, "false": False}


def from_automation(event: object) -> object:
    """Return the request without parameters nobody gave, numbers and flags being such.

    Parameters of automations are texts. A request that comes from elsewhere is returned as it is.
    """
    if not isinstance(event, Mapping) or EXECUTION_ID not in event:
        return event
    return {name: _typed(name, value) for name, value in event.items() if value != ""}


def _typed(name: str, value: object) -> object:
    match name, value:
        case "hours", str() if value.isascii() and value.isdigit():
            return int(value)
        case "lockAgain", str():
            return _FLAGS.get(value, value)
        case _:
            return value
