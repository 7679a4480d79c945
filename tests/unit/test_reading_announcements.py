"""Which account an event announces, or why nothing follows from it."""

from typing import Any

import pytest

from rootwarden.events import MalformedEvent
from rootwarden.hardening.announcement import Announcement, read_announcement
from rootwarden.hardening.outcome import SkipReason
from tests.unit.given import MANAGEMENT, MEMBER, ORGANIZATION_ID
from tests.unit.sample_events import envelope, sample

NO_ACCOUNT = "detail.serviceEventDetails.accountId takes an account id, found nothing"
TWO_ACCOUNTS = "detail.serviceEventDetails takes one account id, found '444455556666, 777788889999'"


def read(event: str | dict[str, Any]) -> Announcement:
    return read_announcement(envelope(event), MANAGEMENT, ORGANIZATION_ID)


@pytest.mark.parametrize(
    "name",
    [
        "accept_handshake",
        "account_joined_organization_api_call",
        "account_joined_organization_created",
        "account_joined_organization_invited",
        "account_joined_organization_nested",
        "controltower_create_managed_account",
        "controltower_enable_baseline",
        "controltower_update_enabled_baseline",
        "controltower_update_managed_account",
        "create_account_result_govcloud",
        "create_account_result_succeeded",
    ],
)
def test_an_account_that_joined_is_announced(name: str) -> None:
    found = read(name)

    assert found.account_id == MEMBER
    assert found.skip is None
    assert found.trigger.event_id == sample(name)["id"]
    assert found.trigger.event_name == sample(name)["detail"]["eventName"]
    assert found.trigger.source == sample(name)["source"]


def test_a_baseline_of_something_else_is_malformed() -> None:
    event = sample("controltower_enable_baseline")
    status = event["detail"]["serviceEventDetails"]["enableBaselineStatus"]
    status["enabledBaselineDetails"]["targetIdentifier"] = "arn:aws:s3:::bucket/o-aa111bb222/444455556666"

    with pytest.raises(MalformedEvent) as refused:
        read(event)

    assert str(refused.value) == (
        "detail.serviceEventDetails.enableBaselineStatus.enabledBaselineDetails.targetIdentifier"
        " takes the ARN of an account or an organizational unit,"
        " found 'arn:aws:s3:::bucket/o-aa111bb222/444455556666'"
    )


@pytest.mark.parametrize(
    ("target", "skip"),
    [
        ("root/o-aa111bb222/r-ab12", SkipReason.NOT_AN_ACCOUNT),
        ("account/o-aa111bb222/more/444455556666", None),
    ],
)
def test_a_baseline_of_the_root_is_of_no_account_and_an_id_stands_alone(
    target: str, skip: SkipReason | None
) -> None:
    event = sample("controltower_enable_baseline")
    status = event["detail"]["serviceEventDetails"]["enableBaselineStatus"]
    field = "enabledBaselineDetails"
    status[field]["targetIdentifier"] = f"arn:aws:organizations::{MANAGEMENT}:{target}"

    if skip:
        found = read(event)
        assert found.skip is not None
        assert found.skip.reason is skip
    else:
        with pytest.raises(MalformedEvent) as refused:
            read(event)
        assert refused.value.field.endswith(f"{field}.targetIdentifier")


def test_a_creation_that_failed_without_a_word_says_so() -> None:
    event = sample("create_account_result_failed")
    event["detail"]["serviceEventDetails"]["createAccountStatus"].pop("failureReason")

    found = read(event)

    assert found.skip is not None
    assert found.skip.text == "no account came to be: no reason"


def test_only_an_account_with_one_in_govcloud_is_no_duplicate_of_what_announces_it_otherwise() -> None:
    names = ("controltower_enable_baseline", "create_account_result_govcloud", "accept_handshake")

    assert len({read(name).work for name in names}) == 2


def test_an_account_in_govcloud_is_named() -> None:
    assert read("create_account_result_govcloud").gov_cloud_account_id == "777788889999"


def test_what_is_no_account_of_govcloud_keeps_none_from_being_hardened() -> None:
    event = sample("create_account_result_govcloud")
    event["detail"]["serviceEventDetails"]["createAccountStatus"]["govCloudAccountId"] = "x: aws iam"

    found = read(event)

    assert (found.skip, found.gov_cloud_account_id) == (None, None)


@pytest.mark.parametrize(
    ("name", "reason", "text"),
    [
        (
            "create_account_result_failed",
            SkipReason.CREATION_FAILED,
            "no account came to be: EMAIL_ALREADY_EXISTS",
        ),
        (
            "create_account_result_in_progress",
            SkipReason.NOT_FINISHED,
            "the account is not ready yet: IN_PROGRESS",
        ),
        (
            "create_account_result_from_member_account",
            SkipReason.FOREIGN_ACCOUNT,
            "CreateAccountResult came from 444455556666; only the management account announces accounts",
        ),
        (
            "create_account_result_management_account",
            SkipReason.MANAGEMENT_ACCOUNT,
            "root sessions never reach the management account",
        ),
        (
            "account_joined_organization_management_account",
            SkipReason.MANAGEMENT_ACCOUNT,
            "root sessions never reach the management account",
        ),
        (
            "controltower_create_managed_account_failed",
            SkipReason.CREATION_FAILED,
            "no account came to be: AWS Control Tower failed to create a managed account.",
        ),
        (
            "accept_handshake_foreign_organization",
            SkipReason.FOREIGN_ORGANIZATION,
            (
                "the handshake arn:aws:organizations::999900001111:handshake/o-zz999yy888/invite/"
                "h-examplehandshakeid111"
                " belongs to another organization than o-aa111bb222"
            ),
        ),
        (
            "accept_handshake_all_features",
            SkipReason.NOT_A_JOIN,
            "the handshake was about ENABLE_ALL_FEATURES",
        ),
        (
            "accept_handshake_transfer_responsibility",
            SkipReason.NOT_A_JOIN,
            "the handshake was about TRANSFER_RESPONSIBILITY",
        ),
        (
            "controltower_enable_baseline_failed",
            SkipReason.ENROLMENT_FAILED,
            "Control Tower could not enable its baseline: look there for what to do",
        ),
        (
            "controltower_enable_baseline_under_change",
            SkipReason.NOT_FINISHED,
            "the baseline is not enabled yet: UNDER_CHANGE",
        ),
        (
            "controltower_enable_baseline_unit",
            SkipReason.NOT_AN_ACCOUNT,
            "the baseline was enabled for ou-ab12-11111111: the next sweep looks at its accounts",
        ),
        (
            "controltower_enable_baseline_foreign_organization",
            SkipReason.FOREIGN_ORGANIZATION,
            (
                "arn:aws:organizations::111122223333:account/o-zz999yy888/444455556666"
                " belongs to another organization than o-aa111bb222"
            ),
        ),
        (
            "accept_handshake_refused",
            SkipReason.CREATION_FAILED,
            "the invitation was not accepted: HandshakeAlreadyInStateException",
        ),
    ],
)
def test_a_near_miss_is_skipped_with_its_reason(name: str, reason: SkipReason, text: str) -> None:
    found = read(name)

    assert found.skip is not None
    assert (found.skip.reason, found.skip.text) == (reason, text)
    assert found.trigger.event_id == sample(name)["id"]


@pytest.mark.parametrize(
    ("name", "field"),
    [
        (
            "create_account_result_without_account_id",
            "detail.serviceEventDetails.createAccountStatus.accountId",
        ),
        (
            "create_account_result_malformed_account_id",
            "detail.serviceEventDetails.createAccountStatus.accountId",
        ),
        ("account_departed_organization", "detail.eventName"),
        ("close_account_result", "detail.eventName"),
    ],
)
def test_what_cannot_be_read_names_the_field(name: str, field: str) -> None:
    with pytest.raises(MalformedEvent) as refused:
        read(name)

    assert refused.value.field == field


@pytest.mark.parametrize(
    "details",
    [
        {"whatever": {"deep": [{"down": ["444455556666"]}]}},
        {"account": "arn:aws:organizations::111122223333:account/o-aa111bb222/444455556666"},
        {"accountId": "444455556666", "managementAccountId": "111122223333"},
        {"accountId": "444455556666", "account": {"id": "444455556666"}, "time": 178031520000},
        {"accountId": "444455556666", "govCloudAccountId": "777788889999"},
        {"accountId": "444455556666", "email": "555566667777@example.com"},
    ],
    ids=["deep", "arn", "management", "twice", "govcloud", "part of a text"],
)
@pytest.mark.parametrize("place", ["serviceEventDetails", "requestParameters", "responseElements"])
def test_a_joined_account_is_found_whatever_the_shape(details: object, place: str) -> None:
    event = sample("account_joined_organization_invited", serviceEventDetails=None)
    event["detail"][place] = details

    assert read(event).account_id == MEMBER


@pytest.mark.parametrize(
    ("details", "text"),
    [
        (None, NO_ACCOUNT),
        ({}, NO_ACCOUNT),
        ({"accountId": 444455556666}, NO_ACCOUNT),
        ({"accountId": "****"}, NO_ACCOUNT),
        ({"accountId": "444455556666", "parent": {"accountId": "777788889999"}}, TWO_ACCOUNTS),
        ({"accountId": "444455556666", "accountIds": ["777788889999"]}, TWO_ACCOUNTS),
        ({"managementAccountId": "111122223333"}, NO_ACCOUNT),
    ],
    ids=["missing", "empty", "number", "masked", "ambiguous", "one of them in a list", "management only"],
)
def test_a_joined_account_must_be_found_beyond_doubt(details: object, text: str) -> None:
    with pytest.raises(MalformedEvent) as refused:
        read(sample("account_joined_organization_invited", serviceEventDetails=details))

    assert str(refused.value) == text


def test_a_handshake_without_an_account_is_malformed() -> None:
    handshake = {"state": "ACCEPTED", "action": "INVITE", "parties": [{"type": "ORGANIZATION", "id": "x"}]}

    with pytest.raises(MalformedEvent) as refused:
        read(sample("accept_handshake", responseElements={"handshake": handshake}))

    assert str(refused.value).startswith(
        "detail.responseElements.handshake.parties takes a party of type ACCOUNT"
    )


def test_a_handshake_still_open_is_skipped() -> None:
    found = read(
        sample("accept_handshake", responseElements={"handshake": {"state": "OPEN", "action": "INVITE"}})
    )

    assert found.skip is not None
    assert (found.skip.reason, found.skip.text) == (SkipReason.NOT_FINISHED, "the handshake is OPEN")


def test_a_known_name_from_another_source_announces_nothing() -> None:
    with pytest.raises(MalformedEvent, match="takes one of CreateAccountResult"):
        read(sample("create_account_result_succeeded") | {"source": "com.example"})


def test_a_masked_name_is_not_needed() -> None:
    event = sample("create_account_result_succeeded")
    assert event["detail"]["serviceEventDetails"]["createAccountStatus"]["accountName"] == "****"

    assert read(event).account_id == MEMBER
