"""Regions that accounts have opted in to, asked account by account, a few in each sweep.

AWS answers a handful of these questions a second, and an account opts in to a Region once in years: so
each account is asked once a week, those first that were asked longest ago, and for two minutes at most. Of
ten thousand accounts that takes more than a week: an answer counts for four, as a probe of an alarm path.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Self

from rootwarden.accounts import AccountState
from rootwarden.events import AccountId, Fields
from rootwarden.outcomes import iso
from rootwarden.refusals import CallRefused
from rootwarden.report.checks import (
    Check,
    CheckName,
    failed_check,
    first_of_many,
    passed_check,
    unknown_check,
)
from rootwarden.sweep.sweep import AccountRow

ASKED_AGAIN_AFTER = timedelta(days=7)
LONGEST = timedelta(minutes=2)
_COUNTS_FOR = timedelta(days=28)
_LONG_AGO = timedelta(days=365 * 100)
# So many in a row, and whoever may not ask at all stops asking.
_MOST_REFUSED = 3


@dataclass(frozen=True, kw_only=True)
class OptedIn:
    """What an account had opted in to when it was asked."""

    regions: tuple[str, ...]
    asked_at: datetime

    def to_detail(self, account_id: AccountId) -> dict[str, object]:
        """Return the JSON form."""
        return {"account": account_id, "regions": list(self.regions), "askedAt": iso(self.asked_at)}

    @classmethod
    def from_detail(cls, fields: Fields) -> Self:
        """Read the JSON form; raises MalformedEvent."""
        regions = fields.optional_texts("regions") or ()
        return cls(regions=regions, asked_at=fields.time("askedAt"))


@dataclass(frozen=True, kw_only=True)
class RegionQuestions:
    """forwarded: the Regions that forward. ask: what an account has opted in to; raises CallRefused.

    never: accounts AWS says nothing of to another account, such as the management account.
    """

    forwarded: frozenset[str]
    never: frozenset[AccountId]
    ask: Callable[[AccountId], Collection[str]]
    clock: Callable[[], datetime]


@dataclass(frozen=True, kw_only=True)
class RegionAnswers:
    """What is known by account, from this sweep or an earlier one. refused: why not all could be asked."""

    known: Mapping[AccountId, OptedIn] = field(default_factory=dict)
    refused: CallRefused | None = None


def ask_regions(
    rows: Iterable[AccountRow], before: Mapping[AccountId, OptedIn], questions: RegionQuestions
) -> RegionAnswers:
    """Ask the accounts whose answer is old or missing, until time is up or AWS refuses too many."""
    active = _active(rows, questions)
    began, refused, refused_in_a_row = questions.clock(), None, 0
    known = {account: before[account] for account in active if account in before}
    due = [a for a in active if a not in known or began - known[a].asked_at >= ASKED_AGAIN_AFTER]
    for account in sorted(due, key=lambda a: (known[a].asked_at if a in known else began - _LONG_AGO, a)):
        now = questions.clock()
        if now - began >= LONGEST or refused_in_a_row == _MOST_REFUSED:
            break
        try:
            known[account] = OptedIn(regions=tuple(sorted(questions.ask(account))), asked_at=now)
            refused_in_a_row = 0
        except CallRefused as error:
            refused, refused_in_a_row = error, refused_in_a_row + 1
    return RegionAnswers(known=known, refused=refused)


def regions_check(rows: Iterable[AccountRow], answers: RegionAnswers, questions: RegionQuestions) -> Check:
    """Name the accounts that have Regions in which root's calls are not seen."""
    name, active = CheckName.REGIONS, _active(rows, questions)
    unseen = {
        account: [region for region in known.regions if region not in questions.forwarded]
        for account, known in answers.known.items()
    }
    unwatched = [account for account in active if unseen.get(account)]
    lacking = len(active) - len(answers.known)
    old = [found for found in answers.known.values() if questions.clock() - found.asked_at >= _COUNTS_FOR]
    text = f"{len(answers.known)} of {len(active)} active accounts were asked which Regions they opted in to"
    if old:
        longest = min(found.asked_at for found in old)
        text += (
            f", {len(old)} of them more than {_COUNTS_FOR.days} days ago, the longest on {longest:%Y-%m-%d}"
        )
    if answers.refused:
        text += f"; not all could be asked now: {answers.refused}"
    if unwatched:
        named = [f"{account}: {', '.join(unseen[account])}" for account in unwatched]
        said = first_of_many(named, joined_by="; ")
        text = f"root's calls are not seen in Regions that accounts have opted in to: {said}; {text}"
        return failed_check(name, text, subjects=named)
    if lacking or old or answers.refused:
        # No code: a hub that may not ask would notify people of it after every sweep.
        return unknown_check(name, text)
    text = "no active account has opted in to a Region that does not forward"
    return passed_check(name, text)


def _active(rows: Iterable[AccountRow], questions: RegionQuestions) -> list[AccountId]:
    active = (row.account_id for row in rows if row.account.state == AccountState.ACTIVE)
    return [account_id for account_id in active if account_id not in questions.never]
