"""The root credentials of every account, before something happens and after: the facts, and their table."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from rich import box
from rich.table import Table
from rich.text import Text

from local.aws import LocalAws

Posture = Mapping[str, bool]
_KINDS = {
    "password": "password",
    "accessKeys": "access\nkeys",
    "signingCertificates": "signing\ncerts",
    "mfaDevices": "MFA\ndevices",
}
_NOTHING = dict.fromkeys(_KINDS, False)


@dataclass(frozen=True, kw_only=True)
class AccountPostures:
    """One account before and after; `keeps` says why it may keep root credentials, if it may."""

    account: str
    name: str
    before: Posture
    after: Posture
    keeps: str | None

    @property
    def has_leftovers(self) -> bool:
        """Whether root credentials exist that should not."""
        return self.keeps is None and any(self.after.values())


class PostureRecorder:
    """Remembers each account's root credentials as they were when it was first seen."""

    def __init__(self, aws: LocalAws) -> None:
        """Look at every account now."""
        self._aws = aws
        self._before: dict[str, Posture] = {}
        self.look()

    def look(self) -> None:
        """Remember the accounts that joined since."""
        for account in self._aws.accounts:
            self._before.setdefault(account["Id"], dict(self._aws.posture(account["Id"])))

    def compare(self) -> list[AccountPostures]:
        """Return every account as it was and as it is."""
        return [
            AccountPostures(
                account=account["Id"],
                name=account["Name"],
                before=self._before.get(account["Id"], _NOTHING),
                after=dict(self._aws.posture(account["Id"])),
                keeps=self._keeps(account),
            )
            for account in self._aws.accounts
        ]

    def _keeps(self, account: Mapping[str, Any]) -> str | None:
        if account["Id"] == self._aws.organization.management_account.id:
            return "the management account"
        if account["State"] not in ("ACTIVE", "PENDING_ACTIVATION"):
            return str(account["State"]).lower().replace("_", " ")
        path = account["Paths"][0].split("/")
        today = self._aws.clock.now().date()
        for exemption in self._aws.organization.exemptions:
            if exemption.until >= today and (exemption.account == account["Id"] or exemption.ou in path):
                return f"exempt until {exemption.until}"
        return None


_LEGEND = "● exists   ✔ was there and is gone   · was never there"


def posture_table(rows: Iterable[AccountPostures]) -> Table:
    """Return the table; what exists without permission to stay is red."""
    table = Table(box=box.SIMPLE_HEAD, caption=_LEGEND, caption_justify="left", pad_edge=False)
    table.add_column("account", no_wrap=True)
    table.add_column("id", style="dim", no_wrap=True)
    for title in _KINDS.values():
        table.add_column(title, justify="center", no_wrap=True)
    table.add_column("")
    for row in rows:
        cells = [_cell(row.before[kind], row.after[kind], may_keep=bool(row.keeps)) for kind in _KINDS]
        table.add_row(row.name, row.account, *cells, Text(row.keeps or "", style="dim"))
    return table


def _cell(before: bool, after: bool, *, may_keep: bool) -> Text:  # noqa: FBT001 # one fact twice
    kept = ("●", "yellow" if may_keep else "bold red")
    match before, after:
        case False, False:
            return Text("·", style="dim")
        case True, False:
            return Text.assemble(("● ", "yellow"), ("→ ", "dim"), ("✔", "bold green"))
        case False, True:
            return Text.assemble(("· → ", "dim"), kept)
        case _:
            return Text.assemble(kept)
