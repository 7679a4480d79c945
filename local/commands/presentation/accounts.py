"""The accounts of an organization as a table."""

from collections.abc import Mapping

from rich.table import Table

from local.aws import LocalAws


def accounts_table(aws: LocalAws, notes: Mapping[str, str]) -> Table:
    """Return every account with the root credentials it has now; `notes` are by account name."""
    organization = aws.organization
    places = {
        organization.hub.account: "hub",
        organization.management_account.id: "management account",
    }
    table = Table(box=None, title=f"\nOrganization {organization.organization_id}", title_justify="left")
    for column in ("account", "id", "state", "root credentials", ""):
        table.add_column(column)
    for account in aws.accounts:
        posture = aws.posture(account["Id"])
        found = ", ".join(kind for kind, exists in posture.items() if exists) or "none"
        note = notes.get(account["Name"], places.get(account["Id"], ""))
        table.add_row(account["Name"], account["Id"], account["State"], found, note)
    return table
