"""Pages say which changes of the configuration one deployment cannot make, and what to do instead."""

from importlib import import_module

import pytest

from tests.docs.page import Page

CONFIGURATION = Page("docs/configuration.md")


def test_a_unit_becomes_a_canary_unit_or_stops_being_one_in_two_deployments() -> None:
    [said] = [text for text in _paragraphs(CONFIGURATION, "Members") if "two deployments" in text]
    assert "into the canary units or out of them" in said
    assert "neither list" in said
    update = " ".join(Page("docs/deploying.md").section("Update").split())
    assert "into the canary units or out of them [in two deployments](configuration.md#members)" in update


def test_before_another_key_nothing_may_wait_and_what_was_left_can_be_read_again() -> None:
    text = CONFIGURATION.section("Your own key").split("**Another key.**")[1]
    assert "at once" in text
    assert "rootctl doctor" in text
    [commands] = CONFIGURATION.blocks("Your own key", "sh")
    for call in ("kms cancel-key-deletion", "kms enable-key", "kms create-grant", "rootctl redrive"):
        assert call in commands


def test_new_policies_are_made_for_a_changed_configuration_too_and_the_former_kept_meanwhile() -> None:
    text = " ".join(Page("docs/deploying.md").section("Permissions").split())
    assert "a new version or a changed configuration" in text
    assert "says `UPDATE_COMPLETE`, and leaves it" in text


@pytest.mark.parametrize(
    ("kind", "section", "keys"),
    [
        ("SlackChannelConfiguration", "Slack through Amazon Q Developer", {"SlackWorkspaceId"}),
        ("MicrosoftTeamsChannelConfiguration", "Microsoft Teams", {"TeamId", "TeamsTenantId"}),
    ],
)
def test_what_replaces_a_chat_channel_of_a_fixed_name_takes_two_deployments(
    kind: str, section: str, keys: set[str]
) -> None:
    # It comes without types.
    schemas = import_module("cfnlint.schema.manager").PROVIDER_SCHEMA_MANAGER
    fixed = schemas.get_resource_schema("us-east-1", f"AWS::Chatbot::{kind}").schema["createOnlyProperties"]
    assert {path.rpartition("/")[2] for path in fixed} == {"ConfigurationName", *keys}
    [said] = [text for text in _paragraphs(CONFIGURATION, section) if "two deployments" in text]
    assert said.startswith("**Another ")


def test_a_second_deployment_has_a_chat_channel_of_its_own() -> None:
    assert any("chat channel" in text for text in _paragraphs(CONFIGURATION, "A second deployment"))


def test_what_an_account_may_run_at_once_is_compared_with_what_sweeps_run() -> None:
    [said] = [
        each for each in CONFIGURATION.section("All keys").split("\n- ") if "get-account-settings" in each
    ]
    assert said.startswith("**`sweep.max_concurrency`.**")


def _paragraphs(page: Page, section: str) -> list[str]:
    """Return a section's paragraphs, each in one line."""
    return [" ".join(text.split()) for text in page.section(section).split("\n\n")]
