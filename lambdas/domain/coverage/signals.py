"""Which records of our own sessions prove that an account's alarm path works."""

from datetime import datetime
from typing import Protocol

from lambdas.domain.accounts import AccountId
from lambdas.domain.cloudtrail import CloudTrailRecord

# What a sweep's root session calls: IAM's summary in the audit, and STS in every other Region.
_PROBES = frozenset({("iam.amazonaws.com", "GetAccountSummary"), ("sts.amazonaws.com", "GetCallerIdentity")})


class PathMemory(Protocol):
    """Where it is kept when each account's alarm path last worked."""

    def worked(self, account_id: AccountId, region: str, at: datetime) -> None:
        """Keep that a record of this time arrived from an account's Region."""


def is_signal(record: CloudTrailRecord) -> bool:
    """Say whether a record of our own proves the path from the account and Region that logged it.

    The account that opens the sessions is proven by AssumeRoot: its own record of it, in its Region.
    """
    if record.event_name == "AssumeRoot":
        return record.error_code is None
    return record.identity.is_root and (record.event_source, record.event_name) in _PROBES
