"""What one account's administrator can do to alerts about another: nothing."""

from typing import Any

import pytest

from rootwarden.accounts import AccountId
from rootwarden.activity.assessment import NEVER_USED, OURS, ActivityVerdict
from rootwarden.activity.bursts import BUDGET
from rootwarden.activity.root_activity import Severity
from tests.unit.given import MANAGEMENT, MEMBER, Assessment
from tests.unit.sample_events import record, sample

OTHER = AccountId("555566667777")
ROOT_KEY = "AKIAIOSFODNN7EXAMPLE"


def assess(given: Assessment, event: dict[str, Any], *, is_collected: bool = False) -> ActivityVerdict:
    return given.assessor.assess(record(event), attempt=1, is_collected=is_collected)


@pytest.mark.parametrize("is_collected", [True, False])
@pytest.mark.parametrize("arn", [OURS, NEVER_USED])
def test_no_record_says_that_a_key_is_of_a_session_of_ours(arn: str, *, is_collected: bool) -> None:
    given = Assessment()
    forged = sample("assume_root_call")
    forged["account"] = OTHER
    forged["detail"]["userIdentity"]["arn"] = arn
    forged["detail"]["responseElements"]["credentials"]["accessKeyId"] = ROOT_KEY
    assess(given, forged, is_collected=is_collected)
    used = sample("root_api_long_term_key")
    used["detail"]["userIdentity"]["accessKeyId"] = ROOT_KEY

    assert assess(given, used) is ActivityVerdict.ALERTED

    assert not {OURS, NEVER_USED} & set(given.memory.openers.values())
    assert given.bus.alerts[-1].account.account_id == used["account"]


def test_a_record_from_an_accounts_own_queue_says_nothing_of_keys() -> None:
    given = Assessment()

    assess(given, sample("assume_root_call"), is_collected=True)

    assert given.memory.openers == {}


@pytest.mark.parametrize(("caller", "about"), [(OTHER, OTHER), (MANAGEMENT, MEMBER)])
def test_a_record_from_an_accounts_own_queue_is_about_that_account(
    caller: AccountId, about: AccountId
) -> None:
    given = Assessment()
    call = _close_account(caller, 1)

    assess(given, call, is_collected=True)

    assert given.bus.alerts[0].account.account_id == about


def test_refused_calls_from_another_account_cost_this_one_no_alert() -> None:
    given = Assessment()
    for number in range(BUDGET + 1):
        assess(given, _close_account(OTHER, number))
    assert {alert.assessment.severity for alert in given.bus.alerts} == {Severity.MEDIUM}
    assert len(given.bus.alerts) == BUDGET
    assert {reference.account.account_id for reference, _ in given.reminders.sent} == {OTHER}

    assert assess(given, sample("root_console_login_failure")) is ActivityVerdict.ALERTED


def _close_account(caller: AccountId, number: int) -> dict[str, Any]:
    call = sample("close_account")
    call["account"] = call["detail"]["recipientAccountId"] = caller
    call["detail"] |= {"eventID": f"call-{number}", "errorCode": "AccessDeniedException"}
    call["detail"]["requestParameters"] = {"accountId": MEMBER}
    identity = call["detail"]["userIdentity"]
    identity |= {"accountId": caller, "arn": f"arn:aws:sts::{caller}:assumed-role/Dev/session-{number}"}
    return call
