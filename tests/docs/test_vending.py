"""docs/vending.md: what a pipeline may get, and what is deployed before what."""

from rootwarden.hardening.outcome import Result
from tests.docs.page import Page, in_code

_PAGE = Page("docs/vending.md")
_WAITING = "Step Functions: waiting for the result"


def test_the_table_names_every_result_that_is_sent() -> None:
    named = {word for row in _PAGE.table(_WAITING) for word in in_code(row["what happens"])}

    assert named == set(Result)


def test_the_bus_is_there_before_what_sends_to_it() -> None:
    [commands] = _PAGE.blocks(_WAITING, "sh")

    assert 0 < commands.index("wait-until-hardened.yaml") < commands.index("send-outcomes.yaml")
    assert commands.count("--region ") == commands.count("aws cloudformation deploy")
