"""What operators ask the hub's functions for, who approved it, and the answers to what cannot be done."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Protocol

from rootwarden.accounts import Account, AccountState, Directory
from rootwarden.events import AccountId, Fields, MalformedEvent, parse_account_id
from rootwarden.refusals import CallRefused

LONGEST_REASON = 500
LONGEST_NAME = 256

Answer = dict[str, object]


class RefusalCode(StrEnum):
    """Why any function turns a request away; functions have codes of their own besides."""

    MALFORMED = "MalformedRequest"
    MANAGEMENT_ACCOUNT = "ManagementAccount"
    NOT_IN_ORGANIZATION = "NotInOrganization"
    NOT_ACTIVE = "AccountNotActive"
    EXEMPT = "AccountExempt"
    OBSERVES_ONLY = "ObservesOnly"
    NOT_BY_ALIAS = "NotByAlias"


OBSERVES_ONLY = (
    "this hub only observes: hardening.created, hardening.invited and hardening.existing are observe, so the"
    " function's role may not delete root credentials. Set one of them to enforce and deploy"
)


class RequestRefused(Exception):
    """When a request is turned away before anything was done."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(f"{code}: {text}")
        self.code = code
        self.text = text


@dataclass(frozen=True, kw_only=True)
class Request:
    """What every request says. requested_by is the caller's word; fields: all of it, for what is special."""

    account_id: AccountId
    reason: str
    requested_by: str
    dry_run: bool
    fields: Fields


def read_request(event: object) -> Request:
    """Read what every request says; raises MalformedEvent naming the field."""
    fields = Fields(event)
    return Request(
        account_id=parse_account_id(fields.text("account"), "account"),
        reason=bounded_text(fields, "reason", LONGEST_REASON),
        requested_by=bounded_text(fields, "requestedBy", LONGEST_NAME),
        dry_run=flag(fields, "dryRun"),
        fields=fields,
    )


def bounded_text(fields: Fields, name: str, longest: int) -> str:
    """Return a text that is neither blank nor longer than allowed; raises MalformedEvent."""
    text = fields.text(name).strip()
    if not 0 < len(text) <= longest:
        at = f"{fields.path}.{name}" if fields.path else name
        raise MalformedEvent(at, f"a text of 1 to {longest} characters", fields.text(name))
    return text


def flag(fields: Fields, name: str) -> bool:
    """Return a true or false that may be left out, meaning false; raises MalformedEvent."""
    return fields.boolean(name) if fields.has(name) else False


def member_account(directory: Directory, account_id: AccountId, management_account_id: AccountId) -> Account:
    """Return the account if root sessions can reach it; raises RequestRefused and CallRefused."""
    if account_id == management_account_id:
        text = f"{account_id} is the management account; root sessions never reach it"
        raise RequestRefused(RefusalCode.MANAGEMENT_ACCOUNT, text)
    account = directory.describe(account_id)
    if account is None:
        text = f"Organizations does not know the account {account_id}"
        raise RequestRefused(RefusalCode.NOT_IN_ORGANIZATION, text)
    if account.state != AccountState.ACTIVE:
        text = f"the account {account.name or ''} ({account_id}) is {account.state}, not ACTIVE"
        raise RequestRefused(RefusalCode.NOT_ACTIVE, text)
    return account


def refused(code: str, text: str) -> Answer:
    """Return the answer to a request that was turned away: nothing was done."""
    return {"result": "refused", "reason": {"code": str(code), "text": text}}


def failed(code: str, text: str) -> Answer:
    """Return the answer to a request during which AWS refused a call; code is AWS's own."""
    return {"result": "failed", "reason": {"code": code, "text": text}}


def answered(event: Mapping[str, object], handle: Callable[[Mapping[str, object]], Answer]) -> Answer:
    """Handle a request so that whatever is wrong with it, or refused by AWS, is an answer too."""
    try:
        return handle(event)
    except MalformedEvent as error:
        return refused(RefusalCode.MALFORMED, str(error))
    except RequestRefused as error:
        return refused(error.code, error.text)
    except CallRefused as error:
        return failed(error.code, error.message)


@dataclass(frozen=True)
class Approved:
    """Who asked and who approved, as ARNs that AWS has on record."""

    requested_by: str
    approved_by: tuple[str, ...]


class Approvals(Protocol):
    """Whether requests are approved."""

    def check(self, request: Fields) -> Approved | None:
        """Return who approved the request, None where no approval is needed; raises NotApproved."""


class NoApprovals:
    """For a deployment in which nobody needs to approve."""

    def check(self, request: Fields) -> Approved | None:  # noqa: ARG002 - whatever is asked for
        """Need no approval."""
        return None


def with_approval(approvals: Approvals, request: Request) -> tuple[Request, tuple[str, ...]]:
    """Return the request, asked by whom AWS says it was, and who approved it; raises NotApproved.

    What is only tried, and where no approval is needed, stays the caller's word and nobody's approval.
    """
    approved = None if request.dry_run else approvals.check(request.fields)
    if approved is None:
        return request, ()
    return replace(request, requested_by=approved.requested_by), approved.approved_by
