"""unlock_bucket and unlock_queue, from a request to its answer."""

from dataclasses import dataclass, replace

from lambdas.domain.accounts import AccountId
from lambdas.domain.approval.approvals import Approvals, with_approval
from lambdas.domain.requests import Answer, Directory, member_account
from lambdas.domain.unlocking.requests import read_unlock_request
from lambdas.domain.unlocking.resource import ResourceKind
from lambdas.domain.unlocking.unlocker import Unlocker


@dataclass(frozen=True, kw_only=True)
class UnlockFunction:
    """Decides whether a request is to be carried out, and has it carried out."""

    kind: ResourceKind
    management_account_id: AccountId
    directory: Directory
    approvals: Approvals
    unlocker: Unlocker

    def handle(self, event: object) -> Answer:
        """Answer a request; raises MalformedEvent, RequestRefused and CallRefused where nothing was done."""
        asked = read_unlock_request(event, self.kind)
        account = member_account(self.directory, asked.request.account_id, self.management_account_id)
        if asked.only_looks:
            return self.unlocker.unlock(asked, account).to_answer()
        request, approved_by = with_approval(self.approvals, asked.request)
        return self.unlocker.unlock(replace(asked, request=request), account, approved_by).to_answer()
