"""What really happened, put down as it happens, whatever rootwarden says of it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from moto.dynamodb.models import dynamodb_backends
from moto.dynamodb.models.dynamo_type import DynamoType, Item

from embedded_aws.calls import Call
from embedded_aws.events.delivery import ReceivedEvent
from embedded_aws.events.shape import Event
from local.aws import LocalAws
from proofs.credentials import (
    PASSWORD,
    Credential,
    credentials_of,
    in_words,
    kept_for_use,
    named,
    uses_of,
)
from proofs.modes import ENFORCE, OBSERVE, WHILE_LOOKING, Modes
from proofs.routes import Mailed

HARDENING, ALERT, WINDOW = "Account Hardening Result", "Root Activity Alert", "Recovery Window Change"
LEFT, UNLOCK, SWEEP = "Account Left Organization", "Resource Policy Unlock", "Sweep Completed"
# What cannot come of a mode: who only observes tries nothing, who enforces leaves nothing without trying.
_CONTRADICTING = {"partial": (OBSERVE,), "observed": (ENFORCE, None)}
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
    # Accounts that somebody opened a window of, or began to; accounts that left, and may have come again.
    windowed: set[str] = field(default_factory=set)
    departed: set[str] = field(default_factory=set)
    # When an account last got a credential while somebody may have been looking.
    added: dict[str, datetime] = field(default_factory=dict)
    # What people's mailboxes got of each outcome.
    mailed: list[Mailed] = field(default_factory=list)
    # While somebody else puts outcomes on the bus; their event ids.
    is_forging: bool = False
    forged: set[str] = field(default_factory=set)
    _mails: int = 0
    _known: dict[str, frozenset[Credential]] = field(default_factory=dict)
    _uses: dict[str, dict[Credential, datetime]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Begin with the credentials there are, and how each account came in."""
        self.modes = Modes(self.aws)
        for account in self.aws.state.root_users:
            self.look_at(account)

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Hear of every outcome, at the moment it is said, and know what each function works on."""
        self.aws.delivery.on_received = self._hear
        try:
            with self.modes.watching():
                yield
        finally:
            self.aws.delivery.on_received = lambda _: None

    def present(self, account: str) -> frozenset[Credential]:
        """Return the root credentials an account has now."""
        return credentials_of(self.aws.state.root_user(account))

    def in_use(self, account: str) -> frozenset[Credential]:
        """Return which of them are left for a person: they were in use before anybody now looked."""
        user, now = self.aws.state.root_user(account), self.aws.clock.now()
        after, until = now - self.modes.used_within, now - WHILE_LOOKING
        return kept_for_use(credentials_of(user), uses_of(user), after=after, until=until)

    def look(self, call: Call) -> None:
        """Note what a call changed: a root session's, or one that sends mail."""
        if call.service == "sns":
            self._note_mail(call)
        if call.service == "dynamodb":
            self._note_window()
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
        time, uses = self.aws.clock.now(), self._uses.get(account, {})
        after, until = time - self.modes.used_within, time - WHILE_LOOKING
        kept = kept_for_use(before, uses, after=after, until=until)
        for credential in before - now:
            self.removals.append(Removal(time, account, credential))
            what = f"{in_words(credential)} of {account} was removed"
            self.untrue += [f"{what}{why}" for why in self._wrongs(account, credential, kept)]
        self._known[account], self._uses[account] = now, uses_of(self.aws.state.root_user(account))
        self.modes.look_at(account)

    def _wrongs(self, account: str, credential: Credential, kept: frozenset[Credential]) -> Iterator[str]:
        """Say why a credential that just went should have stayed."""
        if account in self.left_alone:
            yield ", which is to be left alone"
        if self._is_window_open(account):
            yield " while its window was open"
        had_window = account in self.windowed
        if why_not := self.modes.why_not(account, had_window=had_window):
            yield f" {why_not}"
        if credential in kept and self.modes.spares(credential, had_window=had_window):
            yield ", which is in use"

    def note_departure(self, account: str) -> None:
        """Note that an account left, its window with it."""
        self.windows.pop(account, None)
        self.departed.add(account)

    def _note_window(self) -> None:
        work = self.modes.work
        if work and work.function == "open_recovery" and self._record(str(work.event.get("account"))):
            self.windowed.add(work.event["account"])

    def _note_mail(self, call: Call) -> None:
        """Put down which messages people's mailboxes got of the outcome that is being published."""
        work = self.modes.work
        since, self._mails = self._mails, len(self.aws.messages)
        sent = tuple(
            message
            for message in self.aws.messages[since:]
            if message.channel == "email" and message.body == call.parameters.get("Message")
        )
        if work and work.function == "notify" and sent:
            self.mailed.append(Mailed(work.announcement, sent))

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
        try:
            lies = list(self._lies(said))
        except Exception as error:  # noqa: BLE001 # else it were an error of AWS to whoever says it
            lies = [f"it cannot be judged: {type(error).__name__}: {error}"]
        self.untrue += [f"said, but untrue: {said.kind} of {said.account}: {why}" for why in lies]
        if said.kind == WINDOW and said.detail["change"] == "closed":
            self.windows.pop(str(said.account), None)

    def _lies(self, said: Said) -> Iterator[str]:
        if said.account is None:
            return
        detail, present = said.detail, self.present(said.account)
        gone = {removal.credential for removal in self.removals if removal.account == said.account}
        for credential in named(detail, "removed") - gone:
            yield f"{in_words(credential)} was not removed"
        states = {record.id: record.state for record in self.aws.state.records.accounts}
        if said.kind == LEFT and states.get(said.account) == "ACTIVE":
            yield "it is an active member"
        if said.kind == HARDENING:
            since = self.added.get(said.account)
            # What came while somebody looked, he need not have seen.
            is_settled = since is None or said.at - since > WHILE_LOOKING
            yield from self._lies_on_mode(said, present if is_settled else None)
            yield from _lies_on_result(detail, present) if is_settled else ()
        if said.kind == WINDOW:
            was_opened = said.account in {account for account, _ in self.opened}
            yield from _lies_on_window(detail, has_password=PASSWORD in present, was_opened=was_opened)

    def _lies_on_mode(self, said: Said, present: frozenset[Credential] | None) -> Iterator[str]:
        """Say where an outcome is not what the account's mode, or whoever asked, lets it be.

        present: what there is; None where that changed while somebody looked.
        """
        detail, account = said.detail, str(said.account)
        mode, had_window = detail["mode"], account in self.windowed
        right = self.modes.of_outcome(detail, account, had_window=had_window)
        # Of an account that left nothing is kept; no window stands behind a forged word of its end.
        if account in self.departed or detail["trigger"]["eventId"] in self.forged:
            right |= self.modes.of(account)
        if mode and mode not in right:
            yield f"done in the mode {mode}, where it is {' or '.join(sorted(right)) or 'unknown'}"
        if mode in _CONTRADICTING.get(detail["result"], ()):
            yield f"{detail['result']}, in the mode {mode}"
        if detail["result"] != "observed":
            return
        goes, stays = named(detail, "wouldRemove"), named(detail, "failures")
        unlisted = {kind for kind, identifier in stays if identifier is None}
        told = goes | {credential for credential in stays if credential[0] not in unlisted}
        if present is not None and told != {each for each in present if each[0] not in unlisted}:
            yield f"what would go, {sorted(goes)}, and stay, {sorted(told - goes)}, is not what is there"
        for credential in sorted(goes & self.in_use(account)):
            yield f"{in_words(credential)} would go, and is in use"


def _lies_on_result(detail: Mapping[str, Any], present: frozenset[Credential]) -> Iterator[str]:
    if detail["result"] in _PROVEN and present:
        yield f"{detail['result']}, but there is {', '.join(map(in_words, sorted(present)))}"
    after = detail["after"]
    kinds = {_KINDS[name] for name, is_there in (after or {}).items() if is_there}
    if after is not None and kinds != {kind for kind, _ in present}:
        yield f"after is {sorted(kinds)}, and there is {sorted(present)}"


def _lies_on_window(detail: Mapping[str, Any], *, has_password: bool, was_opened: bool) -> Iterator[str]:
    if detail["change"] == "opened" and not has_password:
        yield "opened, but the password cannot be recovered"
    # A password that nobody could remove yet is not one that the window made.
    if detail["change"] == "failed" and not detail["mayBeOpen"] and has_password and was_opened:
        yield "not opened, but the password can be recovered"
