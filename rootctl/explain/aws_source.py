"""What AWS and the hub's state table know besides an event; only reads."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from rootctl.alert_channels import settings_of
from rootctl.aws import AwsSession
from rootctl.hub import Hub
from rootwarden.accounts import Account, AccountId
from rootwarden.activity.bursts import Burst
from rootwarden.activity.judgement import SignIn
from rootwarden.activity.root_activity import Severity
from rootwarden.aws.activity_records import ActivityRecords, SignInsTable
from rootwarden.aws.bursts_table import BurstsTable
from rootwarden.aws.errors import refusals
from rootwarden.aws.organizations import OrganizationsDirectory
from rootwarden.aws.recovery_windows import RecoveryWindows
from rootwarden.aws.root_sessions import SessionRegister
from rootwarden.aws.service_control_policies import Organization, ServiceControlPolicies
from rootwarden.aws.state_table import ClaimsTable, KeyKind, StateTable
from rootwarden.contract.exemptions import Exemption
from rootwarden.event_fields import Fields
from rootwarden.recovery.windows import RecoveryWindow


@dataclass(frozen=True)
class AwsSource:
    """See rootctl.explain.knowledge.Source; settings are read from the deployed functions themselves."""

    session: AwsSession
    clock: Callable[[], datetime]

    @cached_property
    def _hub(self) -> Hub:
        return Hub.find(self.session)

    @cached_property
    def _organization(self) -> Organization:
        return ServiceControlPolicies(self.session.client("organizations")).organization()

    @cached_property
    def _table(self) -> StateTable:
        return StateTable(self.session.client("dynamodb"), self._hub.output("StateTableName"))

    @cached_property
    def _hardening(self) -> Mapping[str, str]:
        return settings_of(self.session, self._hub.output("HardenAccountFunction"))

    @cached_property
    def _assessing(self) -> Mapping[str, str]:
        return settings_of(self.session, self._hub.output("AssessRootActivityFunction"))

    def management(self) -> AccountId:
        """Return the management account."""
        return self._organization.management_account_id

    def organization_id(self) -> str:
        """Return the organization's id."""
        return self._organization.organization_id

    def hub_account(self) -> AccountId:
        """Return the hub's account."""
        return AccountId(self._assessing["HUB_ACCOUNT_ID"])

    def account(self, account_id: AccountId) -> Account | None:
        """Return an account; None when it is not in the organization."""
        return OrganizationsDirectory(self.session.client("organizations")).describe(account_id)

    def exemptions(self) -> tuple[Exemption, ...]:
        """Return the exemptions that are configured."""
        return tuple(
            Exemption.from_detail(Fields(each)) for each in json.loads(self._hardening["EXEMPTIONS"])
        )

    def own_roles(self) -> Mapping[str, tuple[str, ...]]:
        """Return the functions' roles with their tasks."""
        roles = json.loads(self._assessing["OWN_ROLES"])
        return {role: tuple(tasks) for role, tasks in roles.items()}

    def recovery_window(self, account_id: AccountId) -> RecoveryWindow | None:
        """Return the account's open window."""
        with refusals():
            return RecoveryWindows(self._table, self.clock).open_window(account_id)

    def session_opener(self, access_key_id: str) -> str | None:
        """Say who opened a root session."""
        with refusals():
            return SessionRegister(self._table, self.clock).opener(access_key_id)

    def reported(self, account_id: AccountId, event_id: str) -> Severity | None:
        """Say how bad an event was reported to be."""
        with refusals():
            return ActivityRecords(self._table, self.clock).reported(account_id, event_id)

    def burst(self, key: str) -> Burst | None:
        """Return the burst that an event may belong to."""
        with refusals():
            return BurstsTable(self._table).load(key)

    def sign_ins(self, account_id: AccountId) -> frozenset[SignIn]:
        """Return an account's last sign-ins as root."""
        with refusals():
            return SignInsTable(self._table, self.clock).remembered(account_id)

    def is_done(self, kind: str, work: str) -> bool:
        """Say whether a piece of work was done before."""
        with refusals():
            return ClaimsTable(self._table, KeyKind[kind], self.clock).is_done(work)
