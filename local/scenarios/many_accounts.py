"""Made-up accounts that fill an organization up to any number, the same ones every time."""

from dataclasses import replace
from itertools import product
from typing import Any

from embedded_aws.organizations.organization import Account, RootCredentials
from local.organization import Organization

_TEAMS = (
    *("payments", "search", "identity", "checkout", "catalog", "shipping", "billing", "pricing", "fraud"),
    *("ledger", "loyalty", "reports", "media", "mobile", "partners", "returns", "stock", "support", "web"),
)
_UNITS = {
    "production": "ou-ab12-11111111",
    "staging": "ou-ab12-22222222",
    "testing": "ou-ab12-22222222",
    "sandbox": "ou-ab12-33333333",
}
_PASSWORD = RootCredentials(password=True)
# How many of two hundred accounts are alike, and how; the others have no root credentials.
KINDS: tuple[tuple[int, dict[str, Any]], ...] = (
    (3, {"root": RootCredentials(password=True, access_keys=2, signing_certificates=1, mfa_devices=1)}),
    (9, {"root": RootCredentials(password=True, mfa_devices=1)}),
    (6, {"root": _PASSWORD}),
    (4, {"root": RootCredentials(access_keys=1)}),
    (1, {"root": RootCredentials(signing_certificates=1)}),
    (2, {"root": RootCredentials(mfa_devices=1)}),
    # The playground's service control policy refuses root sessions there.
    (2, {"root": _PASSWORD, "organizational_unit": "ou-ab12-44444444"}),
    (3, {"root": _PASSWORD, "state": "SUSPENDED"}),
    (1, {"root": _PASSWORD, "state": "PENDING_CLOSURE"}),
    (1, {"root": _PASSWORD, "state": "PENDING_ACTIVATION"}),
)


def filled_up(organization: Organization, accounts: int) -> Organization:
    """Fill an organization up to a number of accounts, its management account and hub included."""
    missing = max(accounts - 1 - len(organization.members), 0)
    particular = [kind for of_200, kind in KINDS for _ in range(max(1, of_200 * missing // 200))]
    distance = max(1, missing // len(particular))
    places = {place * distance: kind for place, kind in enumerate(particular)}
    made = (_account(number, places.get(number, {})) for number in range(missing))
    return replace(organization, accounts=(*organization.accounts, *made))


def _account(number: int, kind: dict[str, Any]) -> Account:
    names = list(product(_UNITS, _TEAMS))
    stage, team = names[number % len(names)]
    again = f"-{number // len(names) + 1}" if number >= len(names) else ""
    made = Account(
        id=f"{310_000_000_000 + number * 7_919_317:012d}",
        name=f"{team}-{stage}{again}",
        organizational_unit=_UNITS[stage],
    )
    return replace(made, **kind)
