"""The change set that puts the watch back, run in a shell as a person pastes it."""

import shlex
import subprocess

import jmespath  # type: ignore[import-untyped]
import pytest

from rootwarden.activity.put_back import revert

# Says each call, as the AWS CLI would get it, and what CloudFormation knows of the stack's parameters.
_SHELL = """
aws() { case "$2" in describe-stacks) printf "%s" "$PARAMETERS" ;; *) echo "$*" ;; esac; }
date() { echo "$NOW"; }
"""


def calls(now: str, parameters: str = "") -> list[list[str]]:
    """Return the calls that change something, word by word."""
    done = subprocess.run(  # noqa: S603 - our own command
        ["/bin/bash", "-euc", _SHELL + revert("RootWardenHub", "eu-west-1")],
        check=True,
        capture_output=True,
        text=True,
        env={"NOW": now, "PARAMETERS": parameters},
    )
    return [line.split() for line in done.stdout.splitlines()]


def option(call: list[str], name: str) -> str:
    """Return the value of an option."""
    return call[call.index(name) + 1]


def test_it_makes_one_change_set_of_the_stack_and_executes_that() -> None:
    made = calls("1000")

    assert [each[1:3] for each in made] == [
        ["create-change-set", "--change-set-name"],
        ["wait", "change-set-create-complete"],
        ["execute-change-set", "--change-set-name"],
    ]
    assert {option(each, "--change-set-name") for each in made} == {"put-back-1000"}
    assert {option(each, "--stack-name") for each in made} == {"RootWardenHub"}
    assert {option(each, "--region") for each in made} == {"eu-west-1"}


def test_a_second_try_meets_no_change_set_of_the_first() -> None:
    """One that found nothing to change, or that failed, stays in CloudFormation under its name."""
    first, second = (option(calls(now)[0], "--change-set-name") for now in ("1000", "1001"))

    assert first != second


@pytest.mark.parametrize(
    ("stack", "kept"),
    [
        (
            # Deployed without CDK: this one has no default.
            {"Parameters": [{"ParameterKey": "CodeBucket"}, {"ParameterKey": "CodePrefix"}]},
            [
                "ParameterKey=CodeBucket,UsePreviousValue=true",
                "ParameterKey=CodePrefix,UsePreviousValue=true",
            ],
        ),
        ({}, []),
    ],
)
def test_every_parameter_keeps_its_value(stack: dict[str, object], kept: list[str]) -> None:
    """CloudFormation refuses the template where one that has no default is not said."""
    words = shlex.split(
        revert("RootWardenHub", "eu-west-1").partition("$(stack")[2].partition(" --output")[0]
    )
    found = jmespath.search(option(words, "--query"), {"Stacks": [stack]})

    create, *_ = calls("1000", "\t".join(found))

    given = create[create.index("--parameters") + 1 : create.index("--capabilities")]
    assert given == found == kept
