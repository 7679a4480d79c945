"""What the functions know besides the event; what cannot be asked is supposed, and said."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Self, TypeVar

from rootctl.alert_channels import settings_of
from rootctl.aws import AwsSession
from rootctl.errors import Hindered
from rootctl.hub import Hub
from rootwarden.accounts import Account, AccountState
from rootwarden.activity.bursts import Burst
from rootwarden.activity.judgement import SignIn
from rootwarden.aws.activity_records import ActivityRecords, SignInsTable
from rootwarden.aws.bursts_table import BurstsTable
from rootwarden.aws.claims_table import ClaimsTable
from rootwarden.aws.clients import refusals
from rootwarden.aws.hardening_records import HardeningRecords
from rootwarden.aws.organizations import Organization, OrganizationsDirectory, organization_of
from rootwarden.aws.recovery_windows import RecoveryWindows
from rootwarden.aws.root_sessions import SessionRegister
from rootwarden.aws.state_table import KeyKind, StateTable
from rootwarden.contract.activities import Severity
from rootwarden.contract.configured import Exemption, Expectation, HardeningModes
from rootwarden.contract.event_patterns import ROOT_API_CALL
from rootwarden.contract.settings import (
    AssessRootActivitySettings,
    HardenAccountSettings,
    InvalidSetting,
    Settings,
)
from rootwarden.coverage.rules import digest
from rootwarden.events import AccountId
from rootwarden.outcomes import utc_now
from rootwarden.recovery.windows import RecoveryWindow
from rootwarden.refusals import CallRefused

T = TypeVar("T")


class _Deployed(dict[str, str]):
    """A function's settings; raises Hindered for one that it does not have."""

    def __missing__(self, name: str) -> str:
        raise Hindered(f"the deployed function has no setting {name}: it is older than this rootctl")


@dataclass(frozen=True)
class _Source:
    """AWS, and the deployed hub; only read. The properties raise CallRefused, those of the hub Hindered."""

    session: AwsSession

    @cached_property
    def hub(self) -> Hub:
        return Hub.find(self.session)

    @cached_property
    def organization(self) -> Organization:
        return organization_of(self.session.client("organizations"))

    @cached_property
    def table(self) -> StateTable:
        return StateTable(self.session.client("dynamodb"), self.hub.output("StateTableName"))

    @cached_property
    def hardening(self) -> Mapping[str, str]:
        return self._settings("HardenAccountFunction")

    @cached_property
    def assessing(self) -> Mapping[str, str]:
        return self._settings("AssessRootActivityFunction")

    def _settings(self, function: str) -> "_Deployed":
        return _Deployed(settings_of(self.session, self.hub.output(function)))

    def account(self, account_id: AccountId) -> Account | None:
        return OrganizationsDirectory(self.session.client("organizations")).describe(account_id)

    @cached_property
    def forwards_read_only_calls(self) -> bool:
        """The state of the rule that takes root's calls says it."""
        pages = self.session.client("events").get_paginator("list_rules")
        wanted = digest(json.dumps(ROOT_API_CALL.document()))
        for page in pages.paginate(EventBusName=self.hub.output("BusName")):
            for rule in page["Rules"]:
                if rule.get("EventPattern") and digest(rule["EventPattern"]) == wanted:
                    return bool(rule["State"] == "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS")
        raise Hindered("no rule of the hub takes root's calls: run rootctl doctor")


@dataclass
class Knowledge:
    """What is known by asking, and what could not be asked so far: not_known.

    name_prefix: what the deployment that is asked about puts before its names.
    """

    source: _Source | None = None
    name_prefix: str = ""
    not_known: dict[str, None] = field(default_factory=dict)

    @classmethod
    def of(cls, session: AwsSession) -> Self:
        """Ask AWS and the hub."""
        return cls(_Source(session), session.name_prefix)

    def copy(self) -> Self:
        """Return the same knowledge, which is to note by itself what else it cannot ask."""
        return replace(self, not_known=dict(self.not_known))

    def management(self, supposed: AccountId) -> AccountId:
        """Return the management account."""
        what = f"the management account, supposed to be {supposed}"
        return self._ask(what, lambda source: source.organization.management_account_id, supposed=supposed)

    def is_management(self, account_id: AccountId) -> bool:
        """Say whether an account is the management account."""
        what = f"whether {account_id} is the management account, supposed not"
        return self._ask(
            what, lambda source: source.organization.management_account_id == account_id, supposed=False
        )

    def organization_id(self, supposed: str) -> str:
        """Return the organization's id."""
        what = f"the organization's id, supposed to be {supposed}"
        return self._ask(what, lambda source: source.organization.organization_id, supposed=supposed)

    def hub_account(self) -> AccountId:
        """Return the hub's account; no account where it is not known."""
        what = "the hub's account, supposed to be none of those named"
        return self._ask(
            what, lambda source: AccountId(source.assessing["HUB_ACCOUNT_ID"]), supposed=AccountId("")
        )

    def is_hub(self, account_id: AccountId) -> bool:
        """Say whether an account is the hub's."""
        what = f"whether {account_id} is the hub's account, supposed to be"
        return self._ask(what, lambda source: source.assessing["HUB_ACCOUNT_ID"] == account_id, supposed=True)

    def forwards_read_only_calls(self) -> bool:
        """Say whether root's read-only calls reach the functions."""
        what = "whether read-only calls are forwarded (forward_read_only_calls), supposed to be"
        return self._ask(what, lambda source: source.forwards_read_only_calls, supposed=True)

    def account(self, account_id: AccountId) -> Account | None:
        """Return an account; an active one without a name where it cannot be asked for."""
        what = f"whether {account_id} is active and when it joined, supposed to be active and just created"
        return self._ask(what, lambda source: source.account(account_id), supposed=_supposed(account_id))

    def named(self, account_id: AccountId) -> Account | None:
        """Return an account for its name's sake; None where it cannot be asked for."""
        return self._ask(
            f"the name of {account_id}", lambda source: source.account(account_id), supposed=None
        )

    def exemptions(self) -> tuple[Exemption, ...]:
        """Return the exemptions that are configured."""
        return self._setting("exemptions, supposed to be none", HardenAccountSettings, "exemptions", ())

    def hardening_modes(self) -> HardeningModes:
        """Return what is configured for accounts of each origin."""
        what = "hardening, supposed to be as by default"
        return self._setting(what, HardenAccountSettings, "hardening_modes", HardeningModes())

    def expectations(self) -> tuple[Expectation, ...]:
        """Return the calls that are configured to be expected."""
        what = "which calls are expected, supposed to be none"
        return self._setting(what, AssessRootActivitySettings, "expected", ())

    def own_roles(self) -> Mapping[str, tuple[str, ...]]:
        """Return the functions' roles with their tasks."""
        what = "which roles are the hub's own, supposed to be none"
        return self._setting(what, AssessRootActivitySettings, "own_roles", {})

    def recovery_window(self, account_id: AccountId) -> RecoveryWindow | None:
        """Return the account's open window."""
        what = f"a recovery window of {account_id}, supposed to be closed"
        return self._ask(what, lambda s: RecoveryWindows(s.table).open_window(account_id), supposed=None)

    def had_window(self, account_id: AccountId) -> bool:
        """Say whether the account had a window lately."""
        what = f"whether {account_id} had a recovery window lately, supposed to have"
        return self._ask(what, lambda s: HardeningRecords(s.table).had_window(account_id), supposed=True)

    def session_opener(self, access_key_id: str) -> str | None:
        """Say who opened a root session."""
        what = f"who opened the root session {access_key_id}, supposed to be a stranger"
        return self._ask(what, lambda s: SessionRegister(s.table).opener(access_key_id), supposed=None)

    def reported(self, account_id: AccountId, event_id: str) -> Severity | None:
        """Say how bad an event was reported to be."""
        what = f"whether event {event_id} was reported, supposed not"
        return self._ask(
            what, lambda s: ActivityRecords(s.table).reported(account_id, event_id), supposed=None
        )

    def burst(self, key: str) -> Burst | None:
        """Return the burst that an event may belong to."""
        what = "whether a burst has alerted already, supposed not"
        return self._ask(what, lambda s: BurstsTable(s.table).load(key), supposed=None)

    def sign_ins(self, account_id: AccountId) -> frozenset[SignIn]:
        """Return an account's last sign-ins as root."""
        what = f"earlier sign-ins as root to {account_id}, supposed to be none"
        return self._ask(what, lambda s: SignInsTable(s.table).remembered(account_id), supposed=frozenset())

    def is_done(self, kind: KeyKind, key: str) -> bool:
        """Say whether this was dealt with before."""
        what = "whether this was dealt with before, supposed not"
        return self._ask(what, lambda s: ClaimsTable(s.table, kind).is_done(key), supposed=False)

    def _setting(self, what: str, settings: type[Settings], name: str, supposed: T) -> T:
        def ask(source: _Source) -> T:
            environ = source.hardening if settings is HardenAccountSettings else source.assessing
            value: T = settings.one(name, environ)
            return value

        return self._ask(what, ask, supposed=supposed)

    def _ask(self, what: str, question: Callable[[_Source], T], *, supposed: T) -> T:
        if self.source is None:
            self.not_known[what] = None
            return supposed
        try:
            with refusals():
                return question(self.source)
        except (CallRefused, Hindered, InvalidSetting) as refused:
            self.not_known[f"{what} ({str(refused).rstrip('. ')})"] = None
            return supposed


def _supposed(account_id: AccountId) -> Account | None:
    return Account(
        account_id=account_id,
        name=None,
        state=AccountState.ACTIVE,
        organizational_units=(),
        joined_at=utc_now(),
        joined_method="CREATED",
    )
