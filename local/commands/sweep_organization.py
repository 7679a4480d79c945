"""An organization of any size with every kind of posture in it, the same one every time."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import cycle, islice, product

from embedded_aws.organizations.organization import Account, AccountState, RootCredentials
from local.organization import Exemption, Organization

_UNIT_LEFT_ALONE = "ou-ab12-77777777"
_TEAMS = (
    *("payments", "search", "identity", "checkout", "catalog", "shipping", "billing", "pricing", "fraud"),
    *("ledger", "loyalty", "reports", "media", "mobile", "partners", "returns", "stock", "support", "web"),
)
_STAGES = ("prod", "staging", "test", "dev")
_UNITS = {
    "prod": "ou-ab12-11111111",
    "staging": "ou-ab12-22222222",
    "test": "ou-ab12-22222222",
    "dev": "ou-ab12-33333333",
}


@dataclass(frozen=True, kw_only=True)
class Kind:
    """Accounts that stand alike: how many of two hundred, and what is wrong with them."""

    name: str
    of_200: int
    root: RootCredentials = field(default_factory=RootCredentials)
    state: AccountState = "ACTIVE"
    exempt: str = ""
    unit_left_alone: bool = False
    used_key: bool = False
    blocked: bool = False
    throttled: bool = False


_EVERYTHING = RootCredentials(password=True, access_keys=2, signing_certificates=1, mfa_devices=1)
_PASSWORD = RootCredentials(password=True)
_KEY = RootCredentials(access_keys=1)
KINDS = (
    Kind(name="everything", of_200=3, root=_EVERYTHING),
    Kind(name="password and MFA", of_200=9, root=RootCredentials(password=True, mfa_devices=1)),
    Kind(name="password alone", of_200=6, root=_PASSWORD),
    Kind(name="access key", of_200=4, root=_KEY),
    Kind(name="access key used yesterday", of_200=2, root=_KEY, used_key=True),
    Kind(name="signing certificate", of_200=1, root=RootCredentials(signing_certificates=1)),
    Kind(name="MFA device left behind", of_200=2, root=RootCredentials(mfa_devices=1)),
    Kind(
        name="exempt account",
        of_200=2,
        root=_EVERYTHING,
        exempt="the vendor's support signs in as root until the migration",
    ),
    Kind(name="exempt unit", of_200=3, root=_PASSWORD, unit_left_alone=True),
    Kind(name="blocked by a service control policy", of_200=2, root=_PASSWORD, blocked=True),
    Kind(name="throttled", of_200=4, throttled=True),
    Kind(name="suspended", of_200=3, root=_PASSWORD, state="SUSPENDED"),
    Kind(name="being closed", of_200=1, root=_PASSWORD, state="PENDING_CLOSURE"),
    Kind(name="not activated yet", of_200=1, root=_PASSWORD, state="PENDING_ACTIVATION"),
)
_CLEAN = Kind(name="clean", of_200=0)


@dataclass(frozen=True)
class Made:
    """The organization, and which kind each of its made-up accounts is."""

    organization: Organization
    kinds: dict[str, Kind]


def make_organization(base: Organization, accounts: int, today: date) -> Made:
    """Fill an organization up to a number of accounts, its management account and hub included."""
    missing = max(accounts - 1 - len(base.members), 0)
    kinds = list(islice(_kinds(missing), missing))
    made = [_account(number, kind) for number, kind in enumerate(kinds)]
    until = today + timedelta(days=90)
    exemptions = [
        Exemption(account=account.id, reason=kind.exempt, until=until)
        for account, kind in zip(made, kinds, strict=True)
        if kind.exempt
    ]
    sandboxes = Exemption(ou=_UNIT_LEFT_ALONE, reason="sandboxes, deleted every quarter", until=until)
    filled = replace(
        base,
        accounts=(*base.accounts, *made),
        exemptions=(*base.exemptions, *exemptions, *([sandboxes] if made else [])),
    )
    return Made(filled, {account.id: kind for account, kind in zip(made, kinds, strict=True)})


def _kinds(accounts: int) -> Iterator[Kind]:
    """Yield the kinds spread among clean accounts, each at least once."""
    special = [kind for kind in KINDS for _ in range(max(1, kind.of_200 * accounts // 200))]
    distance = max(1, accounts // (len(special) + 1))
    # A step that shares no divisor with the number of them visits each, and never two alike in a row.
    order = [special[number * 7 % len(special)] for number in range(len(special))]
    for kind in order if len(special) % 7 else special:
        yield kind
        yield from [_CLEAN] * (distance - 1)
    yield from cycle([_CLEAN])


def _account(number: int, kind: Kind) -> Account:
    names = list(product(_STAGES, _TEAMS))
    stage, team = names[number % len(names)]
    again = f"-{number // len(names) + 1}" if number >= len(names) else ""
    return Account(
        id=f"{310_000_000_000 + number * 7_919_317:012d}",
        name=f"{team}-{stage}{again}",
        state=kind.state,
        organizational_unit=_UNIT_LEFT_ALONE if kind.unit_left_alone else _UNITS[stage],
        root=kind.root,
    )
