"""Accounts that join or were opened to password recovery are hardened; accounts that left are forgotten."""

from constructs import Construct

from rootwarden.contract.event_patterns import ACCOUNT_JOINED, ACCOUNT_LEFT, RECOVERY_WINDOW_CLOSED
from rootwarden.contract.functions import AUDIT, DELETE
from stacks.constructs.encryption_key import grant_use
from stacks.constructs.foundation import Foundation
from stacks.constructs.organization_access import grant_describe_accounts, grant_root_sessions
from stacks.constructs.queued_function import QueuedFunction


class Hardening(Construct):
    """Accounts that joined, windows that closed → queue → harden_account, which enters as root."""

    def __init__(self, scope: Construct, construct_id: str, *, foundation: Foundation) -> None:
        """Create the function and put these events on its queue; `sessions` are the ones it may open."""
        super().__init__(scope, construct_id)
        self.queued = QueuedFunction(
            self,
            "HardenAccount",
            name="harden_account",
            batch_size=1,
            max_receive_count=8,
            foundation=foundation,
        )
        role = self.queued.role
        self.queued.subscribe((*ACCOUNT_JOINED, RECOVERY_WINDOW_CLOSED))
        foundation.state.grant_remember(role)
        foundation.bus.grant_publish_outcomes(role)
        grant_use(foundation.key, role, writes=False)
        grant_describe_accounts(role, configuration=foundation.configuration)
        enforces = foundation.configuration.hardening.modes.may_enforce
        self.sessions = grant_root_sessions(role, tasks=[AUDIT, *([DELETE] if enforces else [])])


class Leaving(Construct):
    """Account-left events → queue → forget_account."""

    def __init__(self, scope: Construct, construct_id: str, *, foundation: Foundation) -> None:
        super().__init__(scope, construct_id)
        self.queued = QueuedFunction(
            self,
            "ForgetAccount",
            name="forget_account",
            batch_size=5,
            max_receive_count=5,
            foundation=foundation,
        )
        self.queued.subscribe(ACCOUNT_LEFT)
        foundation.state.grant_forget(self.queued.role)
        foundation.bus.grant_publish_outcomes(self.queued.role)
        grant_describe_accounts(self.queued.role, configuration=foundation.configuration)
        grant_use(foundation.key, self.queued.role, writes=False)
