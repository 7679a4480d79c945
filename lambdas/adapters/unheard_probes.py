"""Which Regions' probes were not heard, from one sweep's report to the next sweep, in the state table."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from lambdas.adapters.refusals import refusals
from lambdas.adapters.state_table import StateTable, text, text_in
from lambdas.domain.accounts import AccountId

_INDEX = "UNHEARD"
_KEPT = timedelta(days=30)
# An item holds 400 KB; where more accounts are silent, their own turn comes within the week.
_MOST_ACCOUNTS = 1000


@dataclass(frozen=True)
class UnheardProbes:
    """One item: what the next sweep probes again, whether it is the accounts' turn or not."""

    table: StateTable
    clock: Callable[[], datetime]

    def read(self) -> dict[AccountId, tuple[str, ...]]:
        """Return the Regions by account; raises CallRefused."""
        with refusals():
            item = self.table.get(_INDEX)
        found = json.loads(text_in(item, "regions") or "{}")
        return {AccountId(account): tuple(regions) for account, regions in found.items()}

    def write(self, regions: Mapping[AccountId, tuple[str, ...]]) -> None:
        """Keep them in place of what was there; raises CallRefused."""
        first = dict(sorted(regions.items())[:_MOST_ACCOUNTS])
        with refusals():
            self.table.put(_INDEX, {"regions": text(json.dumps(first))}, expires_at=self.clock() + _KEPT)
