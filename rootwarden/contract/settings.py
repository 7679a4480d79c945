"""The settings of each function: the deployment writes them into its environment, the function reads them.

Each class declares both, so that a renamed setting cannot differ. One that is missing or unknown fails by its
name: when templates are synthesized, and when a function starts.
"""

import json
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from typing import Annotated, Any, Self, get_type_hints

from msgspec import Meta, ValidationError, convert

from rootwarden.contract.configured import Exemption, Expectation, HardeningModes, Mode
from rootwarden.events import Fields, MalformedEvent, Record, TwelveDigits

_TEXTS = (str, str | None)
Positive = Annotated[float, Meta(gt=0, lt=1e9)]


class InvalidSetting(Exception):
    """When a setting is missing or unknown, or its variable holds something else than it takes."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What a function reads. A field's variable is its name in capitals."""

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Self:
        """Read every field's variable; raises InvalidSetting naming the first that is missing or wrong."""
        types = get_type_hints(cls, include_extras=True)
        there = (f.name for f in fields(cls) if f.name.upper() in environ or f.default is MISSING)
        return cls(**{name: _one(name, environ, types[name]) for name in there})

    @classmethod
    def one(cls, name: str, environ: Mapping[str, str]) -> Any:
        """Read one field's variable; raises InvalidSetting."""
        return _one(name, environ, get_type_hints(cls, include_extras=True)[name])

    @classmethod
    def names(cls) -> set[str]:
        """Every setting this function reads."""
        return {field.name for field in fields(cls)}

    @classmethod
    def variables(cls) -> dict[str, bool]:
        """Every environment variable this function reads, and whether it must be there."""
        return {field.name.upper(): field.default is MISSING for field in fields(cls)}

    @classmethod
    def environment(cls, values: Mapping[str, object]) -> dict[str, str]:
        """Return the variables for these settings, without those that are None; raises InvalidSetting."""
        if unknown := sorted(set(values) - cls.names()):
            raise InvalidSetting(f"{cls.__name__} reads no {', '.join(unknown)}")
        return {name.upper(): written(value) for name, value in values.items() if value is not None}


def written(value: object) -> str:
    """Return a setting as it stands in its variable."""
    match value:
        case bool():
            return "true" if value else "false"
        case str() | int() | float():
            return f"{value:g}" if isinstance(value, float) else str(value)
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False, default=lambda each: each.to_detail())


def _one(name: str, environ: Mapping[str, str], kind: Any) -> Any:
    variable = name.upper()
    try:
        return _read(environ[variable], kind)
    except KeyError:
        raise InvalidSetting(f"{variable} is not set in the function's environment") from None
    except (ValueError, ValidationError, MalformedEvent) as error:
        raise InvalidSetting(f"{variable} cannot be read: {error}") from error


def _read(text: str, kind: Any) -> Any:
    if kind in _TEXTS:
        return text
    # What is not JSON is a number, true or false, or a word.
    value = json.loads(text) if text.startswith(("[", "{")) else text
    if isinstance(kind, type) and issubclass(kind, Record):
        kind.check_complete(Fields(value))
    return convert(value, kind, strict=False)


@dataclass(frozen=True, kw_only=True)
class PublisherSettings(Settings):
    """What whoever publishes outcomes reads. owner_tag: the tag that names an account's owner."""

    event_bus_name: str
    owner_tag: str


@dataclass(frozen=True, kw_only=True)
class QueueSettings(Settings):
    """What every function behind a queue reads: its queue and the state table."""

    state_table_name: str
    queue_url: str
    max_receive_count: int


@dataclass(frozen=True, kw_only=True)
class HardenAccountSettings(PublisherSettings, QueueSettings):
    """What harden_account reads."""

    management_account_id: TwelveDigits
    organization_id: str
    exemptions: tuple[Exemption, ...]
    hardening_modes: HardeningModes
    keep_used_within_days: int


@dataclass(frozen=True, kw_only=True)
class AssessRootActivitySettings(PublisherSettings, QueueSettings):
    """What assess_root_activity reads. own_roles: the tasks each role of ours may open root sessions for."""

    refused_sessions_queue_url: str
    name_prefix: str = ""
    management_account_id: TwelveDigits
    hub_account_id: TwelveDigits
    own_roles: Mapping[str, tuple[str, ...]]
    expected: tuple[Expectation, ...]


@dataclass(frozen=True, kw_only=True)
class ForgetAccountSettings(PublisherSettings, QueueSettings):
    """What forget_account reads. exemptions: to say when one outlives its account."""

    management_account_id: TwelveDigits
    exemptions: tuple[Exemption, ...]


@dataclass(frozen=True, kw_only=True)
class NotifySettings(QueueSettings):
    """What notify reads. A channel without its variable is a channel that is not configured."""

    alert_topic_arn: str
    name_prefix: str = ""
    hardening_modes: HardeningModes
    owner_tag: str
    runbook_url: str
    identity_center_start_url: str | None = None
    identity_center_permission_set: str | None = None
    chat_topic_arn: str | None = None
    slack_webhook_secret_arn: str | None = None


@dataclass(frozen=True, kw_only=True)
class ListAccountsSettings(Settings):
    """What list_accounts reads. sweep_mode: for a sweep that was started without a mode."""

    bucket_name: str
    sweep_mode: Mode | None = None


@dataclass(frozen=True, kw_only=True)
class AuditAccountsSettings(PublisherSettings):
    """What audit_accounts reads. requests_per_second: this worker's share of STS requests.

    probed_regions, probe_turn_hours: see rootwarden.coverage.probes.ProbePlan.
    """

    bucket_name: str
    state_table_name: str
    management_account_id: TwelveDigits
    organization_id: str
    exemptions: tuple[Exemption, ...]
    keep_used_within_days: int
    sweep_mode: Mode
    threads: int
    requests_per_second: Positive
    probed_regions: tuple[str, ...]
    probe_turn_hours: Positive


@dataclass(frozen=True, kw_only=True)
class WriteReportSettings(PublisherSettings):
    """What write_report reads. security_hub: whether findings go there; alert_emails: as configured.

    hub_region, forwarding_regions, probed_regions: of which Regions alarm paths are judged.
    """

    bucket_name: str
    state_table_name: str
    name_prefix: str = ""
    management_account_id: TwelveDigits
    hub_account_id: TwelveDigits
    organization_id: str
    security_hub: bool
    alert_topic_arn: str
    alert_emails: tuple[str, ...]
    hub_region: str
    forwarding_regions: tuple[str, ...]
    probed_regions: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class CollectUndeliveredSettings(Settings):
    """What collect_undelivered reads. undelivered_name: of the queue in every account and Region.

    queue_urls: of the hub's functions that take events of other accounts.
    """

    bucket_name: str
    event_bus_name: str
    management_account_id: TwelveDigits
    undelivered_name: str
    queue_urls: tuple[str, ...]
    forwarding_regions: tuple[str, ...]
    management_regions: tuple[str, ...]
    threads: int


@dataclass(frozen=True, kw_only=True)
class CloseRecoverySettings(PublisherSettings):
    """What close_recovery reads. schedule_group_name: where the schedules are that end windows."""

    state_table_name: str
    schedule_group_name: str


@dataclass(frozen=True, kw_only=True)
class OpenRecoverySettings(CloseRecoverySettings):
    """What open_recovery reads. The ARNs are what a schedule works with; see ClosingSchedules."""

    management_account_id: TwelveDigits
    exemptions: tuple[Exemption, ...]
    hardening_modes: HardeningModes
    recovery_max_hours: int
    recovery_max_hours_per_week: int
    close_function_arn: str
    schedule_role_arn: str
    schedule_dead_letters_arn: str
    approval_document: str | None = None


@dataclass(frozen=True, kw_only=True)
class UnlockSettings(PublisherSettings):
    """What unlock_bucket and unlock_queue read. bucket_name: where policies are kept before they change."""

    state_table_name: str
    management_account_id: TwelveDigits
    organization_id: str
    bucket_name: str
    approval_document: str | None = None


SETTINGS: dict[str, type[Settings]] = {
    "harden_account": HardenAccountSettings,
    "assess_root_activity": AssessRootActivitySettings,
    "forget_account": ForgetAccountSettings,
    "notify": NotifySettings,
    "list_accounts": ListAccountsSettings,
    "audit_accounts": AuditAccountsSettings,
    "collect_undelivered": CollectUndeliveredSettings,
    "write_report": WriteReportSettings,
    "open_recovery": OpenRecoverySettings,
    "close_recovery": CloseRecoverySettings,
    "unlock_bucket": UnlockSettings,
    "unlock_queue": UnlockSettings,
}
