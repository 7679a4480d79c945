"""AWS Organizations and Account Management: accounts, whose they are, and how all are protected."""

from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from botocore.exceptions import ClientError

from rootwarden.accounts import KNOWN_STATES, Account
from rootwarden.aws.clients import error_code, refusals
from rootwarden.aws.root_sessions import IamAuditSession
from rootwarden.events import AccountId
from rootwarden.refusals import CallRefused
from rootwarden.report.checks import SERVICE, Answers

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_organizations import OrganizationsClient
    from mypy_boto3_organizations.type_defs import AccountTypeDef


K = TypeVar("K")
T = TypeVar("T")

_LIFE = timedelta(hours=1)
# Enough for a large organization; a stranger's random ids push out the oldest, never more than these.
_MOST = 5000


@dataclass(frozen=True)
class Organization:
    """The organization the caller belongs to."""

    organization_id: str
    management_account_id: AccountId
    partition: str


def organization_of(client: "OrganizationsClient") -> Organization:
    """Return the caller's organization; raises CallRefused."""
    with refusals():
        found = client.describe_organization()["Organization"]
    return Organization(
        organization_id=found["Id"],
        management_account_id=AccountId(found["MasterAccountId"]),
        partition=found["Arn"].split(":")[1],
    )


@dataclass(frozen=True)
class OrganizationsDirectory:
    """The organization's directory; works in the management account and in any delegated administrator's."""

    client: "OrganizationsClient"

    def describe(self, account_id: AccountId) -> Account | None:
        """Return the account, or None when it is not in the organization; raises CallRefused."""
        with refusals():
            try:
                found = self.client.describe_account(AccountId=account_id)["Account"]
            except ClientError as error:
                if error_code(error) == "AccountNotFoundException":
                    return None
                raise
        account = _account(found)
        if account.state not in KNOWN_STATES:
            raise CallRefused("UnknownAccountState", f"DescribeAccount says {account.state!r}")
        return account


def list_accounts(client: "OrganizationsClient") -> Iterator[Account]:
    """Yield every account, page by page; one that moves between pages may come twice."""
    for page in client.get_paginator("list_accounts").paginate():
        yield from map(_account, page["Accounts"])


def list_accounts_below(client: "OrganizationsClient", parent_id: str) -> Iterator[Account]:
    """Yield every account in a unit, or the root, and in the units below it."""
    for page in client.get_paginator("list_accounts_for_parent").paginate(ParentId=parent_id):
        yield from map(_account, page["Accounts"])
    for units in client.get_paginator("list_organizational_units_for_parent").paginate(ParentId=parent_id):
        for unit in units["OrganizationalUnits"]:
            yield from list_accounts_below(client, unit["Id"])


def _account(found: "AccountTypeDef") -> Account:
    joined = found.get("JoinedTimestamp")
    return Account(
        account_id=AccountId(found["Id"]),
        name=found.get("Name") or None,
        state=state_of(found),
        organizational_units=_organizational_units(found),
        joined_at=joined.astimezone(UTC) if joined else None,
        joined_method=found.get("JoinedMethod"),
    )


def state_of(found: "AccountTypeDef") -> str:
    """Return Organizations' word for where an account stands in its life."""
    # State replaces Status, which AWS said it would retire in September 2026; either may be missing.
    return found.get("State") or found.get("Status") or "UNKNOWN"


def _organizational_units(found: "AccountTypeDef") -> tuple[str, ...] | None:
    """Read the units out of Paths, which look like o-…/r-…/ou-…/ou-…/."""
    paths = found.get("Paths")
    if not paths:
        return None
    return tuple(part for part in paths[0].split("/") if part.startswith("ou-"))


@dataclass(frozen=True)
class Remembered(Generic[K, T]):
    """Answers, each kept for an hour: for names, not for decisions. What was refused is asked each time."""

    ask: Callable[[K], T]
    clock: Callable[[], datetime]
    most: int = _MOST
    _known: OrderedDict[K, tuple[datetime, T]] = field(default_factory=OrderedDict)

    def __call__(self, key: K) -> T:
        """Return the answer; raises what asking raises."""
        now = self.clock()
        if known := self._known.get(key):
            asked_at, answer = known
            if now < asked_at + _LIFE:
                return answer
        answer = self.ask(key)
        self._known.pop(key, None)
        self._known[key] = now, answer
        if len(self._known) > self.most:
            self._known.popitem(last=False)
        return answer


@dataclass(frozen=True)
class OrganizationTags:
    """What Organizations says of an account's tags and of a unit's name. Each raises CallRefused."""

    client: "OrganizationsClient"
    owner_tag: str

    def owner_of(self, account_id: AccountId) -> str | None:
        """Return the value of the account's owner tag; None where it has none, or an empty one."""
        with refusals():
            pages = self.client.get_paginator("list_tags_for_resource").paginate(ResourceId=account_id)
            tags = {tag["Key"]: tag["Value"] for page in pages for tag in page["Tags"]}
        return tags.get(self.owner_tag) or None

    def unit_name(self, unit_id: str) -> str:
        """Return a unit's name."""
        with refusals():
            found = self.client.describe_organizational_unit(OrganizationalUnitId=unit_id)
        return found["OrganizationalUnit"].get("Name") or unit_id


@dataclass(frozen=True)
class AccountRegions:
    """own: the account the client acts in, which may not name itself."""

    client: Any
    own: AccountId

    def opted_in(self, account_id: AccountId) -> frozenset[str]:
        """Return the Regions an account has opted in to or is opting in to; raises CallRefused."""
        named = {} if account_id == self.own else {"AccountId": account_id}
        with refusals():
            pages = self.client.get_paginator("list_regions").paginate(
                RegionOptStatusContains=["ENABLED", "ENABLING"], **named
            )
            return frozenset(found["RegionName"] for page in pages for found in page["Regions"])


@dataclass(frozen=True)
class OrganizationChecks:
    """AWS, asked with the function's own role. is_management: whether that is in the management account."""

    iam: "IAMClient"
    organizations: "OrganizationsClient"
    is_management: bool

    def ask(self) -> Answers:
        """Ask everything, whatever is refused."""
        return Answers(
            features=enabled_features(self.iam),
            trusted_services=answer_or_refusal(self._trusted_services),
            delegated_administrators=answer_or_refusal(lambda: delegated_administrators(self.organizations)),
            management_root=answer_or_refusal(IamAuditSession(self.iam).posture)
            if self.is_management
            else None,
        )

    def _trusted_services(self) -> frozenset[str]:
        pages = self.organizations.get_paginator("list_aws_service_access_for_organization").paginate()
        return frozenset(
            found["ServicePrincipal"] for page in pages for found in page["EnabledServicePrincipals"]
        )


def root_id_of(client: "OrganizationsClient") -> str:
    """Return the id of the organization's root."""
    pages = client.get_paginator("list_roots").paginate()
    return _first((found["Id"] for page in pages for found in page["Roots"]), "ListRoots")


def parent_id_of(client: "OrganizationsClient", child_id: str) -> str:
    """Return the id of the unit, or root, that an account or unit is in."""
    pages = client.get_paginator("list_parents").paginate(ChildId=child_id)
    return _first((found["Id"] for page in pages for found in page["Parents"]), "ListParents")


def _first(found: Iterator[str], operation: str) -> str:
    """Return the first, which need not be on the first page: AWS may leave that empty."""
    for each in found:
        return each
    raise CallRefused("EmptyAnswer", f"{operation} names nothing")


def delegated_administrators(client: "OrganizationsClient") -> frozenset[AccountId]:
    """Return IAM's delegated administrators: beside the management account they open root sessions."""
    pages = client.get_paginator("list_delegated_administrators").paginate(ServicePrincipal=SERVICE)
    return frozenset(AccountId(found["Id"]) for page in pages for found in page["DelegatedAdministrators"])


def enabled_features(iam: "IAMClient") -> frozenset[str] | CallRefused:
    """Return the features of centralized root access that are on, or why AWS does not say."""
    return answer_or_refusal(lambda: frozenset(iam.list_organizations_features().get("EnabledFeatures", [])))


def answer_or_refusal(ask: Callable[[], T]) -> T | CallRefused:
    """Return an answer, or the refusal in its place."""
    try:
        with refusals():
            return ask()
    except CallRefused as refused:
        return refused
