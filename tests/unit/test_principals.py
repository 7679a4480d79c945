"""Who acts, and whether two could be one person: in doubt they could."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rootwarden.approval.approvals import could_be_one_person, parse_principal

HUB, ELSEWHERE = "222233334444", "555566667777"
USER, ROLE, SESSION = (
    "arn:aws:iam::{}:user/{}",
    "arn:aws:iam::{}:role/{}",
    "arn:aws:sts::{}:assumed-role/{}/{}",
)
OPERATORS, APPROVERS = "AWSReservedSSO_Operators_01", "AWSReservedSSO_Approvers_02"
RESERVED = "aws-reserved/sso.amazonaws.com/eu-west-1"


def one_person(one: str, other: str) -> bool:
    first, second = parse_principal(one), parse_principal(other)
    assert first
    assert second
    answer = could_be_one_person(first, second)
    assert could_be_one_person(second, first) is answer
    return answer


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (USER.format(HUB, "jane"), USER.format(HUB, "jane")),
        (USER.format(HUB, "jane"), USER.format(HUB, "Jane")),
        # The name of such a session is the caller's choice.
        (SESSION.format(HUB, "Operators", "jane"), SESSION.format(HUB, "Operators", "omar")),
        (SESSION.format(HUB, "Operators", "jane"), ROLE.format(HUB, "people/Operators")),
        # One person with two permission sets.
        (SESSION.format(HUB, OPERATORS, "jane"), SESSION.format(HUB, APPROVERS, "Jane")),
        (SESSION.format(HUB, OPERATORS, "jane"), SESSION.format(ELSEWHERE, OPERATORS, "jane")),
        # Nobody knows whose session it was.
        (SESSION.format(HUB, OPERATORS, "jane"), ROLE.format(HUB, f"{RESERVED}/{APPROVERS}")),
    ],
)
def test_these_could_be_one_person(one: str, other: str) -> None:
    assert one_person(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (USER.format(HUB, "jane"), USER.format(HUB, "omar")),
        (USER.format(HUB, "jane"), USER.format(ELSEWHERE, "jane")),
        (USER.format(HUB, "jane"), SESSION.format(HUB, "jane", "jane")),
        (SESSION.format(HUB, "Operators", "jane"), SESSION.format(HUB, "Approvers", "jane")),
        (SESSION.format(HUB, "Operators", "jane"), SESSION.format(ELSEWHERE, "Operators", "jane")),
        (SESSION.format(HUB, OPERATORS, "jane"), SESSION.format(HUB, OPERATORS, "omar")),
        (SESSION.format(HUB, OPERATORS, "jane"), SESSION.format(HUB, "Approvers", "jane")),
    ],
)
def test_these_are_two(one: str, other: str) -> None:
    assert not one_person(one, other)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "jane",
        f"arn:aws:iam::{HUB}:root",
        f"arn:aws:iam::{HUB}:user/",
        f"arn:aws:iam::{HUB}:group/operators",
        f"arn:aws:sts::{HUB}:federated-user/jane",
        f"arn:aws:sts::{HUB}:assumed-role/Operators",
        f"arn:aws:iam::{HUB}:user/jane\n",
        f" arn:aws:iam::{HUB}:user/jane",
        f"arn:evil:iam::{HUB}:user/jane",
        "arn:aws:iam::٢٢٢٢٣٣٣٣٤٤٤٤:user/jane",
    ],
)
def test_anything_else_is_nobody(text: str) -> None:
    assert parse_principal(text) is None


names = st.text(string.ascii_letters + string.digits + "+=,.@-_", min_size=1, max_size=64)
sessions = st.builds(SESSION.format, st.sampled_from([HUB, ELSEWHERE]), names, names)
principals = (
    sessions | st.builds(USER.format, st.just(HUB), names) | st.builds(ROLE.format, st.just(HUB), names)
)


@given(principals)
def test_everybody_is_the_same_person_as_themselves(arn: str) -> None:
    assert one_person(arn, arn)


@given(names, names, names)
def test_no_session_name_makes_two_of_one_role(role: str, one: str, other: str) -> None:
    if not role.startswith("AWSReservedSSO_"):
        assert one_person(SESSION.format(HUB, role, one), SESSION.format(HUB, role, other))
