"""What happens in the made-up organization from one sweep to the next."""

from collections.abc import Sequence

from embedded_aws.organizations.organization import RootCredentials
from local.aws import LocalAws
from local.commands.sweep_organization import Made

# Of a hundred clean accounts, how many had a password when all began, which their owners give up by and by.
_ONCE_EXPOSED = 12
_BLOCKED = (
    "User: arn:aws:iam::{account}:root is not authorized to perform: iam:GetAccountSummary"
    " with an explicit deny in a service control policy"
)


class SweptDays:
    """Makes every day a little different from the one before."""

    def __init__(self, aws: LocalAws, made: Made) -> None:
        """Begin with the deployed organization."""
        self._aws = aws
        self._made = made
        clean = [account for account, kind in made.kinds.items() if kind.name == "clean"]
        count = len(clean) * _ONCE_EXPOSED // 100
        self._once_exposed = clean[: count * 5 : 5]
        self._newly_exposed = clean[-2:-1]

    def begin(self, day: int, *, of: int) -> None:
        """Let happen what happened until the sweep of this day; the last day has least exposed accounts."""
        if day == 1:
            self._give(self._once_exposed, RootCredentials(password=True, mfa_devices=1))
            self._break()
        share = len(self._once_exposed) * (day - 1) // max(of - 1, 1)
        for account in self._once_exposed[:share]:
            user = self._aws.state.root_user(account)
            user.password_created, user.mfa_devices = None, []
        if day == of:
            self._give(self._newly_exposed, RootCredentials(password=True))
        self._use_keys()

    def _give(self, accounts: Sequence[str], root: RootCredentials) -> None:
        for account in accounts:
            self._aws.state.root_user(account).give(root, self._aws.clock.now())

    def _break(self) -> None:
        faults = self._aws.extensions.faults
        for account, kind in self._made.kinds.items():
            if kind.blocked:
                text = _BLOCKED.format(account=account)
                faults.fail(
                    "GetAccountSummary", "AccessDenied", message=text, http=403, times=None, account=account
                )
            if kind.throttled:
                faults.fail("GetAccountSummary", "Throttling", times=7, account=account)

    def _use_keys(self) -> None:
        used = [account for account, kind in self._made.kinds.items() if kind.used_key]
        for account in used:
            for key in self._aws.state.root_user(account).access_keys:
                key.last_used = self._aws.clock.now()
                key.last_used_region, key.last_used_service = "us-east-1", "s3"
