"""Who must approve recovery and unlocking: the `approval` object of the configuration."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stacks.config_formats import Format, Numbers

if TYPE_CHECKING:
    from stacks.config_reader import ConfigReader

# What an approve step of Systems Manager Automation takes.
_MOST_APPROVERS = 10


@dataclass(frozen=True)
class Approval:
    """Who may approve, as ARNs, and how many of them must; nobody needs to where nobody may."""

    approvers: tuple[str, ...]
    minimum: int

    @property
    def is_required(self) -> bool:
        """Tell whether anything needs approval."""
        return bool(self.approvers)


def read_approval(block: ConfigReader, hub_account_id: str) -> Approval:
    """Return who must approve."""
    approvers = block.texts("approvers", _approver(hub_account_id))
    most = min(len(approvers), _MOST_APPROVERS)
    minimum = block.number("minimum", _minimum(max(most, 1)), default=1)
    if block.has("minimum") and not approvers:
        block.refuse("approvers", "a list of at least one entry, because minimum is given")
    if len(approvers) > _MOST_APPROVERS:
        block.refuse("approvers", f"at most {_MOST_APPROVERS} entries", f"{len(approvers)} entries")
    block.refuse_unknown()
    return Approval(approvers, minimum)


def _minimum(most: int) -> Numbers:
    return Numbers(f"a whole number from 1 to {most}, the number of approvers", range(1, most + 1))


def _approver(account: str) -> Format:
    """Return the format of an approver; approvals are given in the hub account, by who is there."""
    owner = re.escape(account) if account else "[0-9]{12}"
    name = r"[\w+=,.@-]+"
    pattern = re.compile(
        rf"arn:aws:(iam::{owner}:(user|role)/([!-~]+/)?{name}|sts::{owner}:assumed-role/{name}/{name})",
        re.ASCII,
    )
    takes = (
        f"the ARN of a user, a role or a role's session in hub_account_id, {account or 'once that is one'}"
    )
    return Format(takes, lambda value: pattern.fullmatch(value) is not None)
