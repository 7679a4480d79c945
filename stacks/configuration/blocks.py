"""The objects of the configuration, each with its rules and with what follows from it."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo
from pydantic import field_validator as rule

from rootwarden.contract.asked_values import MAX_EMAILS_BYTES, escaped_bytes
from rootwarden.contract.configured import Exemption, Expectation, HardeningModes, Mode
from rootwarden.events import AccountId
from stacks.configuration import values
from stacks.configuration.values import AS_JSON, ONCE, Takes, listed, refuse, whole

# What an approve step of Systems Manager Automation takes.
_MOST_APPROVERS = 10
# A function's environment holds 4,096 bytes of JSON, in which these texts of JSON stand with every quotation
# mark escaped. Beside each, the other variables of every function that reads it find room at their longest.
MAX_EXEMPTIONS_BYTES = 2700
MAX_EXPECTED_BYTES = 1536
HOURS_A_WEEK = 7 * 24


class Block(BaseModel):
    """An object of the configuration."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid", validate_default=True)


class Slack(Block):
    """Both ways into Slack; each is used where it is configured."""

    workspace_id: values.SlackWorkspace | None = None
    channel_id: values.SlackChannel | None = None
    webhook_secret_arn: values.Secret | None = None

    @rule("channel_id")
    @classmethod
    def _pair(cls, channel: str | None, info: ValidationInfo) -> str | None:
        workspace = info.data.get("workspace_id", channel)
        if (workspace is None) != (channel is None):
            both = ("workspace_id", "channel_id")
            key, other = both if workspace is None else both[::-1]
            refuse(f"the id that belongs to slack.{other}: the two go together", key=key)
        return channel


class Teams(Block):
    """A channel of Microsoft Teams, by Amazon Q Developer. All three ids, or none."""

    tenant_id: values.Uuid | None = None
    team_id: values.Uuid | None = None
    channel_id: values.TeamsChannel | None = None

    @rule("channel_id")
    @classmethod
    def _all_three(cls, channel: str | None, info: ValidationInfo) -> str | None:
        given = {**info.data, "channel_id": channel}
        for key in ("tenant_id", "team_id", "channel_id"):
            if any(given.values()) and given.get(key, "mistaken") is None:
                refuse("the id that belongs to the other ids of teams: the three go together", key=key)
        return channel


class IdentityCenter(Block):
    """Where people sign in to an account, and as what."""

    start_url: values.ShortUrl | None = None
    permission_set: values.PermissionSet | None = None

    @rule("permission_set")
    @classmethod
    def _with_address(cls, name: str | None, info: ValidationInfo) -> str | None:
        if name and info.data.get("start_url", name) is None:
            refuse("the address of the access portal that permission_set is used in", key="start_url")
        return name


class ExemptionEntry(Block):
    """An account, or all accounts of an OU, left alone until a date. One of the two ids is set."""

    account: values.Account | None = None
    ou: values.Unit | None = None
    reason: values.Sentence
    until: values.Day

    @rule("ou")
    @classmethod
    def _either(cls, unit: str | None, info: ValidationInfo) -> str | None:
        if "account" in info.data and (info.data["account"] is None) == (unit is None):
            refuse('either "account" or "ou"', key="")
        return unit

    @property
    def exemption(self) -> Exemption:
        """As functions read it."""
        account = AccountId(self.account) if self.account else None
        return Exemption(account=account, organizational_unit=self.ou, reason=self.reason, until=self.until)


def fit_environment(value: object, most: int, *, found: str, shorten: str) -> None:
    """Refuse more than a function's environment can hold beside its other variables."""
    size = escaped_bytes(value)
    if size > most:
        takes = f"at most {most} bytes as escaped JSON, what a function's environment can hold ({shorten})"
        refuse(takes, found=f"{found} of {size} bytes")


def emails_fit(emails: tuple[str, ...]) -> tuple[str, ...]:
    """Refuse more addresses than a function's environment can hold."""
    shorten = "use a mailbox that several people read"
    fit_environment(emails, MAX_EMAILS_BYTES, found=f"{len(emails)} addresses", shorten=shorten)
    return emails


def exemptions_fit(entries: tuple[ExemptionEntry, ...]) -> tuple[ExemptionEntry, ...]:
    """Refuse more exemptions than a function's environment can hold."""
    exemptions, shorten = [entry.exemption for entry in entries], "shorten the reasons, or exempt an OU"
    fit_environment(exemptions, MAX_EXEMPTIONS_BYTES, found=f"{len(entries)} exemptions", shorten=shorten)
    return entries


MODE = Takes('"observe" or "enforce"')


class Hardening(Block):
    """What becomes of root credentials that events lead to: removed, or only reported."""

    created: Annotated[Mode, AS_JSON, MODE] = Mode.ENFORCE
    invited: Annotated[Mode, AS_JSON, MODE] = Mode.ENFORCE
    existing: Annotated[Mode, AS_JSON, MODE] = Mode.OBSERVE
    keep_used_within_days: Annotated[int, whole(0, 365, " of days")] = 30

    @property
    def modes(self) -> HardeningModes:
        """As functions read them."""
        return HardeningModes(created=self.created, invited=self.invited, existing=self.existing)


class ExpectationEntry(Block):
    """Calls of a principal that are meant to happen, until a date."""

    principal: values.Principal
    calls: Annotated[tuple[values.Call, ...], AS_JSON, ONCE, listed(values.CALL, at_least=1)]
    reason: values.Sentence
    until: values.Day

    @property
    def expectation(self) -> Expectation:
        """As functions read it."""
        return Expectation(principal=self.principal, calls=self.calls, reason=self.reason, until=self.until)


def expectations_fit(entries: tuple[ExpectationEntry, ...]) -> tuple[ExpectationEntry, ...]:
    """Refuse more expectations than a function's environment can hold."""
    expected, shorten = [entry.expectation for entry in entries], "shorten the reasons"
    fit_environment(expected, MAX_EXPECTED_BYTES, found=f"{len(entries)} expectations", shorten=shorten)
    return entries


class Members(Block):
    """How careful the StackSet is.

    canary_organizational_units: units that get everything first. max_concurrent_percentage: of the
    accounts, how many at a time. failure_tolerance_count: how many accounts may fail in a Region before
    CloudFormation stops there.
    """

    canary_organizational_units: values.Units = ()
    max_concurrent_percentage: Annotated[int, whole(1, 100, " of percent")] = 10
    failure_tolerance_count: Annotated[int, whole(0, 10_000)] = 10


class Recovery(Block):
    """How many hours a window is open at most, and all windows of an account within 7 days."""

    max_hours: Annotated[int, whole(1, HOURS_A_WEEK, " of hours")] = 12
    max_hours_per_week: Annotated[int, whole(1, HOURS_A_WEEK, " of hours")] = Field(
        default_factory=lambda known: max(24, known.get("max_hours", 0))
    )

    @rule("max_hours_per_week")
    @classmethod
    def _at_least_one_window(cls, hours: int, info: ValidationInfo) -> int:
        least = info.data.get("max_hours", 0)
        if hours < least:
            refuse(f"a whole number of hours from recovery.max_hours, {least}, to {HOURS_A_WEEK}")
        return hours


def _few(approvers: tuple[str, ...]) -> tuple[str, ...]:
    if len(approvers) > _MOST_APPROVERS:
        refuse(f"at most {_MOST_APPROVERS} entries", found=f"{len(approvers)} entries")
    return approvers


class Approval(Block):
    """Who may approve, as ARNs, and how many of them must; without approvers no one needs to."""

    approvers: Annotated[
        tuple[values.Approver, ...], AS_JSON, ONCE, AfterValidator(_few), Takes("a list of ARNs")
    ] = ()
    minimum: Annotated[int, whole(1, _MOST_APPROVERS)] = Field(default=1, validate_default=False)

    @rule("minimum")
    @classmethod
    def _reachable(cls, minimum: int, info: ValidationInfo) -> int:
        number = len(info.data.get("approvers", "?" * _MOST_APPROVERS))
        if number == 0:
            refuse("a list of at least one entry, because minimum is given", key="approvers")
        if minimum > number:
            refuse(f"a whole number from 1 to {number}, the number of approvers")
        return minimum

    @property
    def is_required(self) -> bool:
        """Say whether anything needs approval."""
        return bool(self.approvers)
