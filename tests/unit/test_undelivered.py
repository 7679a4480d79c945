"""What accounts could not send: which of it is brought in, where to, and what is said of the rest."""

import json
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest
from msgspec import structs

from rootwarden.aws.member_queues import BusRules, MemberCollector, MemberQueues
from rootwarden.aws.sweep_records import SweepStore
from rootwarden.contract import event_patterns as patterns
from rootwarden.contract.settings import CollectUndeliveredSettings
from rootwarden.contract.watch_patterns import WATCH_FORWARDED
from rootwarden.events import AccountId, Fields, MalformedEvent
from rootwarden.outcomes import iso
from rootwarden.refusals import CallRefused
from rootwarden.report.checks import Check
from rootwarden.report.controls import ControlStatus
from rootwarden.report.deployment_checks import undelivered
from rootwarden.report.gathering import gather_undelivered
from rootwarden.sweep.sweep import Sweep
from rootwarden.undelivered.collecting import (
    MOST,
    AccountQueue,
    Collector,
    Route,
    StaysInQueue,
    WaitingEvent,
    route,
)
from rootwarden.undelivered.findings import QueueFindings, UndeliveredEvents
from tests.unit.fakes import NOON
from tests.unit.given import HUB, MANAGEMENT, MEMBER, member
from tests.unit.sample_events import NAMES, sample
from tests.unit.test_settings import ENVIRONMENT

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

SAMPLES = {name: sample(name) for name in NAMES}
ASSESS, HARDEN, FORGET = (f"https://sqs.example/{HUB}/{name}" for name in ("assess", "harden", "forget"))
ROUTES = [
    *(Route(pattern=each.document(), queue=ASSESS) for each in (*patterns.ROOT_ACTIVITY, *WATCH_FORWARDED)),
    *(Route(pattern=each.document(account=MANAGEMENT), queue=ASSESS) for each in patterns.TAMPERING),
    *(Route(pattern=each.document(account=MANAGEMENT), queue=HARDEN) for each in patterns.ACCOUNT_JOINED),
    *(Route(pattern=each.document(account=MANAGEMENT), queue=FORGET) for each in patterns.ACCOUNT_LEFT),
    Route(pattern=patterns.OUTCOMES.document(account=HUB), queue=HARDEN),
]
PLACE = AccountQueue(account_id=MEMBER, region="us-east-1")


SIGN_IN = {
    "userIdentity": {"type": "Root"},
    "eventName": "ConsoleLogin",
    "eventSource": "signin.amazonaws.com",
}


def event(**changes: Any) -> dict[str, Any]:
    """Return a root user's sign-in."""
    return {
        "id": "1",
        "source": "aws.signin",
        "detail-type": "AWS Console Sign In via CloudTrail",
        "account": MEMBER,
        "region": "us-east-1",
        "time": iso(NOON),
        "detail": SIGN_IN,
        **changes,
    }


@dataclass
class FakeQueues:
    """Queues in memory; `refuses` names the calls that AWS refuses."""

    letters: list[WaitingEvent]
    counted: int | None = None
    exists: bool = True
    refuses: tuple[str, ...] = ()
    sent: list[tuple[str, str]] = field(default_factory=list)
    handed_out: set[str] = field(default_factory=set)

    def waiting(self, _place: AccountQueue) -> int | None:
        self._ask("waiting")
        if not self.exists:
            return None
        return len(self.letters) if self.counted is None else self.counted

    def receive(self, _place: AccountQueue) -> list[WaitingEvent]:
        self._ask("receive")
        found = [each for each in self.letters if each.receipt not in self.handed_out][:10]
        self.handed_out.update(each.receipt for each in found)
        return found

    def send(self, queue: str, letter: WaitingEvent, _place: AccountQueue) -> None:
        self._ask("send")
        self.sent.append((queue, letter.body))

    def delete(self, _place: AccountQueue, letter: WaitingEvent) -> None:
        self._ask("delete")
        self.letters.remove(letter)

    def _ask(self, call: str) -> None:
        if call in self.refuses:
            raise CallRefused("AccessDenied", f"{call} is not allowed")


def letters(*events: dict[str, Any], code: str | None = "NO_PERMISSIONS") -> list[WaitingEvent]:
    return [
        WaitingEvent(body=json.dumps(each), receipt=str(number), code=code, text="the bus does not admit it")
        for number, each in enumerate(events)
    ]


def collect(
    queues: FakeQueues, *places: AccountQueue, seconds: float = 60, sends: bool = True
) -> UndeliveredEvents:
    collector = Collector(
        queues=queues,
        routes=lambda: ROUTES,
        time_left=lambda: seconds,
        threads=2,
        unforeseen=lambda _: None,
        sends=sends,
    )
    return collector.collect(places or [PLACE])


def test_an_event_goes_where_the_rules_put_it() -> None:
    assert route(json.dumps(event()), MEMBER, ROUTES) == (ASSESS,)
    created = SAMPLES["create_account_result_succeeded"]
    assert route(json.dumps(created), MANAGEMENT, ROUTES) == (HARDEN,)


@pytest.mark.parametrize(
    ("body", "account", "why"),
    [
        (event(account=HUB), MEMBER, "another account"),
        (event(account=MANAGEMENT), MEMBER, "another account"),
        (SAMPLES["create_account_result_succeeded"], MEMBER, "another account"),
        (
            {**SAMPLES["create_account_result_succeeded"], "account": MEMBER},
            MEMBER,
            "no rule of the hub puts it on a queue",
        ),
        ({**SAMPLES["close_account_result"], "account": MEMBER}, MEMBER, "no rule"),
        (event(source="rootwarden", account=HUB), HUB, "no event of an AWS service"),
        (event(source="aws.partner/example.com/x"), MEMBER, "no event of an AWS service"),
        (event(detail={"userIdentity": {"type": "IAMUser"}}), MEMBER, "no rule"),
        ([], MEMBER, "no event of EventBridge"),
        ({}, MEMBER, "no event of EventBridge"),
    ],
)
def test_what_is_not_the_accounts_to_bring_stays(body: Any, account: AccountId, why: str) -> None:
    with pytest.raises(StaysInQueue, match=why):
        route(json.dumps(body), account, ROUTES)


def test_events_are_sent_and_then_deleted() -> None:
    queues = FakeQueues(letters(*(event(id=str(number)) for number in range(23))))
    found = collect(queues)
    assert (found.looked, found.found, found.sent, found.left) == (1, 23, 23, 0)
    assert [queue for queue, _ in queues.sent] == [ASSESS] * 23
    assert queues.letters == []
    assert found.reasons() == {"NO_PERMISSIONS: the bus does not admit it": 23}


@pytest.mark.parametrize("refuses", [(), (HARDEN,)])
def test_an_event_that_two_queues_are_for_goes_to_both_before_it_is_deleted(refuses: tuple[str, ...]) -> None:
    class Queues(FakeQueues):
        def send(self, queue: str, letter: WaitingEvent, place: AccountQueue) -> None:
            if queue in refuses:
                raise CallRefused("AccessDenied", "not to this one")
            super().send(queue, letter, place)

    by_root = {**SAMPLES["accept_handshake"], "account": MANAGEMENT}
    by_root["detail"] = {**by_root["detail"], "userIdentity": {"type": "Root"}}
    queues = Queues(letters(by_root))

    found = collect(queues, replace(PLACE, account_id=MANAGEMENT))

    assert [queue for queue, _ in queues.sent] == ([ASSESS] if refuses else [ASSESS, HARDEN])
    assert (found.sent, len(queues.letters)) == ((0, 1) if refuses else (1, 0))


def test_forged_events_stay_and_are_reported() -> None:
    queues = FakeQueues(letters(event(account=HUB), event(), code=None))
    found = collect(queues)
    assert (found.sent, found.left, len(queues.letters)) == (1, 1, 1)
    assert list(found.stays()) == ["it names another account than the one whose queue it waits in"]
    assert list(found.reasons()) == ["it does not say why, so EventBridge may not have written it"]


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"id": None}, "id"),
        ({"region": ""}, "region"),
        ({"time": "at noon"}, "time"),
        ({"detail": {"userIdentity": {"type": "Root"}}}, "detail.eventName"),
        ({"detail": {**SIGN_IN, "userIdentity": [{"type": "Root"}]}}, "detail.userIdentity"),
        ({"detail": {**SIGN_IN, "userIdentity": {"type": ["Root"]}}}, "detail.userIdentity.type"),
    ],
)
def test_what_a_function_could_not_read_stays_and_says_why(changed: dict[str, Any], field: str) -> None:
    queues = FakeQueues(letters(event(**changed), event(id="2")))

    found = collect(queues)

    assert (found.sent, found.left, len(queues.letters)) == (1, 1, 1)
    assert [json.loads(body)["id"] for _, body in queues.sent] == ["2"]
    assert list(found.stays()) == [f"no function could read it: {field}"]


def _is_taken(name: str) -> bool:
    try:
        return bool(route(json.dumps(SAMPLES[name]), AccountId(SAMPLES[name]["account"]), ROUTES))
    except StaysInQueue:
        return False


def test_whatever_a_rule_takes_of_aws_can_be_read() -> None:
    taken = [name for name in NAMES if _is_taken(name)]
    places = {name: replace(PLACE, account_id=AccountId(SAMPLES[name]["account"])) for name in taken}
    sent = {name: collect(FakeQueues(letters(SAMPLES[name])), places[name]).sent for name in taken}

    assert sent == dict.fromkeys(taken, 1)
    assert len(taken) > 110


@pytest.mark.parametrize(
    ("refused", "sent", "left", "still_there"),
    [("waiting", 0, 0, 1), ("receive", 0, 1, 1), ("send", 0, 1, 1), ("delete", 1, 0, 1)],
)
def test_nothing_is_lost_by_a_refusal(refused: str, sent: int, left: int, still_there: int) -> None:
    queues = FakeQueues(letters(event()), refuses=(refused,))
    found = collect(queues)
    assert (found.sent, found.left, len(queues.letters)) == (sent, left, still_there)
    assert [queue.code for queue in found.refused] == ["AccessDenied"]


@pytest.mark.parametrize(
    ("code", "sent", "stops"),
    [
        ("InvalidParameterValue", ["2", "3"], False),
        ("InvalidMessageContents", ["2", "3"], False),
        ("RequestThrottled", [], True),
    ],
)
def test_an_event_that_a_queue_does_not_take_keeps_no_other_waiting(
    code: str, sent: list[str], *, stops: bool
) -> None:
    class Queues(FakeQueues):
        def send(self, queue: str, letter: WaitingEvent, place: AccountQueue) -> None:
            if json.loads(letter.body)["id"] == "1":
                raise CallRefused(code, "Message must be shorter than 1048576 bytes.")
            super().send(queue, letter, place)

    queues = Queues(letters(*(event(id=number) for number in "123")))
    found = collect(queues)

    assert [json.loads(body)["id"] for _, body in queues.sent] == sent
    assert bool(found.refused) is stops
    assert dict(found.stays()) == ({} if stops else {f"the hub's queue refuses it: {code}": 1})


def test_an_error_nobody_foresaw_loses_nothing_of_the_other_queues() -> None:
    class Queues(FakeQueues):
        def waiting(self, place: AccountQueue) -> int | None:
            if place.region == "eu-west-1":
                raise KeyError("Attributes")
            return super().waiting(place)

    found = collect(Queues(letters(event())), PLACE, replace(PLACE, region="eu-west-1"))
    assert (found.sent, [(queue.region, queue.code) for queue in found.refused]) == (
        1,
        [("eu-west-1", "KeyError")],
    )


_STAYS = {"forged": 1}


class Dies(BaseException):
    """When the function is stopped."""


@pytest.mark.parametrize("dies_at", [None, "receive", "delete"])
def test_what_an_attempt_brought_in_is_in_the_report_whatever_the_next_one_finds(dies_at: str | None) -> None:
    class Queues(FakeQueues):
        def _ask(self, call: str) -> None:
            if call == dies_at:
                raise Dies

    files: dict[str, str] = {}

    def put_object(*, Key: str, Body: bytes, **_: object) -> None:  # noqa: N803 - AWS's names
        files[Key] = Body.decode()

    waiting = letters(event(), event(id="2"))
    store = SweepStore(cast("S3Client", SimpleNamespace(put_object=put_object)), "bucket")
    rules = cast("BusRules", SimpleNamespace(into=lambda _: ROUTES))
    settings = CollectUndeliveredSettings.from_environment(
        ENVIRONMENT | {"FORWARDING_REGIONS": json.dumps(["us-east-1"]), "MANAGEMENT_REGIONS": "[]"}
    )
    sweep = Sweep(sweep_id="nightly-1", started_at=NOON, mode=None)
    for queues in (Queues(waiting), FakeQueues([])):
        collector = MemberCollector(settings, cast("MemberQueues", queues), rules, store)
        with suppress(Dies):
            collector.collect(sweep, [replace(member(), joined_at=None)], sends=True, keeps=True)

    total, missing = gather_undelivered(files)
    check = undelivered(total, accounts=1, at=NOON)
    assert (total.accounts_asked, missing) == (1, [])
    assert check.status is (UNKNOWN if dies_at else FAIL)
    assert total.sent == (0 if dies_at else 2)


_REFUSED = {"code": "AccessDenied", "message": "no"}


@pytest.mark.parametrize(
    ("earlier", "later", "together"),
    [
        ({"waiting": 3, "sent": 2, "stays": _STAYS}, None, {"waiting": 2, "sent": 2}),
        (
            {"waiting": 3, "sent": 2, "stays": _STAYS},
            {"waiting": 1},
            {"waiting": 3, "sent": 2, "stays": _STAYS},
        ),
        (
            {"waiting": 3, "sent": 2, "stays": _STAYS},
            {"waiting": 2, "sent": 2, "new": 1},
            {"waiting": 4, "sent": 4, "new": 1},
        ),
        ({"waiting": 3, "sent": 1, **_REFUSED}, {"waiting": 2, "sent": 2}, {"waiting": 3, "sent": 3}),
        (_REFUSED, {"waiting": 2}, {"waiting": 2}),
        (_REFUSED, None, None),
        ({"waiting": 3, "sent": 1}, _REFUSED, {"waiting": 3, "sent": 1, **_REFUSED}),
        ({"waiting": 3, "sent": 1}, {"waiting": 2, **_REFUSED}, {"waiting": 3, "sent": 1, **_REFUSED}),
        (None, {"waiting": 2}, {"waiting": 2}),
    ],
)
def test_a_queue_that_two_attempts_looked_into_is_one(
    earlier: dict[str, Any] | None, later: dict[str, Any] | None, together: dict[str, Any] | None
) -> None:
    first, second, expected = (
        UndeliveredEvents(accounts_asked=1, looked=1) if parts is None else _found(**parts)
        for parts in (earlier, later, together)
    )
    files = {"1-2-b.json": second, "1-1-c.json": first}

    total, _missing = gather_undelivered({name: json.dumps(each.to_detail()) for name, each in files.items()})

    assert total == expected


def test_what_an_attempt_found_stays_where_the_next_one_did_not_come_to_it() -> None:
    first, second = _found(waiting=3, sent=1, **_REFUSED), UndeliveredEvents(accounts_asked=1, not_begun=1)

    assert first.tried_again(second) == structs.replace(first, not_begun=1)
    assert second.tried_again(first) == structs.replace(first, not_begun=1)


def test_no_queue_and_no_time_are_no_empty_queue() -> None:
    assert collect(FakeQueues([], exists=False)).without_queue == 1
    late = collect(FakeQueues(letters(event())), PLACE, PLACE, seconds=1)
    assert (late.not_begun, late.looked, late.found) == (2, 0, 0)


def test_only_looking_takes_nothing() -> None:
    queues = FakeQueues(letters(event()))
    assert (collect(queues, sends=False).left, queues.sent) == (1, [])


def test_a_flooded_queue_does_not_take_all_the_time() -> None:
    queues = FakeQueues(letters(*(event(id=str(number)) for number in range(MOST + 30))))
    found = collect(queues)
    assert (found.sent, found.left) == (MOST, 30)


def test_a_line_of_a_stranger_is_inert() -> None:
    written = WaitingEvent(body="{}", receipt="1", code="NO_PERMISSIONS", text=f"\x1b[31m{'x' * 500}\n<b>")
    assert written.why.isprintable()
    assert len(written.why) < 200


def test_findings_are_read_as_they_were_written() -> None:
    found = collect(FakeQueues(letters(event(), event(account=HUB))))
    assert UndeliveredEvents.from_detail(Fields(json.loads(json.dumps(found.to_detail())))) == found


def _check(found: UndeliveredEvents, *, accounts: int = 1, days: int = 0) -> Check:
    files = {"1.json": json.dumps(found.to_detail())}
    total, missing = gather_undelivered(files)
    assert missing == []
    return undelivered(total, accounts=accounts, at=NOON + timedelta(days=days))


def _found(**more: Any) -> UndeliveredEvents:
    queue = QueueFindings(**{"account_id": MEMBER, "region": "us-east-1", **more})
    return UndeliveredEvents(accounts_asked=1, looked=1, queues=(queue,))


PASS, FAIL, UNKNOWN = ControlStatus.PASS, ControlStatus.FAIL, ControlStatus.UNKNOWN
_WHY = {"NO_PERMISSIONS": 3}


@pytest.mark.parametrize(
    ("found", "status", "words"),
    [
        (UndeliveredEvents(accounts_asked=1, looked=17), PASS, "nothing waits in the 17 queues"),
        (_found(waiting=3, sent=3, why=_WHY), FAIL, "3 events could not be sent to the hub"),
        (_found(waiting=3, sent=3, why=_WHY), FAIL, "why: NO_PERMISSIONS (3)"),
        (_found(waiting=3, sent=2, stays={"forged": 1}), FAIL, "2 brought in, 1 waiting still"),
        (_found(waiting=3, sent=3, new=3, why=_WHY), PASS, "their accounts were new"),
        (_found(waiting=3, sent=2, new=2), FAIL, "1 waiting still"),
        (_found(code="AccessDenied"), UNKNOWN, "could not look into, or empty, 1 queue (AccessDenied)"),
        (
            UndeliveredEvents(accounts_asked=1, looked=1, not_begun=4),
            UNKNOWN,
            "not all is known of 4 queues: no time was left",
        ),
        (UndeliveredEvents(), UNKNOWN, "not looked into: the queues of 1 account"),
        (UndeliveredEvents(accounts_asked=1, without_queue=2), UNKNOWN, "in 2 places there is none:"),
        (
            UndeliveredEvents(accounts_asked=1, looked=1, without_queue=500),
            UNKNOWN,
            "what cannot be sent from there is lost",
        ),
    ],
)
def test_the_report_says_what_waited(found: UndeliveredEvents, status: ControlStatus, words: str) -> None:
    check = _check(found)
    assert check.status is status
    assert words in check.text


@pytest.mark.parametrize("queue", [True, False])
def test_what_lacks_a_number_is_no_zero(queue: bool) -> None:  # noqa: FBT001
    found = _found(waiting=1).to_detail()
    names = list(found["queues"][0] if queue else found)  # type: ignore[index]
    for name in names:
        lacking = json.loads(json.dumps(found))
        del (lacking["queues"][0] if queue else lacking)[name]
        with pytest.raises(MalformedEvent, match=name):
            UndeliveredEvents.from_detail(Fields(lacking))


def test_old_events_are_said_to_be_old() -> None:
    found = _found(waiting=1, sent=1, oldest=NOON)
    assert "day old" not in _check(found).text
    assert "the oldest is 2 days old" in _check(found, days=2).text


@pytest.mark.parametrize("file", ["", "[]", "{}", CallRefused("AccessDenied", "no")])
def test_a_file_that_cannot_be_read_is_missing(file: str | CallRefused) -> None:
    total, missing = gather_undelivered({"x.json": file})
    assert total == UndeliveredEvents()
    assert "x.json cannot be read" in missing[0]
