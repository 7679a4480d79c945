"""Opening a window and hardening its account exclude each other, whichever comes while the other is at it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import cast

import pytest

from rootwarden.claims import RetryLater
from rootwarden.events import AccountId
from rootwarden.hardening.announcement import Announcement
from rootwarden.recovery.windows import RecoveryWindow
from rootwarden.requests import Answer, RequestRefused
from rootwarden.root_credentials import PASSWORD, Credential
from tests.unit.fake_recovery import FakePasswords, Recovery
from tests.unit.fakes import RootUser
from tests.unit.given import MEMBER, TRIGGER, Hardening

ANNOUNCED = Announcement(trigger=TRIGGER, account_id=MEMBER, ignores_recent_result=True)


@dataclass
class SharedRoot(RootUser):
    """The account's root user, whose password is what the window's function allows."""

    passwords: FakePasswords | None = None

    @property
    def credentials(self) -> frozenset[Credential]:
        return frozenset({PASSWORD} if self.passwords and self.passwords.allowed else ())

    def delete(self, _credential: Credential) -> None:
        if self.passwords:
            self.passwords.allowed.clear()


@dataclass
class Both:
    """Both functions' parts on one state table and in one account."""

    had_password: bool

    def __post_init__(self) -> None:
        self.recovery = Recovery()
        if self.had_password:
            self.recovery.passwords.allowed.add(MEMBER)
        self.hardening = Hardening(user=SharedRoot(passwords=self.recovery.passwords))
        self.hardening.memory.windows = cast("dict[AccountId, RecoveryWindow]", Windows(self.recovery))
        opener = replace(self.recovery.opener, accounts=self.hardening.claims)
        self.recovery.opener = opener

    def open(self) -> Answer | None:
        try:
            return self.recovery.open()
        except RequestRefused as refused:
            assert refused.code == "WindowBusy"  # noqa: PT017 - the other's turn is what is tested
            return None

    def harden(self) -> None:
        try:
            self.hardening.run.run(ANNOUNCED, attempt=1, is_last=False)
        except RetryLater:
            return

    def check(self, answer: Answer | None) -> None:
        """Whoever was told that a window is open can recover the password."""
        if answer is not None:
            assert answer["result"] == "opened"
            assert self.recovery.passwords.allowed == {MEMBER}
        else:
            assert self.recovery.standing is None


@dataclass
class Windows(Mapping[AccountId, RecoveryWindow]):
    """The windows that hardening reads."""

    recovery: Recovery

    def __getitem__(self, account_id: AccountId) -> RecoveryWindow:
        standing = self.recovery.windows.kept[account_id]
        if not standing.counts(self.recovery.clock()):
            raise KeyError(account_id)
        return standing.window

    def __iter__(self):  # type: ignore[no-untyped-def]
        return iter(self.recovery.windows.kept)

    def __len__(self) -> int:
        return len(self.recovery.windows.kept)


def _calls(*, had_password: bool) -> tuple[list[str], list[str]]:
    opening, hardening = Both(had_password), Both(had_password)
    opening.open()
    hardening.harden()
    return opening.recovery.line.calls, hardening.hardening.line.calls


OPENING, HARDENING = _calls(had_password=True)


@pytest.mark.parametrize("had_password", [False, True])
@pytest.mark.parametrize("number", range(1, len(OPENING) + 1), ids=lambda number: OPENING[number - 1])
def test_a_hardening_while_a_window_opens(number: int, *, had_password: bool) -> None:
    given = Both(had_password)
    given.recovery.line.before[number] = lambda _: given.harden()

    given.check(given.open())


@pytest.mark.parametrize("number", range(1, len(HARDENING) + 1), ids=lambda number: HARDENING[number - 1])
def test_a_window_that_opens_while_the_account_is_hardened(number: int) -> None:
    given = Both(had_password=True)
    answers: list[Answer | None] = []
    given.hardening.line.before[number] = lambda _: answers.append(given.open())

    given.harden()

    given.check(answers[0])
