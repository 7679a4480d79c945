"""examples/terraform, read as text: its parser is in the environment of `make test-deploy` alone."""

import re

import pytest

from tests.docs.page import PROJECT

_MODULE = (PROJECT / "examples" / "terraform" / "main.tf").read_text(encoding="utf-8")
_RESOURCES = re.findall(r'^resource "(\w+)" "(\w+)" \{\n(.*?)^\}', _MODULE, re.MULTILINE | re.DOTALL)
_MANY = [(name, body) for kind, name, body in _RESOURCES if kind == "aws_s3_object" and "for_each" in body]


@pytest.mark.parametrize("body", [body for _, body in _MANY], ids=[name for name, _ in _MANY])
def test_code_stays_until_no_stack_needs_it(body: str) -> None:
    """CloudFormation fetches the code of before where it rolls an update back."""
    assert re.search(r"lifecycle \{\s+create_before_destroy = true\s+\}", body)


def test_code_of_both_stacks_is_looked_at() -> None:
    assert [name for name, _ in _MANY] == ["hub_code", "organization_code"]


@pytest.mark.parametrize(("name", "body"), [(f"{kind}.{name}", body) for kind, name, body in _RESOURCES])
def test_every_resource_says_its_region_itself(name: str, body: str) -> None:
    """A provider's Region may be another: the hub would be there, and every event go to a bus that is not."""
    [region] = re.findall(r"^  region +=(.*)$", body, re.MULTILINE)

    assert ("var.hub_region" in region) == ("aws.hub" in body), name


@pytest.mark.parametrize(
    ("stack", "before"), [("forwarding", ["hub"]), ("organization", ["hub", "forwarding"])]
)
def test_the_hub_comes_first_and_the_organizations_stack_last(stack: str, before: list[str]) -> None:
    [body] = [body for kind, name, body in _RESOURCES if (kind, name) == ("aws_cloudformation_stack", stack)]
    [waits] = re.findall(r"depends_on\s+= \[(.*?)\]", body, re.DOTALL)

    assert re.findall(r"aws_cloudformation_stack\.(\w+)", waits) == before


def test_every_name_of_a_stack_and_of_its_template_begins_with_the_prefix() -> None:
    named = re.findall(r'"([^"]*)RootWarden(?:Hub|Organization|Forwarding)', _MODULE)

    assert len(named) >= len(("Hub", "Organization", "Forwarding"))
    assert set(named) == {"${var.name_prefix}"}
