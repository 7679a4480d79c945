"""The comparing itself: an own recording is like itself, and a doctored one differs where it was doctored."""

from typing import Any

import pytest

from tests.wiring.recorded.comparing import differences

OWN: list[dict[str, Any]] = [
    {
        "service": "iam",
        "operation": "GetAccountSummary",
        "answer": {"SummaryMap": {"AccountMFAEnabled": 0}, "Items": [{"Id": "a"}, {"Id": "b", "Arn": "c"}]},
    },
    {"service": "iam", "operation": "GetLoginProfile", "error": {"Code": "NoSuchEntity", "Message": "none"}},
]


def test_an_own_recording_is_like_itself() -> None:
    assert differences(OWN, OWN) == []


@pytest.mark.parametrize(
    ("doctored", "said"),
    [
        (
            {**OWN[0], "answer": {**OWN[0]["answer"], "New": 1}},
            ["iam GetAccountSummary: New is missing in the embedded AWS's answer"],
        ),
        (
            {
                **OWN[0],
                "answer": {"SummaryMap": {"AccountMFAEnabled": "0"}, "Items": OWN[0]["answer"]["Items"]},
            },
            ["iam GetAccountSummary: SummaryMap.AccountMFAEnabled is text, and a number in the embedded AWS"],
        ),
        (
            {**OWN[0], "answer": {"SummaryMap": {"AccountMFAEnabled": 1}, "Items": [{"Id": "a"}]}},
            ["iam GetAccountSummary: Items[].Arn is in the embedded AWS's answer alone"],
        ),
        (
            {**OWN[1], "error": {"Code": "NoSuchEntityException"}},
            ["iam GetLoginProfile: the error is NoSuchEntityException, and NoSuchEntity in the embedded AWS"],
        ),
        (
            {**OWN[1], "operation": "ListAccessKeys"},
            ["iam ListAccessKeys: the embedded AWS was not asked this"],
        ),
    ],
    ids=["a new member", "another type", "a member less", "another error", "another call"],
)
def test_a_doctored_recording_differs_where_it_was_doctored(
    doctored: dict[str, Any], said: list[str]
) -> None:
    assert differences([doctored], OWN) == said
