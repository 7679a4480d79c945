"""A second person's approval of a request: what it is, and that it is needed."""

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Protocol

from lambdas.domain.event_fields import Fields, MalformedEvent
from lambdas.domain.requests import Request, RequestRefused

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


def execution_id(request: Fields) -> str:
    """Return the id of the execution a request says approves it; raises NotApproved and MalformedEvent."""
    if not request.has(EXECUTION_ID):
        text = "this needs a second person's approval: start the automation instead (docs/approval.md)"
        raise NotApproved(ApprovalCode.REQUIRED, text)
    found = request.text(EXECUTION_ID)
    if not _UUID.fullmatch(found):
        raise MalformedEvent(EXECUTION_ID, "the id of an automation's execution", found)
    return found
