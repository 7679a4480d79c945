"""Unlocking a bucket: what is decided, in which order, and what is said when it does not work."""

import json
from datetime import timedelta
from typing import Any

import pytest
from msgspec import structs

from rootwarden.accounts import AccountState
from rootwarden.approval.approvals import ApprovalCode, NotApproved
from rootwarden.events import Fields
from rootwarden.messages.unlock_message import unlock_message
from rootwarden.policies.locks import LockVerdict
from rootwarden.refusals import CallRefused
from rootwarden.requests import Approved
from rootwarden.unlocking.outcome import EvidenceReference, PolicyUnlocked, Unlocked
from rootwarden.unlocking.requests import ResourceKind
from tests.unit.given import MANAGEMENT, MEMBER, member
from tests.unit.interruptions import Died
from tests.unit.unlock_given import (
    DOUBTFUL,
    EVIDENCE,
    HARMLESS,
    LEDGER,
    LOCKING,
    FakeApprovals,
    FakeBucket,
    Unlocking,
    deny,
    policy,
    reason_of,
)

THROTTLED = CallRefused("SlowDown", "Please reduce your request rate.")


def test_showing_changes_and_announces_nothing() -> None:
    given = Unlocking()

    answer = given.ask("show")

    assert answer["result"] == "shown"
    assert (answer["policy"], answer["evidence"], answer["reason"]) == (LOCKING, None, None)
    [statement] = Unlocked.from_detail(Fields(answer)).statements
    assert (statement.sid, statement.verdict) == ("OnlyFromTheOffice", LockVerdict.LOCKS)
    assert (given.bucket.writes, given.published, given.evidence.kept) == ([], [], {})


def test_a_dry_run_only_shows_what_any_action_would_meet() -> None:
    given = Unlocking()

    assert given.ask("delete", dryRun=True)["result"] == "shown"
    assert reason_of(given.ask("put", policy=LOCKING, dryRun=True)).text("code") == "WouldLock"
    assert (given.bucket.writes, given.published) == ([], [])


def test_deleting_keeps_the_policy_as_evidence_first_and_tells_of_it() -> None:
    given = Unlocking()

    answer = given.ask("delete")

    assert answer["result"] == "deleted"
    assert answer["evidence"] == {"bucket": "evidence", "key": EVIDENCE}
    assert given.evidence.kept[EVIDENCE].policy == LOCKING
    assert given.bucket.policy is None
    [outcome] = given.published
    assert (outcome.result, outcome.requested_by, outcome.request_reason) == ("deleted", "anna", "locked out")
    assert outcome.account.name == "payments-prod"


def test_nothing_is_touched_where_the_evidence_cannot_be_kept() -> None:
    given = Unlocking()
    given.evidence.refusal = CallRefused("AccessDenied", "Access Denied")

    answer = given.ask("delete")

    assert answer == {"result": "failed", "reason": {"code": "AccessDenied", "text": "Access Denied"}}
    assert (given.bucket.policy, given.published) == (LOCKING, [])


def test_another_policy_takes_the_place_of_the_locking_one() -> None:
    given = Unlocking()

    assert given.ask("put", policy=HARMLESS)["result"] == "replaced"
    assert given.bucket.policy == HARMLESS


def test_a_policy_kept_as_evidence_is_put_back_after_all() -> None:
    given = Unlocking(FakeBucket(policy=HARMLESS))
    given.ask("delete")

    assert given.ask("restore", evidence=EVIDENCE)["result"] == "restored"
    assert given.bucket.policy == HARMLESS
    assert given.published[-1].evidence is None


def test_what_is_so_already_stays_untouched() -> None:
    given = Unlocking(FakeBucket(policy=None))
    assert given.ask("delete")["result"] == "unchanged"

    given = Unlocking(FakeBucket(policy=json.dumps(json.loads(HARMLESS), indent=4)))
    assert given.ask("put", policy=HARMLESS)["result"] == "unchanged"
    assert (given.bucket.writes, given.published) == ([], [])


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"action": "put", "policy": LOCKING}, "WouldLock"),
        ({"action": "put", "policy": LOCKING, "lockAgain": True}, "WouldLock"),
        ({"action": "put", "policy": DOUBTFUL}, "MayLock"),
        ({"action": "put", "policy": "{}"}, "NotAPolicy"),
        ({"action": "put", "policy": "not JSON"}, "NotAPolicy"),
        ({"action": "put", "policy": json.dumps({"Version": "2012-10-17", "Statement": []})}, "NotAPolicy"),
        ({"action": "put", "policy": json.dumps({"Version": "2026", "Statement": [deny()]})}, "NotAPolicy"),
        ({"action": "put"}, "MalformedRequest"),
        ({"action": "delete", "policy": HARMLESS}, "MalformedRequest"),
        ({"action": "restore"}, "MalformedRequest"),
        ({"action": "restore", "evidence": "unlocks/unknown.json"}, "EvidenceNotUsable"),
        ({"action": "burn"}, "MalformedRequest"),
        ({"reason": " "}, "MalformedRequest"),
        ({"bucket": ""}, "MalformedRequest"),
        ({"lockAgain": "yes"}, "MalformedRequest"),
        ({"account": MANAGEMENT}, "ManagementAccount"),
        ({"account": "999988887777"}, "NotInOrganization"),
        ({"account": "12"}, "MalformedRequest"),
    ],
)
def test_what_is_turned_away_changes_nothing(more: dict[str, Any], code: str) -> None:
    given = Unlocking()

    answer = given.ask(**more)

    assert answer["result"] == "refused"
    assert reason_of(answer).text("code") == code
    assert (given.bucket.policy, given.published, given.evidence.kept) == (LOCKING, [], {})


def test_a_suspended_account_is_turned_away_before_any_session() -> None:
    given = Unlocking(account=member(AccountState.SUSPENDED))

    assert reason_of(given.ask("delete")).text("code") == "AccountNotActive"
    assert given.sessions == []


def test_a_doubtful_policy_is_put_where_that_is_said() -> None:
    assert Unlocking().ask("put", policy=DOUBTFUL, lockAgain=True)["result"] == "replaced"


def test_a_policy_that_locks_is_restored_only_where_that_is_said() -> None:
    given = Unlocking()
    given.ask("delete")

    assert reason_of(given.ask("restore", evidence=EVIDENCE)).text("code") == "WouldLock"
    assert given.bucket.policy is None
    assert given.ask("restore", evidence=EVIDENCE, lockAgain=True)["result"] == "restored"
    assert given.bucket.policy == LOCKING


def test_a_policy_is_put_back_where_it_was_saved_unless_another_region_is_said() -> None:
    given = Unlocking(FakeBucket(policy=HARMLESS))
    given.ask("delete")
    given.ask("restore", evidence=EVIDENCE)
    given.ask("restore", evidence=EVIDENCE, region="us-east-1")

    assert given.regions == [None, LEDGER.region, "us-east-1"]


def test_the_command_in_the_message_looks_at_the_queue_of_the_region() -> None:
    given = Unlocking(FakeBucket(stale=99))
    given.ask("delete")
    [outcome] = given.published
    queue = structs.replace(LEDGER, kind=ResourceKind.QUEUE, name="orders", region="eu-west-1")

    [look] = unlock_message(structs.replace(outcome, resource=queue), "us-east-1").next_steps

    assert " orders --resource-region eu-west-1 " in look


@pytest.mark.parametrize("before", [LOCKING, DOUBTFUL, HARMLESS])
def test_the_command_in_the_message_puts_the_policy_back(before: str) -> None:
    given = Unlocking(FakeBucket(policy=before))
    given.ask("delete")
    [outcome] = given.published
    assert isinstance(outcome, PolicyUnlocked)

    [undo] = [each for each in unlock_message(outcome, "eu-west-1").next_steps if "rootctl restore" in each]
    refused = given.ask("restore", evidence=EVIDENCE, dryRun=True)["result"] == "refused"

    assert ("--lock-again" in undo) is refused is (before != HARMLESS)
    assert given.ask("restore", evidence=EVIDENCE, lockAgain=refused)["result"] == "restored"


@pytest.mark.parametrize(
    ("request_", "names"),
    [
        ({"action": "put", "policy": LOCKING}, 0),
        ({"action": "put", "policy": DOUBTFUL}, 1),
        ({"action": "restore", "evidence": EVIDENCE}, 1),
    ],
)
def test_a_refusal_names_the_flag_where_the_flag_helps(request_: dict[str, Any], names: int) -> None:
    given = Unlocking()
    given.ask("delete")

    assert reason_of(given.ask(**request_)).text("text").count("--lock-again") == names


def test_the_evidence_of_another_bucket_is_not_put_here() -> None:
    given = Unlocking()
    given.ask("delete")
    given.bucket.resource = structs.replace(LEDGER, name="other", arn="arn:aws:s3:::other")

    answer = given.ask("restore", evidence=EVIDENCE, bucket="other", lockAgain=True)

    assert reason_of(answer).text("code") == "EvidenceNotUsable"
    assert "bucket ledger" in reason_of(answer).text("text")


def test_reading_back_waits_until_aws_shows_the_change() -> None:
    given = Unlocking(FakeBucket(stale=3))

    assert given.ask("delete")["result"] == "deleted"
    assert given.slept == [1, 2, 4]


def test_a_change_that_cannot_be_read_back_is_no_success() -> None:
    given = Unlocking(FakeBucket(stale=99))

    answer = given.ask("delete")

    assert (answer["result"], reason_of(answer).text("code")) == ("failed", "NotReadBack")
    assert answer["evidence"]
    assert sum(given.slept) == 60
    assert given.published[0].result == "failed"


@pytest.mark.parametrize("call", ["write", "read again"])
def test_what_aws_refuses_after_the_evidence_was_kept_is_told_with_it(call: str) -> None:
    given = Unlocking(FakeBucket(refusals={call: THROTTLED}))

    answer = given.ask("delete")

    assert (answer["result"], answer["evidence"]) == ("failed", {"bucket": "evidence", "key": EVIDENCE})
    assert reason_of(answer).text("code") == "SlowDown"
    assert given.published[0].reason is not None


def test_who_asked_hears_what_was_done_though_nobody_else_does() -> None:
    given = Unlocking(bus_refusal=CallRefused("InternalFailure", "try again"))

    answer = given.ask("delete")

    assert (answer["result"], reason_of(answer).text("code")) == ("deleted", "NotAnnounced")
    assert "InternalFailure" in reason_of(answer).text("text")


def test_who_was_approved_asked_for_it_whatever_the_request_says() -> None:
    given = Unlocking(approvals=FakeApprovals(Approved("arn:anna", ("arn:ben",))))

    given.ask("delete", requestedBy="somebody else")

    assert (given.published[0].requested_by, given.published[0].approved_by) == ("arn:anna", ("arn:ben",))
    assert given.evidence.kept[EVIDENCE].requested_by == "arn:anna"


def test_looking_needs_no_approval_and_changing_does() -> None:
    given = Unlocking(approvals=FakeApprovals(NotApproved(ApprovalCode.REQUIRED, "ask for approval")))

    assert given.ask("show")["result"] == "shown"
    assert reason_of(given.ask("delete")).text("code") == "ApprovalRequired"
    assert given.sessions == ["ledger"]


def test_a_policy_nobody_can_read_may_still_be_deleted() -> None:
    given = Unlocking(FakeBucket(policy="{"))

    answer = given.ask("delete")

    assert answer["result"] == "deleted"
    assert given.evidence.kept[EVIDENCE].policy == "{"
    assert Unlocked.from_detail(Fields(answer)).statements[0].verdict is LockVerdict.MAY_LOCK


def test_only_the_statement_that_locks_is_named() -> None:
    allow = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}
    answer = Unlocking().ask("put", policy=policy(allow, deny(Sid="Oops")))

    assert "statement 2 (Oops)" in reason_of(answer).text("text")
    assert MEMBER not in reason_of(answer).text("text")


def die_when_writing(given: Unlocking, *, after: bool) -> None:
    """Have the function die at the change: before AWS made it, or after."""
    write = given.bucket.write

    def dying(policy: str | None) -> None:
        if after:
            write(policy)
        raise Died

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(given.bucket, "write", dying)
        with pytest.raises(Died):
            given.ask("delete")
    assert given.published == []


def test_a_change_whose_function_died_is_announced_as_it_was_meant() -> None:
    given = Unlocking()
    die_when_writing(given, after=True)

    assert given.function.unlocker.announce_begun()["announced"] == 0, "its function may still be at it"
    given.clock.move(timedelta(minutes=5))
    assert given.function.unlocker.announce_begun()["announced"] == 1

    [outcome] = given.published
    assert (outcome.result, outcome.requested_by) == ("deleted", "anna")
    assert outcome.evidence == EvidenceReference("evidence", EVIDENCE)
    assert outcome.reason
    assert outcome.reason.code == "NotAnnounced"
    assert given.function.unlocker.announce_begun()["announced"] == 0


@pytest.mark.parametrize(
    ("was_made", "found", "said"),
    [
        (False, {"policy": LOCKING}, "cannot be seen"),
        (False, {"policy": HARMLESS}, "cannot be seen"),
        (True, {"refusals": {"read again": CallRefused("AccessDenied", "Access Denied")}}, "Access Denied"),
    ],
    ids=["not made", "another since", "nobody can look"],
)
def test_a_change_that_cannot_be_seen_is_announced_as_a_try(
    found: dict[str, Any], said: str, *, was_made: bool
) -> None:
    given = Unlocking()
    die_when_writing(given, after=was_made)
    vars(given.bucket).update(found)
    given.clock.move(timedelta(minutes=5))

    given.function.unlocker.announce_begun()

    [outcome] = given.published
    assert outcome.result == "failed"
    assert outcome.reason
    assert said in outcome.reason.text


def test_a_change_the_bus_refuses_to_announce_stays_on_record_until_it_is() -> None:
    given = Unlocking(bus_refusal=THROTTLED)
    assert reason_of(given.ask("delete")).text("code") == "NotAnnounced"
    given.clock.move(timedelta(minutes=5))
    with pytest.raises(CallRefused):
        given.function.unlocker.announce_begun()

    given.bus_refusal = None
    given.function.unlocker.announce_begun()

    assert [outcome.result for outcome in given.published] == ["deleted"]


def test_nothing_is_changed_that_cannot_be_put_on_record_first() -> None:
    given = Unlocking()
    given.begun.refusal = THROTTLED

    assert given.ask("delete")["result"] == "failed"
    assert (given.bucket.writes, given.published) == ([], [])


def test_an_announced_change_is_not_announced_again() -> None:
    given = Unlocking()
    given.ask("delete")
    given.clock.move(timedelta(minutes=5))

    assert given.function.unlocker.announce_begun()["result"] == "nothing_begun"
    assert len(given.published) == 1
