"""What really happened, put down as it happens, whatever rootwarden says of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from moto.dynamodb.models import dynamodb_backends
from moto.dynamodb.models.dynamo_type import DynamoType, Item

from embedded_aws.calls import Call
from embedded_aws.events.delivery import ReceivedEvent
from embedded_aws.events.shape import Event
from embedded_aws.iam.root_credentials import RootUser
from local.aws import LocalAws

HARDENING, ALERT, WINDOW = "Account Hardening Result", "Root Activity Alert", "Recovery Window Change"
LEFT, UNLOCK, SWEEP = "Account Left Organization", "Resource Policy Unlock", "Sweep Completed"
Credential = tuple[str, str]
_WHILE_LOOKING = timedelta(minutes=10)
_PROVEN = frozenset({"clean", "hardened"})
_KINDS = {
    "password": "password",
    "accessKeys": "access_key",
    "signingCertificates": "signing_certificate",
    "mfaDevices": "mfa_device",
}


@dataclass(frozen=True)
class Removal:
    """A root credential that went."""

    at: datetime
    account: str
    credential: Credential


@dataclass(frozen=True)
class Said:
    """An outcome, with the time it reached the bus."""

    at: datetime
    event: Event

    @property
    def kind(self) -> str:
        """The detail-type."""
        return str(self.event["detail-type"])

    @property
    def detail(self) -> dict[str, Any]:
        """What it says."""
        detail: dict[str, Any] = self.event["detail"]
        return detail

    @property
    def account(self) -> str | None:
        """The account it is about."""
        account: str | None = (self.detail.get("account") or {}).get("id")
        return account


@dataclass
class Ledger:
    """Credentials removed, windows opened, outcomes said; and what was untrue at the moment it was said."""

    aws: LocalAws
    left_alone: frozenset[str]
    removals: list[Removal] = field(default_factory=list)
    said: list[Said] = field(default_factory=list)
    untrue: list[str] = field(default_factory=list)
    # The account's password may be recovered until then; None while no window is open.
    windows: dict[str, datetime] = field(default_factory=dict)
    opened: list[tuple[str, datetime]] = field(default_factory=list)
    # When an account last got a credential while somebody may have been looking.
    added: dict[str, datetime] = field(default_factory=dict)
    # While somebody else puts outcomes on the bus.
    is_forging: bool = False
    _known: dict[str, frozenset[Credential]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Begin with the credentials there are."""
        for account in self.aws.state.root_users:
            self._known[account] = self.present(account)

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Hear of every outcome, at the moment it is said."""
        self.aws.delivery.on_received = self._hear
        try:
            yield
        finally:
            self.aws.delivery.on_received = lambda _: None

    def present(self, account: str) -> frozenset[Credential]:
        """Return the root credentials an account has now."""
        return credentials_of(self.aws.state.root_user(account))

    def look(self, call: Call) -> None:
        """Note what a call of a root session changed."""
        if not call.principal.is_root or call.service != "iam":
            return
        if call.operation == "CreateLoginProfile" and (record := self._record(call.account)):
            until = datetime.fromtimestamp(int(record["until"]["N"]), UTC)
            self.windows[call.account] = until
            self.opened.append((call.account, self.aws.clock.now()))
        self.look_at(call.account)

    def look_at(self, account: str) -> None:
        """Note what changed in an account."""
        before, now = self._known.get(account, frozenset()), self.present(account)
        time = self.aws.clock.now()
        for credential in before - now:
            self.removals.append(Removal(time, account, credential))
            if account in self.left_alone:
                self.untrue.append(
                    f"{_words(credential)} of {account} was removed, which is to be left alone"
                )
            if self._is_window_open(account):
                self.untrue.append(f"{_words(credential)} of {account} was removed while its window was open")
        self._known[account] = now

    def _is_window_open(self, account: str) -> bool:
        """Say whether its password can be recovered: neither the end has come nor has closing begun."""
        until = self.windows.get(account)
        record = self._record(account)
        is_closing = record is not None and record["state"]["S"] == "closing"
        return until is not None and self.aws.clock.now() < until and not is_closing

    def _record(self, account: str) -> Any | None:
        hub = self.aws.organization.hub
        [table] = dynamodb_backends[hub.account][hub.region].tables.values()
        item = table.items.get(DynamoType({"S": f"WINDOW#{account}"}))
        return item.to_json()["Attributes"] if isinstance(item, Item) else None

    def _hear(self, received: ReceivedEvent) -> None:
        event, hub = received.event, self.aws.organization.hub
        is_outcome = (
            event["source"] == "rootwarden" and f":{hub.account}:event-bus/rootwarden" in received.bus_arn
        )
        if self.is_forging or not is_outcome:
            return
        said = Said(self.aws.clock.now(), event)
        self.said.append(said)
        self.untrue += [f"said, but untrue: {said.kind} of {said.account}: {why}" for why in self._lies(said)]
        if said.kind == WINDOW and said.detail["change"] == "closed":
            self.windows.pop(str(said.account), None)

    def _lies(self, said: Said) -> Iterator[str]:
        if said.account is None:
            return
        detail, present = said.detail, self.present(said.account)
        gone = {removal.credential for removal in self.removals if removal.account == said.account}
        for credential in named(detail, "removed") - gone:
            yield f"{_words(credential)} was not removed"
        states = {record.id: record.state for record in self.aws.state.records.accounts}
        if said.kind == LEFT and states.get(said.account) == "ACTIVE":
            yield "it is an active member"
        since = self.added.get(said.account)
        # What came while somebody looked, he need not have seen.
        is_settled = since is None or said.at - since > _WHILE_LOOKING
        if said.kind == HARDENING and is_settled:
            if detail["result"] in _PROVEN and present:
                yield f"{detail['result']}, but there is {', '.join(map(_words, sorted(present)))}"
            after = detail["after"]
            kinds = {_KINDS[name] for name, is_there in (after or {}).items() if is_there}
            if after is not None and kinds != {kind for kind, _ in present}:
                yield f"after is {sorted(kinds)}, and there is {sorted(present)}"
        if said.kind == WINDOW:
            has_password = ("password", "password") in present
            if detail["change"] == "opened" and not has_password:
                yield "opened, but the password cannot be recovered"
            if detail["change"] == "failed" and not detail["mayBeOpen"] and has_password:
                yield "not opened, but the password can be recovered"


def credentials_of(user: RootUser) -> frozenset[Credential]:
    """Return the credentials of a root user, as outcomes name them."""
    return frozenset(
        (
            *((("password", "password"),) if user.password_created else ()),
            *(("access_key", key.id) for key in user.access_keys),
            *(("signing_certificate", certificate.id) for certificate in user.signing_certificates),
            *(("mfa_device", device.serial_number) for device in user.mfa_devices),
        )
    )


def named(detail: dict[str, Any], *fields: str) -> frozenset[Credential]:
    """Return the credentials an outcome names there."""
    return frozenset((each["kind"], each["id"]) for name in fields for each in detail.get(name, ()))


def _words(credential: Credential) -> str:
    kind, identifier = credential
    return kind if kind == identifier else f"{kind} {identifier}"
