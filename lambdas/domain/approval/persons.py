"""Who acts in AWS, by ARN; and whether two of them could be the same person."""

import re
from dataclasses import dataclass
from enum import StrEnum

_ARN = re.compile(
    r"arn:aws[\w-]*:"
    r"(?:iam::(?P<account>\d{12}):(?P<kind>user|role)/(?:[!-~]+/)?(?P<name>[\w+=,.@-]+)"
    r"|sts::(?P<session_account>\d{12}):assumed-role/(?P<role>[\w+=,.@-]+)/(?P<session>[\w+=,.@-]+))",
    re.ASCII,
)
# Roles of IAM Identity Center. Only there is a session's name the person's user name, not a free choice.
_IDENTITY_CENTER = "AWSReservedSSO_"


class PrincipalKind(StrEnum):
    """What acts."""

    USER = "user"
    ROLE = "role"


@dataclass(frozen=True, kw_only=True)
class Principal:
    """A user, a role's session, or a role of which the session is not known (None)."""

    arn: str
    account: str
    kind: PrincipalKind
    name: str
    session: str | None = None

    @property
    def is_identity_center(self) -> bool:
        """Whether this is somebody signed in through IAM Identity Center."""
        return self.kind is PrincipalKind.ROLE and self.name.startswith(_IDENTITY_CENTER)


def parse_principal(text: str) -> Principal | None:
    """Return the user or role that an ARN names; None for anything else, an account's root included."""
    found = _ARN.fullmatch(text)
    if found is None:
        return None
    if found["session"]:
        return Principal(
            arn=text,
            account=found["session_account"],
            kind=PrincipalKind.ROLE,
            name=found["role"],
            session=found["session"],
        )
    kind = PrincipalKind(found["kind"])
    return Principal(arn=text, account=found["account"], kind=kind, name=found["name"])


def could_be_one_person(one: Principal, other: Principal) -> bool:
    """Tell whether the same person could be behind both; in doubt they could."""
    if PrincipalKind.USER in (one.kind, other.kind):
        return one.arn.casefold() == other.arn.casefold()
    if one.is_identity_center and other.is_identity_center:
        # The same user name is the same person, whichever role was taken.
        return not one.session or not other.session or one.session.casefold() == other.session.casefold()
    return (one.account, one.name.casefold()) == (other.account, other.name.casefold())
