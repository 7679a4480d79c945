"""docs/deploying.md: what is typed in which order."""

import pytest

from tests.docs.page import Page

_UPDATE = Page("docs/deploying.md").section("Update")
_ACCOUNT, _REGION = "**The hub in another account.**", "**The hub in another Region of its account.**"


@pytest.mark.parametrize(
    ("move", "end", "steps"),
    [
        (
            _ACCOUNT,
            _REGION,
            (
                *("Set `hub_account_id`", "make policies", "bootstrap", "make deploy", "e-mails"),
                *("rootctl doctor", "rootctl test-alert", "queues are empty", "rules on its bus"),
                *("delete-stack", "deregister-delegated-administrator"),
            ),
        ),
        (
            _REGION,
            "In both cases",
            (
                *("Set `hub_region`", "make policies", "without `--set-as-default`", "Bootstrap"),
                *("rules on the bus", "queues are empty", "delete-stack", "wait stack-delete-complete"),
                *("set-default-policy-version", "make deploy", "e-mails", "rootctl test-alert"),
                "rootctl redrive --members",
            ),
        ),
    ],
    ids=["another account", "another Region"],
)
def test_a_hub_is_moved_with_everything_ready_before_the_old_one_goes(
    move: str, end: str, steps: tuple[str, ...]
) -> None:
    rest = _UPDATE.partition(move)[2].partition(end)[0]
    for step in steps:
        _, found, rest = rest.partition(step)
        assert found, step
