"""What was found in accounts' queues, and what became of it."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Self

from msgspec import field
from msgspec.structs import replace

from rootwarden.events import Fields, Record, TwelveDigits
from rootwarden.outcomes import Time

# A queue is written to by its account's administrators too: however much they write, this much is shown.
_REASONS = 5


class QueueFindings(Record, frozen=True, kw_only=True):
    """One account's queue in one Region.

    waiting: how many events SQS counted. sent: how many were brought in; new: of those, how many came
    while the account was new. why: why they waited, in EventBridge's words, with their number. stays: why
    others were not brought in. oldest: the time of the oldest event seen. code, message: what kept the
    function from looking or going on.
    """

    account_id: TwelveDigits = field(name="account")
    region: str
    waiting: int = 0
    sent: int = 0
    new: int = 0
    why: Mapping[str, int] = {}
    stays: Mapping[str, int] = {}
    oldest: Time | None = None
    code: str | None = None
    message: str | None = None

    @property
    def found(self) -> int:
        """How many events waited: SQS's count is approximate, what was handed out is certain."""
        return max(self.waiting, self.sent + sum(self.stays.values()))

    @property
    def left(self) -> int:
        """How many wait still."""
        return self.found - self.sent

    @property
    def unexpected(self) -> int:
        """How many waited for another reason than that the account was new."""
        return self.found - self.new

    def tried_again(self, later: "QueueFindings") -> "QueueFindings":
        """Return two looks into the queue together: both brought events in, the later says what is left."""
        # A look that was refused at once knows of nothing.
        last = self if later.code and not later.found else later
        sent, is_as_before = self.sent + later.sent, sum(self.stays.values()) <= last.left
        return replace(
            later,
            waiting=sent + last.left,
            sent=sent,
            new=self.new + later.new,
            why=_added((self.why, later.why)),
            stays=later.stays or (self.stays if is_as_before else {}),
            oldest=min(filter(None, (self.oldest, later.oldest)), default=None),
        )


class UndeliveredEvents(Record, frozen=True, kw_only=True):
    """Many queues.

    accounts_asked: of how many accounts the queues were to be looked into. looked: how many queues were
    looked into; without_queue: in how many places there is none; not_begun: how many there was no time
    for, or an attempt died at. queues: those in which something waits, or that could not be looked into.
    """

    accounts_asked: int = 0
    looked: int = 0
    without_queue: int = 0
    not_begun: int = 0
    queues: tuple[QueueFindings, ...] = ()

    @property
    def found(self) -> int:
        """How many events waited."""
        return sum(queue.found for queue in self.queues)

    @property
    def sent(self) -> int:
        """How many events were brought in."""
        return sum(queue.sent for queue in self.queues)

    @property
    def left(self) -> int:
        """How many wait still."""
        return sum(queue.left for queue in self.queues)

    @property
    def unexpected(self) -> int:
        """How many waited for another reason than that their account was new, or wait still."""
        return sum(max(queue.unexpected, queue.left) for queue in self.queues)

    @property
    def faulty(self) -> tuple[QueueFindings, ...]:
        """The queues in which they waited."""
        return tuple(queue for queue in self.queues if max(queue.unexpected, queue.left) > 0)

    @property
    def accounts(self) -> int:
        """In how many accounts events waited."""
        return len({queue.account_id for queue in self.queues if queue.found})

    @property
    def refused(self) -> tuple[QueueFindings, ...]:
        """The queues that could not be looked into, or not to the end."""
        return tuple(queue for queue in self.queues if queue.code)

    @property
    def not_looked_at(self) -> int:
        """How many queues nothing, or not everything, is known of."""
        return len(self.refused) + self.not_begun

    @property
    def oldest(self) -> datetime | None:
        """The time of the oldest event seen."""
        return min((queue.oldest for queue in self.queues if queue.oldest), default=None)

    def reasons(self) -> Mapping[str, int]:
        """Why events waited, the most frequent reason first."""
        return _most(_added(queue.why for queue in self.queues))

    def stays(self) -> Mapping[str, int]:
        """Why events were not brought in, the most frequent reason first."""
        return _most(_added(queue.stays for queue in self.queues))

    def __add__(self, other: "UndeliveredEvents") -> "UndeliveredEvents":
        """Return both together."""
        return UndeliveredEvents(
            accounts_asked=self.accounts_asked + other.accounts_asked,
            looked=self.looked + other.looked,
            without_queue=self.without_queue + other.without_queue,
            not_begun=self.not_begun + other.not_begun,
            queues=self.queues + other.queues,
        )

    def tried_again(self, later: "UndeliveredEvents") -> "UndeliveredEvents":
        """Return two tries at the same queues together: each may have found and taken something else."""
        ours = {(queue.account_id, queue.region): queue for queue in self.queues}
        theirs = {(queue.account_id, queue.region): queue for queue in later.queues}
        if not later.not_begun:
            # Of a queue that it does not name, the later one knows that nothing waits.
            empty = {key: QueueFindings(account_id=key[0], region=key[1]) for key in ours}
            theirs = empty | theirs
        both = {key: ours[key].tried_again(theirs[key]) for key in ours.keys() & theirs.keys()}
        queues = (ours | theirs | both).values()
        return UndeliveredEvents(
            accounts_asked=max(self.accounts_asked, later.accounts_asked),
            looked=max(self.looked, later.looked),
            without_queue=max(self.without_queue, later.without_queue),
            not_begun=max(self.not_begun, later.not_begun),
            queues=tuple(queue for queue in queues if queue.found or queue.code),
        )

    @classmethod
    def from_detail(cls, fields: Fields) -> Self:
        """Read the JSON form; raises MalformedEvent also where a field is left out: that is not zero."""
        cls.check_complete(fields)
        for queue in fields.objects("queues"):
            QueueFindings.check_complete(queue)
        return super().from_detail(fields)

    def to_detail(self) -> dict[str, object]:
        """Return the JSON form, of the reasons the most frequent ones alone."""
        shown = tuple(replace(each, why=_most(each.why), stays=_most(each.stays)) for each in self.queues)
        return super(UndeliveredEvents, replace(self, queues=shown)).to_detail()


def _added(counts: Iterable[Mapping[str, int]]) -> Counter[str]:
    total: Counter[str] = Counter()
    for each in counts:
        total.update(each)
    return total


def _most(counts: Mapping[str, int]) -> dict[str, int]:
    return dict(Counter(counts).most_common(_REASONS))
