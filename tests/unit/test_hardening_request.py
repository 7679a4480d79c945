"""Hardening on request: done at once and said, or only looked at."""

from dataclasses import replace
from datetime import timedelta

import pytest

from rootwarden.accounts import AccountState
from rootwarden.contract.configured import HardeningModes, Mode
from rootwarden.hardening.announcement import alone_with
from rootwarden.hardening.outcome import HardeningOutcome, Progress
from rootwarden.hardening.request import HardeningRequests
from rootwarden.outcomes import AccountReference, Outcome
from rootwarden.refusals import CallRefused
from rootwarden.requests import Answer, RequestRefused, read_request
from rootwarden.root_credentials import PASSWORD, Credential, CredentialKind
from tests.unit.fakes import NOON, RootUser
from tests.unit.given import MANAGEMENT, MEMBER, WINDOW, Hardening, announcement, member
from tests.unit.interruptions import refuse

REQUEST = {"account": MEMBER, "reason": "audit finding", "requestedBy": "alice"}
RECENT = "AKIAIOSFODNN7EXAMPLE"


def _ask(given: Hardening, **changes: object) -> Answer:
    requests = HardeningRequests(
        directory=given.organization,
        management_account_id=MANAGEMENT,
        run=given.run,
        clock=given.clock,
    )
    return requests.answer(read_request({**REQUEST, **changes}), "request-1")


def _with_recent_key() -> Hardening:
    return Hardening(user=RootUser(password=True, keys={RECENT: NOON - timedelta(hours=2)}))


def test_a_request_is_refused_while_somebody_else_works_on_the_account() -> None:
    given = Hardening()
    given.claims.begin(alone_with(MEMBER), lease=timedelta(minutes=2))

    with pytest.raises(RequestRefused) as refused:
        _ask(given)

    assert (refused.value.code, refused.value.text) == (
        "AccountBusy",
        "the account is being hardened, or its recovery window opened; ask again in three minutes",
    )


def test_the_answer_is_the_outcome_that_is_published() -> None:
    given = Hardening(user=RootUser(password=True))

    answer = _ask(given)

    [outcome] = given.bus.results
    assert answer == outcome.to_detail()
    assert (answer["result"], answer["attempt"]) == ("hardened", 1)
    assert answer["trigger"] == {
        "eventId": "request-1",
        "eventName": "HardeningRequest",
        "source": "rootwarden",
        "requestedBy": "alice",
        "requestReason": "audit finding",
    }


def test_a_request_is_no_duplicate_of_what_was_proven_a_moment_ago() -> None:
    given = Hardening(user=RootUser(password=True))
    given.run.run(announcement(), attempt=1, is_last=False)
    given.user.password = True

    assert _ask(given)["result"] == "hardened"


def test_what_fails_is_answered_and_not_raised() -> None:
    given = Hardening()
    given.sessions.refusals["audit session"] = CallRefused("AccessDenied", "not enabled")

    answer = _ask(given)

    assert (answer["result"], answer["reason"]) == (
        "unreachable",
        {"code": "AccessDenied", "text": "not enabled"},
    )
    assert answer["willRetry"] is False


def test_who_asked_is_told_what_is_gone_where_nobody_else_could_be() -> None:
    given = Hardening(user=RootUser(password=True, keys={RECENT: None}))

    def refuse(_: Outcome) -> None:
        raise CallRefused("AccessDeniedException", "not authorized to perform: events:PutEvents")

    given.run = replace(given.run, publish=refuse)
    with pytest.raises(CallRefused) as first:
        _ask(given, removeRecentlyUsed=True)
    with pytest.raises(CallRefused) as second:
        _ask(given, removeRecentlyUsed=True)

    gone = f"removed, and announced to nobody yet: password, access_key {RECENT}"
    assert first.value.code == "AccessDeniedException"
    assert first.value.message == f"not authorized to perform: events:PutEvents; {gone}"
    assert second.value.message == first.value.message


def test_what_was_announced_is_not_said_to_be_announced_to_nobody() -> None:
    given, undisturbed = Hardening(), Hardening()
    _ask(undisturbed)
    given.line.before[undisturbed.line.calls.index("claim finished") + 1] = refuse

    with pytest.raises(CallRefused) as refused:
        _ask(given)

    assert refused.value.message == "claim finished did not work"
    assert [type(said) for said in given.bus.published] == [HardeningOutcome]


def test_who_asked_is_told_apart_what_is_gone_and_what_may_be() -> None:
    given = Hardening()
    other = Credential(CredentialKind.ACCESS_KEY, "AKIAOTHER")
    earlier = Progress(tried=frozenset({PASSWORD, other}), removed=frozenset({other}))
    given.memory.remember(MEMBER, earlier)
    given.memory.windows[MEMBER] = WINDOW

    def refuse(_: Outcome) -> None:
        raise CallRefused("AccessDeniedException", "not authorized")

    given.run = replace(given.run, publish=refuse)
    with pytest.raises(CallRefused) as refused:
        _ask(given)

    assert refused.value.message == (
        "not authorized; removed, and announced to nobody yet: access_key AKIAOTHER"
        "; perhaps removed, and announced to nobody yet: password"
    )


@pytest.mark.parametrize(("asked", "result"), [(False, "partial"), (True, "hardened")])
def test_recently_used_keys_go_only_when_asked_for(asked: bool, result: str) -> None:  # noqa: FBT001
    assert _ask(_with_recent_key(), removeRecentlyUsed=asked)["result"] == result


def test_a_dry_run_lists_what_would_go_and_what_would_stay() -> None:
    given = _with_recent_key()

    answer = _ask(given, dryRun=True)

    assert answer == {
        "result": "would_remove",
        "reason": None,
        "account": AccountReference.of(member()).to_detail(),
        "before": {"password": True, "accessKeys": True, "signingCertificates": False, "mfaDevices": False},
        "credentials": [
            {"kind": "password", "id": "password", "kept": None, "lastUsed": None},
            {
                "kind": "access_key",
                "id": RECENT,
                "kept": "last used 2026-06-01; what was used within 30 days is left for a person",
                "lastUsed": "2026-06-01T10:00:00Z",
            },
        ],
        "hindrance": None,
    }
    assert given.user.password
    assert given.bus.published == []


def test_a_dry_run_of_a_clean_account_and_of_one_that_is_left_alone() -> None:
    clean, open_ = Hardening(user=RootUser()), Hardening()
    open_.memory.windows[MEMBER] = WINDOW

    assert _ask(clean, dryRun=True)["result"] == "clean"
    left = _ask(open_, dryRun=True)
    assert (left["result"], left["before"]) == ("skipped", None)
    assert left["reason"] == {
        "code": "recovery_window_open",
        "text": "a recovery window is open until 2026-06-01 16:00 UTC: lost MFA device",
    }


@pytest.mark.parametrize(
    ("calls", "text"),
    [
        (["audit session"], "Rate exceeded"),
        (["posture"], "Rate exceeded"),
        (["list mfa_device"], "mfa_device: Rate exceeded"),
        (
            ["list mfa_device", "list signing_certificate"],
            "signing_certificate: Rate exceeded, mfa_device: Rate exceeded",
        ),
    ],
)
def test_what_a_dry_run_could_not_look_at_never_looks_clean(calls: list[str], text: str) -> None:
    given = Hardening()
    given.sessions.refusals |= dict.fromkeys(calls, CallRefused("Throttling", "Rate exceeded"))

    answer = _ask(given, dryRun=True)

    assert (answer["result"], answer["reason"]) == ("unreachable", {"code": "Throttling", "text": text})


def test_a_dry_run_says_what_it_saw_beside_what_it_could_not_look_at() -> None:
    given = Hardening(user=RootUser(password=True, password_used=NOON, keys={RECENT: None}))
    given.sessions.refusals["list access_key"] = CallRefused("Throttling", "Rate exceeded")

    assert _ask(given, dryRun=True) == {
        "result": "unreachable",
        "reason": {"code": "Throttling", "text": "access_key: Rate exceeded"},
        "account": AccountReference.of(member()).to_detail(),
        "before": {"password": True, "accessKeys": True, "signingCertificates": False, "mfaDevices": False},
        "credentials": [
            {
                "kind": "password",
                "id": "password",
                "kept": "last used 2026-06-01; what was used within 30 days is left for a person",
                "lastUsed": "2026-06-01T12:00:00Z",
            },
        ],
        "hindrance": None,
    }
    assert given.sessions.entered == [MEMBER]


def test_a_request_of_a_hub_that_only_observes_says_what_to_change() -> None:
    nothing = HardeningModes(created=Mode.OBSERVE, invited=Mode.OBSERVE, existing=Mode.OBSERVE)
    given = Hardening(modes=nothing)

    with pytest.raises(RequestRefused, match="Set one of them to enforce and deploy") as refused:
        _ask(given)

    assert refused.value.code == "ObservesOnly"
    assert given.line.calls == ["describe"]
    preview = _ask(given, dryRun=True)
    assert preview["result"] == "would_remove"
    assert "may not delete root credentials" in str(preview["hindrance"])


def test_an_account_that_would_only_be_observed_is_hardened_on_request() -> None:
    given = Hardening(account=replace(member(), joined_at=NOON - timedelta(days=400)))

    assert _ask(given)["result"] == "hardened"


def test_accounts_that_cannot_be_entered_are_refused_by_name() -> None:
    with pytest.raises(RequestRefused, match="is the management account"):
        _ask(Hardening(), account=MANAGEMENT)
    with pytest.raises(RequestRefused, match="is SUSPENDED, not ACTIVE"):
        _ask(Hardening(account=member(AccountState.SUSPENDED)))
