"""What a drill's record says under pseudonyms: nothing that names an organization."""

import json
from typing import Any

import pytest

from rootctl.drill.record import Pseudonyms

ACCOUNT = "444455556666"


def anonymous(value: Any) -> Any:
    pseudonyms = Pseudonyms()
    pseudonyms.learn(value)
    return pseudonyms.of(value)


@pytest.mark.parametrize(
    ("named", "pseudonym"),
    [
        (ACCOUNT, "000000000001"),
        (f"arn:aws:iam::{ACCOUNT}:root", "arn:aws:iam::000000000001:root"),
        (
            f"arn:aws:sts::{ACCOUNT}:assumed-role/Admin/jane@example.com",
            "arn:aws:sts::000000000001:principal-1",
        ),
        (f"arn:aws:iam::{ACCOUNT}:role/team/Operators", "arn:aws:iam::000000000001:principal-1"),
        (f"arn:aws:iam::{ACCOUNT}:user/jane", "arn:aws:iam::000000000001:principal-1"),
        (f"arn:aws:s3:::trails-{ACCOUNT}-eu-west-1/logs", "arn:aws:s3:::trails-000000000001-eu-west-1/logs"),
        (f"arn:aws:sns:eu-west-1:{ACCOUNT}:Alerts-1X", "arn:aws:sns:eu-west-1:000000000001:Alerts-1X"),
        (
            f"https://sqs.eu-west-1.amazonaws.com/{ACCOUNT}/q",
            "https://sqs.eu-west-1.amazonaws.com/000000000001/q",
        ),
        (
            f"arn:aws:secretsmanager:eu-west-1:{ACCOUNT}:secret:acme/hook-AbCdEf",
            "arn:aws:secretsmanager:eu-west-1:000000000001:secret:secret-1",
        ),
        ("root+payments@mail.example.co.uk has not confirmed", "address-1 has not confirmed"),
        ("from 203.0.113.7, 2001:db8:85a3:8d3:1319:8a2e:370:7348", "from ip-1, ip-2"),
        ("ASIAQWERTYUIOPASDFGH", "key-1"),
        ("rootctl doctor --profile acme-hub, or", "rootctl doctor --profile profile-1, or"),
        ("rootctl plan --profile 'acme'\"'\"'s hub' --now", "rootctl plan --profile profile-1 --now"),
        ("AROAQWERTYUIOPASDFGH:jane", "key-1"),
        (f"o-aa111bb222/r-ab12/ou-ab12-11111111/{ACCOUNT}", "organization-1/root-1/unit-1/000000000001"),
        ({"Id": ACCOUNT, "Name": "acme payments"}, {"Id": "000000000001", "Name": "name-1"}),
    ],
)
def test_what_names_an_organization_is_replaced(named: Any, pseudonym: Any) -> None:
    assert anonymous(named) == pseudonym


@pytest.mark.parametrize(
    "plain",
    [
        "2026-01-31T12:00:00Z",
        "1769860800123",
        "RootWardenHub-NotifyFunction-AbC",
        "rootctl doctor: 12 steps, 3.5 s",
        "sts:AssumeRoot was refused",
        "rootctl doctor --profile NAME --region REGION",
        "rootctl doctor --management-profile NAME",
        {"Name": "RootWardenHub", "Version": "1.2.3"},
        {"Roots": [{"Id": "root", "Name": "Root"}], "text": "Root Activity Alert"},
    ],
)
def test_what_names_none_stays(plain: Any) -> None:
    assert anonymous(plain) == plain


def test_the_same_thing_has_the_same_pseudonym_everywhere() -> None:
    line = json.dumps({"account": {"id": ACCOUNT, "name": "acme"}, "text": "acme is open"})
    value = {
        "before": "acme (444455556666) and acme-dev",
        "account": {"id": ACCOUNT, "name": "acme"},
        "other": "123412341234",
        "log": line,
    }

    found = anonymous(value)

    assert found["before"] == "name-1 (000000000001) and acme-dev"
    assert found["account"] == {"id": "000000000001", "name": "name-1"}
    assert found["other"] == "000000000002"
    assert "acme" not in found["log"]


def test_a_name_that_only_a_log_line_holds_is_learned() -> None:
    line = json.dumps({"account": {"id": ACCOUNT, "name": "search-prod", "organizationalUnit": None}})

    assert "search-prod" not in json.dumps(anonymous({"message": line, "text": "search-prod was hardened"}))


def test_the_words_of_a_record_stay_though_an_account_is_called_so() -> None:
    value = {"account": {"id": ACCOUNT, "name": "seen"}, "steps": [{"step": "seen", "sight": "seen"}]}

    assert anonymous(value)["steps"] == value["steps"]
