"""Outcome events: what was done or found, as rootwarden says it on its bus. Schemas: docs/events.md."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, ClassVar, Self

from msgspec import UNSET, Meta, UnsetType, field, structs

from rootwarden import __version__
from rootwarden.accounts import Account
from rootwarden.contract.activities import Severity
from rootwarden.contract.detail_types import ROOT_SESSIONS_NOT_RECORDED
from rootwarden.events import Fields, Record, TwelveDigits

VERSION = "1"
_UNNAMED = "0.1"

Time = Annotated[datetime, Meta(tz=True)]
Count = Annotated[int, Meta(ge=0)]


class Outcome(Record, frozen=True, kw_only=True, tag_field="version", tag=VERSION):
    """Anything that can be said on the bus. detail_type: the EventBridge detail-type.

    severity and activity: what routes and subscribers filter by.
    """

    detail_type: ClassVar[str]

    rootwarden_version: Annotated[str, Meta(description="Which release of rootwarden says it")] = __version__
    severity: Annotated[Severity | None, Meta(description="null: nobody needs to be told")] = None
    activity: Annotated[str, Meta(description="an alert's activity, else the detail-type in one word")] = ""

    def __post_init__(self) -> None:
        structs.force_setattr(self, "severity", self.weighed())
        structs.force_setattr(self, "activity", self.activity or self.detail_type.lower().replace(" ", "_"))

    def weighed(self) -> Severity | None:
        """Return how bad it is; None where nobody needs to be told."""
        raise NotImplementedError

    def with_accounts(self, described: "Callable[[AccountReference], AccountReference]") -> Self:
        """Return it with the account it is about as described, or with each that it names."""
        account: AccountReference = self.account  # type: ignore[attr-defined] # others say for themselves
        return structs.replace(self, account=described(account))

    @classmethod
    def from_detail(cls, fields: Fields) -> Self:
        """Read the JSON form; what 0.1 said names no release. Raises MalformedEvent."""
        outcome = super().from_detail(fields)
        named = fields.has("rootwardenVersion")
        return outcome if named else structs.replace(outcome, rootwarden_version=_UNNAMED)


class AccountReference(Record, frozen=True, kw_only=True):
    """The account an outcome is about."""

    account_id: Annotated[
        TwelveDigits | None, Meta(description="null: the event named none, as of a failed creation")
    ] = field(name="id")
    name: str | None = None
    organizational_unit: str | None = None
    organizational_units: Annotated[
        tuple[str, ...] | None, Meta(description="ids from the root down; null: not known")
    ] = None
    unit_path: Annotated[
        str | UnsetType, Meta(description='their names, such as "Root / Workloads / Prod"; absent: not known')
    ] = UNSET
    owner: Annotated[
        str | UnsetType | None, Meta(description="null: the account has no such tag; absent: not known")
    ] = UNSET

    @classmethod
    def of(cls, account: Account) -> Self:
        """Refer to an account of the organization."""
        return cls(
            account_id=account.account_id,
            name=account.name,
            organizational_unit=account.organizational_unit,
            organizational_units=account.organizational_units,
        )

    def __str__(self) -> str:
        """Return the name with the id, as people read it."""
        if self.account_id is None:
            return self.name or "an unknown account"
        return f"{self.name} ({self.account_id})" if self.name else self.account_id


def iso(time: datetime) -> str:
    """Return a UTC time as AWS events write it: whole seconds, Z, and four digits for any year."""
    return f"{time.year:04}-{time:%m-%dT%H:%M:%SZ}"


def utc_now() -> datetime:
    """Return the time in UTC, in whole seconds: what the state table and outcomes keep."""
    return datetime.now(UTC).replace(microsecond=0)


class UnrecordedSession(Record, frozen=True, kw_only=True):
    """A root session of ours, by the account it is in."""

    account_id: TwelveDigits
    access_key_id: str


class SessionsNotRecorded(Outcome, frozen=True, kw_only=True):
    """Root sessions that a function opened, could not put on record, and therefore never used."""

    detail_type: ClassVar[str] = ROOT_SESSIONS_NOT_RECORDED

    sessions: Annotated[tuple[UnrecordedSession, ...], Meta(min_length=1)]
    occurred_at: Time

    def with_accounts(self, _described: Callable[[AccountReference], AccountReference]) -> Self:
        """Return it as it is: it names ids only."""
        return self

    def weighed(self) -> Severity | None:
        """Return how bad it is: they were never used, and what they were for is tried again."""
        return Severity.MEDIUM
