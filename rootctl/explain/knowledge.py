"""What the functions know besides the event; what cannot be asked is supposed, and said."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from rootctl.errors import Hindered
from rootwarden.accounts import Account, AccountId, AccountState
from rootwarden.activity.bursts import Burst
from rootwarden.activity.judgement import SignIn
from rootwarden.activity.root_activity import Severity
from rootwarden.contract.exemptions import Exemption
from rootwarden.hardening.removal import CallRefused
from rootwarden.recovery.windows import RecoveryWindow

T = TypeVar("T")

OFFLINE = "not asked (--offline)"


class Source(Protocol):
    """Who can be asked. Every method raises CallRefused or Hindered."""

    def management(self) -> AccountId:
        """Return the management account."""

    def organization_id(self) -> str:
        """Return the organization's id."""

    def hub_account(self) -> AccountId:
        """Return the hub's account."""

    def account(self, account_id: AccountId) -> Account | None:
        """Return an account; None when it is not in the organization."""

    def exemptions(self) -> tuple[Exemption, ...]:
        """Return the exemptions that are configured."""

    def own_roles(self) -> Mapping[str, tuple[str, ...]]:
        """Return the functions' roles with their tasks."""

    def recovery_window(self, account_id: AccountId) -> RecoveryWindow | None:
        """Return the account's open window."""

    def session_opener(self, access_key_id: str) -> str | None:
        """Say who opened a root session."""

    def reported(self, account_id: AccountId, event_id: str) -> Severity | None:
        """Say how bad an event was reported to be."""

    def burst(self, key: str) -> Burst | None:
        """Return the burst that an event may belong to."""

    def sign_ins(self, account_id: AccountId) -> frozenset[SignIn]:
        """Return an account's last sign-ins as root."""

    def is_done(self, kind: str, work: str) -> bool:
        """Say whether a piece of work was done before."""


@dataclass
class Knowledge:
    """A source, or None, and what it did not answer so far: not_known."""

    source: Source | None
    not_known: dict[str, None] = field(default_factory=dict)

    def management(self, supposed: AccountId) -> AccountId:
        """Return the management account."""
        told = f"the management account, supposed to be {supposed}"
        return self._ask(told, lambda source: source.management(), supposed)

    def is_management(self, account_id: AccountId) -> bool:
        """Say whether an account is the management account."""
        what = f"whether {account_id} is the management account, supposed not"
        return self._ask(what, lambda source: source.management() == account_id, False)  # noqa: FBT003

    def organization_id(self, supposed: str) -> str:
        """Return the organization's id."""
        told = f"the organization's id, supposed to be {supposed}"
        return self._ask(told, lambda source: source.organization_id(), supposed)

    def hub_account(self) -> AccountId:
        """Return the hub's account; no account where it is not known."""
        told = "the hub's account, supposed to be none of those named"
        return self._ask(told, lambda source: source.hub_account(), AccountId(""))

    def account(self, account_id: AccountId) -> Account | None:
        """Return an account; an active one without a name where nobody can be asked."""
        told = f"whether {account_id} is active and in the organization, supposed to be both"
        return self._ask(told, lambda source: source.account(account_id), _supposed(account_id))

    def named(self, account_id: AccountId) -> Account | None:
        """Return an account for its name's sake; None where nobody can be asked."""
        return self._ask(f"the name of {account_id}", lambda source: source.account(account_id), None)

    def exemptions(self) -> tuple[Exemption, ...]:
        """Return the exemptions that are configured."""
        return self._ask("exemptions, supposed to be none", lambda source: source.exemptions(), ())

    def own_roles(self) -> Mapping[str, tuple[str, ...]]:
        """Return the functions' roles with their tasks."""
        return self._ask("which roles are the hub's own, supposed to be none", lambda s: s.own_roles(), {})

    def recovery_window(self, account_id: AccountId) -> RecoveryWindow | None:
        """Return the account's open window."""
        told = f"a recovery window of {account_id}, supposed to be closed"
        return self._ask(told, lambda source: source.recovery_window(account_id), None)

    def session_opener(self, access_key_id: str) -> str | None:
        """Say who opened a root session."""
        told = f"who opened the root session {access_key_id}, supposed to be a stranger"
        return self._ask(told, lambda source: source.session_opener(access_key_id), None)

    def reported(self, account_id: AccountId, event_id: str) -> Severity | None:
        """Say how bad an event was reported to be."""
        what = f"whether event {event_id} was reported, supposed not"
        return self._ask(what, lambda source: source.reported(account_id, event_id), None)

    def burst(self, key: str) -> Burst | None:
        """Return the burst that an event may belong to."""
        told = "whether a burst has alerted already, supposed not"
        return self._ask(told, lambda source: source.burst(key), None)

    def sign_ins(self, account_id: AccountId) -> frozenset[SignIn]:
        """Return an account's last sign-ins as root."""
        asked = f"earlier sign-ins as root to {account_id}, supposed to be none"
        return self._ask(asked, lambda source: source.sign_ins(account_id), frozenset())

    def is_done(self, kind: str, work: str) -> bool:
        """Say whether a piece of work was done before."""
        told = "whether this was dealt with before, supposed not"
        return self._ask(told, lambda source: source.is_done(kind, work), False)  # noqa: FBT003

    def _ask(self, what: str, question: Callable[[Source], T], supposed: T) -> T:
        if self.source is None:
            self.not_known[what] = None
            return supposed
        try:
            return question(self.source)
        except (CallRefused, Hindered) as refused:
            self.not_known[f"{what} ({str(refused).rstrip('. ')})"] = None
            return supposed


def _supposed(account_id: AccountId) -> Account | None:
    return Account(account_id=account_id, name=None, state=AccountState.ACTIVE, organizational_units=())
