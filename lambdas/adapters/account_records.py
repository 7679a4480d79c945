"""Everything the state table holds about one account."""

from dataclasses import dataclass

from lambdas.adapters.postures_table import PosturesTable
from lambdas.adapters.state_table import StateTable, primary_key
from lambdas.domain.accounts import AccountId
from lambdas.domain.hardening.account_events import OBSERVED_ONLY, WITH_GOV_CLOUD
from lambdas.domain.posture_record import PostureRecord

_KINDS = ("ACCOUNT", "WINDOW", "POSTURE", "ROOTEVENT", "COVERAGE")


@dataclass(frozen=True)
class AccountRecordsTable:
    """See lambdas.domain.leaving.leaving.AccountRecords."""

    table: StateTable
    postures: PosturesTable

    def last(self, account_id: AccountId) -> PostureRecord | None:
        """Return the last posture known, None where none is."""
        return self.postures.last(account_id)

    def forget(self, account_id: AccountId) -> None:
        """Delete the account's posture, recovery window, progress, and what its alarm path proved."""
        keys = [f"{kind}#{account_id}" for kind in _KINDS]
        keys += [f"ACCOUNT#{account_id}#{besides}" for besides in (OBSERVED_ONLY, WITH_GOV_CLOUD)]
        for key in keys:
            self.table.client.delete_item(TableName=self.table.name, Key={"pk": primary_key(key)})
