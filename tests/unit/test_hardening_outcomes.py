"""Whole outcomes of hardening one account, how bad each is, and what each tells of the account's posture."""

from datetime import timedelta

import pytest
from msgspec import structs

from rootwarden.contract.activities import Severity
from rootwarden.contract.configured import HardeningModes, Mode
from rootwarden.hardening.outcome import HardeningOutcome, PostureRecord, Progress, Reason, Result
from rootwarden.hardening.removal import RECENTLY_USED, Failure
from rootwarden.outcomes import AccountReference
from rootwarden.refusals import CallRefused
from rootwarden.root_credentials import PASSWORD, Credential, CredentialKind, LastUse, Posture
from tests.unit.fakes import NOON, RootUser
from tests.unit.given import MEMBER, TRIGGER, Hardening, member
from tests.unit.test_account_hardening import given_call

DENIED = CallRefused("AccessDenied", "explicit deny")
OLD = NOON - timedelta(days=400)
OBSERVE = HardeningModes(created=Mode.OBSERVE, invited=Mode.OBSERVE, existing=Mode.OBSERVE)
PASSWORD_KIND, KEY_KIND, CERTIFICATE_KIND, DEVICE_KIND = CredentialKind
KEY, GONE = Credential(KEY_KIND, "AKIAKEY"), Credential(KEY_KIND, "AKIAGONE")
CERTIFICATE = Credential(CERTIFICATE_KIND, "CERTIFICATE1")
DEVICES = [Credential(DEVICE_KIND, f"arn:aws:iam::{MEMBER}:mfa/device-{number}") for number in (1, 2)]
PROTECTS = "it protects the password, which stays"
USED_TODAY = "last used 2026-06-01; what was used within 30 days is left for a person"


def outcome(result: Result, *, present: set[CredentialKind], **changes: object) -> HardeningOutcome:
    """Return the outcome of a first attempt that found and left what is present, but for the changes."""
    plain = HardeningOutcome(
        account=AccountReference.of(member()),
        result=result,
        trigger=TRIGGER,
        mode=Mode.ENFORCE,
        before=Posture.of(present),
        after=Posture.of(present),
        attempt=1,
        will_retry=result is Result.PARTIAL,
        occurred_at=NOON,
    )
    return structs.replace(plain, **changes)


def device_stays(number: int, code: str) -> Failure:
    return Failure(DEVICE_KIND, DEVICES[number - 1].identifier, code, PROTECTS)


def devices() -> set[str]:
    return {device.identifier for device in DEVICES}


def test_what_is_in_use_stays_in_the_order_of_removal_and_each_says_why() -> None:
    user = RootUser(
        password=True,
        password_used=NOON,
        keys={"AKIAKEY": NOON, "AKIAGONE": OLD},
        certificates={"CERTIFICATE1"},
        devices=devices(),
    )

    assert Hardening(user=user).harden() == outcome(
        Result.PARTIAL,
        present=set(CredentialKind),
        after=Posture.of({PASSWORD_KIND, KEY_KIND, DEVICE_KIND}),
        removed={GONE, CERTIFICATE},
        failures=(
            Failure(PASSWORD_KIND, "password", RECENTLY_USED, USED_TODAY),
            Failure(KEY_KIND, "AKIAKEY", RECENTLY_USED, USED_TODAY),
            device_stays(1, RECENTLY_USED),
            device_stays(2, RECENTLY_USED),
        ),
        last_used={
            LastUse(PASSWORD_KIND, "password", NOON),
            LastUse(KEY_KIND, "AKIAKEY", NOON),
            LastUse(KEY_KIND, "AKIAGONE", OLD),
        },
        will_retry=False,
    )


def test_what_nobody_can_say_the_use_of_stays_with_awss_reason() -> None:
    given = Hardening(user=RootUser(keys={"AKIAKEY": None}))
    given.sessions.refusals["last used AKIAKEY"] = DENIED

    assert given.harden() == outcome(
        Result.PARTIAL,
        present={KEY_KIND},
        failures=(
            Failure(KEY_KIND, "AKIAKEY", DENIED.code, "when it was last used is not known: explicit deny"),
        ),
    )


@pytest.mark.parametrize(
    ("refused", "text", "last_used"),
    [
        ("delete password", DENIED.message, {LastUse(PASSWORD_KIND, "password", OLD)}),
        ("last used password", "when it was last used is not known: explicit deny", set()),
    ],
)
def test_a_password_that_could_not_be_removed_keeps_every_mfa_device(
    refused: str, text: str, last_used: set[LastUse]
) -> None:
    user = RootUser(password=True, password_used=OLD, keys={"AKIAKEY": None}, devices=devices())
    given = Hardening(user=user)
    given.sessions.refusals[refused] = DENIED

    assert given.harden() == outcome(
        Result.PARTIAL,
        present={PASSWORD_KIND, KEY_KIND, DEVICE_KIND},
        after=Posture.of({PASSWORD_KIND, DEVICE_KIND}),
        removed={KEY},
        failures=(
            Failure(PASSWORD_KIND, "password", DENIED.code, text),
            device_stays(1, DENIED.code),
            device_stays(2, DENIED.code),
        ),
        last_used=last_used | {LastUse(KEY_KIND, "AKIAKEY")},
    )


def test_an_observation_names_what_would_go_what_would_stay_and_when_it_was_used() -> None:
    given = Hardening(user=RootUser(password=True, keys={"AKIAKEY": OLD, "AKIAINUSE": NOON}), modes=OBSERVE)
    before = given.user.credentials

    assert given.harden() == outcome(
        Result.OBSERVED,
        present={PASSWORD_KIND, KEY_KIND},
        mode=Mode.OBSERVE,
        reason=Reason(
            "only_observed", "the account joined on 2026-06-01 (CREATED), and hardening.created is observe"
        ),
        would_remove={PASSWORD, KEY},
        failures=(Failure(KEY_KIND, "AKIAINUSE", RECENTLY_USED, USED_TODAY),),
        last_used={
            LastUse(PASSWORD_KIND, "password"),
            LastUse(KEY_KIND, "AKIAKEY", OLD),
            LastUse(KEY_KIND, "AKIAINUSE", NOON),
        },
    )
    assert given.user.credentials == before


def test_what_was_refused_and_yet_is_gone_is_removed_and_no_failure() -> None:
    given = Hardening(user=RootUser(password=True, keys={"AKIAKEY": None}))
    given.sessions.refusals |= {"delete password": DENIED, "delete AKIAKEY": DENIED}
    given.line.before[given_call(given, "read back")] = lambda _: given.user.delete(PASSWORD)

    assert given.harden() == outcome(
        Result.PARTIAL,
        present={PASSWORD_KIND, KEY_KIND},
        after=Posture.of({KEY_KIND}),
        removed={PASSWORD},
        failures=(Failure(KEY_KIND, "AKIAKEY", DENIED.code, DENIED.message),),
        last_used={LastUse(PASSWORD_KIND, "password"), LastUse(KEY_KIND, "AKIAKEY")},
    )


@pytest.mark.parametrize("refused", [{}, {"list access_key": DENIED}], ids=["listed", "not listed"])
def test_keys_that_root_itself_deleted_meanwhile_are_named_by_nobody(refused: dict[str, CallRefused]) -> None:
    given = Hardening(user=RootUser(keys={"AKIAKEY": None}))
    given.sessions.refusals |= refused
    given.line.before[given_call(given, "list access_key")] = lambda _: given.user.delete(KEY)

    assert given.harden() == outcome(
        Result.HARDENED, present={KEY_KIND}, after=Posture.of(set()), will_retry=False
    )


@pytest.mark.parametrize(
    ("refused", "failure", "is_gone"),
    [
        ("delete AKIAKEY", Failure(KEY_KIND, "AKIAKEY", DENIED.code, DENIED.message), True),
        ("list access_key", Failure(KEY_KIND, None, DENIED.code, DENIED.message), False),
    ],
    ids=["listed", "not listed"],
)
def test_what_an_earlier_attempt_tried_is_gone_where_it_is_no_longer_listed(
    refused: str,
    failure: Failure,
    is_gone: bool,  # noqa: FBT001 - a table
) -> None:
    given = Hardening(user=RootUser(keys={"AKIAKEY": OLD}))
    given.sessions.refusals[refused] = DENIED
    earlier = Progress(tried=frozenset({GONE}), last_used=frozenset({LastUse(KEY_KIND, "AKIAGONE", OLD)}))

    ended = given.harden(progress=earlier)

    assert ended == outcome(
        Result.PARTIAL,
        present={KEY_KIND},
        removed={GONE} if is_gone else set(),
        may_have_been_removed=set() if is_gone else {GONE},
        failures=(failure,),
        last_used=earlier.last_used | ({LastUse(KEY_KIND, "AKIAKEY", OLD)} if is_gone else set()),
    )


def _skip(code: str, **changes: object) -> HardeningOutcome:
    return outcome(Result.SKIPPED, present=set(), reason=Reason(code), **changes)


@pytest.mark.parametrize(
    ("said", "severity"),
    [
        (outcome(Result.CLEAN, present=set()), None),
        (outcome(Result.CLEAN, present=set(), gov_cloud_account_id="777788889999"), Severity.LOW),
        (outcome(Result.HARDENED, present=set()), Severity.INFO),
        (outcome(Result.OBSERVED, present=set()), Severity.MEDIUM),
        (outcome(Result.UNREACHABLE, present=set()), Severity.HIGH),
        (outcome(Result.UNREACHABLE, present=set(), will_retry=True), None),
        (outcome(Result.SKIPPED, present=set()), None),
        (_skip("duplicate"), None),
        (_skip("exempt"), Severity.LOW),
        (_skip("foreign_account"), Severity.MEDIUM),
        (_skip("exempt", removed={KEY}), Severity.MEDIUM),
        (_skip("exempt", may_have_been_removed={KEY}), Severity.MEDIUM),
        (_skip("duplicate", gov_cloud_account_id="777788889999"), Severity.LOW),
    ],
)
def test_how_bad_an_outcome_is(said: HardeningOutcome, severity: Severity | None) -> None:
    assert (said.weighed(), said.severity) == (severity, severity)


def test_what_was_seen_of_an_account_is_kept_where_somebody_looked() -> None:
    account, nobody = AccountReference.of(member()), AccountReference(account_id=None)
    posture = Posture.of({KEY_KIND})

    assert PostureRecord.of(account, posture, Result.PARTIAL, NOON) == PostureRecord(
        account_id=MEMBER,
        name="payments-prod",
        posture=Posture.of({KEY_KIND}),
        result="partial",
        seen_at=NOON,
    )
    assert PostureRecord.of(account, None, Result.PARTIAL, NOON) is None
    assert PostureRecord.of(nobody, posture, Result.PARTIAL, NOON) is None
