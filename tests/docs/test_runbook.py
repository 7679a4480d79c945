"""docs/runbook.md has an entry for every alarm, and none for an alarm that does not exist."""

import re
from typing import Any

from tests.docs.page import Page, anchor, in_code, is_described, pages
from tests.templates.synthesized import Deployment

PAGE = Page("docs/runbook.md")
_QUOTE = re.compile(r"^> (.+)$", re.MULTILINE)


def test_every_alarm_has_its_entry(deployed: Deployment) -> None:
    assert sorted(_entries()) == sorted(_alarms(deployed))


def test_every_entry_says_what_it_means_and_what_to_do() -> None:
    for entry in _entries():
        section = PAGE.section(f"`{entry}`")
        assert "**Means.**" in section
        above = f"**Look, do.** As [above](#{anchor(_part_of(entry))})"
        assert "**Do.**" in section or ("**Do.**" in _above(entry) and above in section), entry


def test_no_undelivered_event_is_sent_back_as_a_dead_letter_is() -> None:
    """SQS moves back what another queue put there, not what EventBridge did."""
    for entry in _entries():
        if entry.endswith("/Undelivered"):
            assert "deadletters)" not in PAGE.section(f"`{entry}`"), entry


def test_every_entry_says_what_the_alarm_says(deployed: Deployment) -> None:
    """An alarm's description: its place, why it is in ALARM, and the entry's address."""
    for name, alarm in _alarms(deployed).items():
        assert alarm["AlarmName"] == name
        text = alarm["AlarmDescription"].removeprefix(f"rootwarden: {name} is in ALARM because ")
        because, _, address = text.partition(". Runbook: ")
        assert address == f"{PAGE.name}#{anchor(f'`{name}`')}"
        own, above = (_QUOTE.findall(text) for text in (PAGE.section(f"`{name}`"), _above(name)))
        assert " ".join(own or above) == f"{because[0].upper()}{because[1:]}."


def test_what_is_to_be_removed_is_not_said_to_be_sent_back(deployed: Deployment) -> None:
    removed = {
        name
        for name in _alarms(deployed)
        if re.search(r"`remove` the message|Delete them", PAGE.section(f"`{name}`"))
    }
    assert {name.rpartition("/")[2] for name in removed} >= {"NotStarted", "NotClosed"}
    for name in removed:
        assert "send them back" not in _alarms(deployed)[name]["AlarmDescription"]


def test_what_was_changed_by_hand_is_not_put_back_by_deploying_again(deployed: Deployment) -> None:
    """CloudFormation changes nothing where the template is the one that is deployed."""
    title = "Putting back what was changed by hand"
    assert "REVERT_DRIFT" in PAGE.section(title)
    # The hub has roles with names, which CloudFormation takes no lesser word for.
    assert [
        role for role in deployed.hub.of_type("AWS::IAM::Role").values() if "RoleName" in role["Properties"]
    ]
    assert "--capabilities CAPABILITY_NAMED_IAM " in PAGE.section(title)
    assert "make deploy CDK_ARGS=--revert-drift" in PAGE.section(title)
    assert not re.search(r"(?i)\bdeploy(ing)? `RootWarden", PAGE.text)
    for entry in _entries():
        if entry.endswith("/Undelivered") and "/Routes/" not in entry:
            assert f"(#{anchor(title)})" in PAGE.section(f"`{entry}`") + _above(entry)


def test_queues_and_logs_are_named_as_cloudformation_names_them(deployed: Deployment) -> None:
    names = [
        f"{name}-{logical_id}"
        for name, template in deployed.templates.items()
        for kind in ("AWS::SQS::Queue", "AWS::Logs::LogGroup")
        for logical_id in template.of_type(kind)
    ]
    for mentioned in re.findall(r"\b(RootWarden[A-Za-z0-9-]+-[A-Z][A-Za-z]*[a-z])\b", PAGE.text):
        assert any(name.startswith(mentioned) for name in names), mentioned


def test_outputs_are_named_as_the_hub_has_them(deployed: Deployment) -> None:
    outputs = deployed.hub.body["Outputs"]
    for page in pages():
        for named in re.findall(r"OutputKey=='(\w+)'", page.text):
            assert named in outputs, f"{page.name}: {named}"


def _above(entry: str) -> str:
    """Return what holds for all entries of this one's part of the page."""
    before, _, _ = PAGE.text.partition(f"\n### `{entry}`\n")
    return before.rpartition("\n## ")[2].partition("\n### ")[0]


def _part_of(entry: str) -> str:
    return _above(entry).partition("\n")[0]


def _entries() -> list[str]:
    return [in_code(title)[0] for title in PAGE.headings if "/" in title and in_code(title)]


def _alarms(deployed: Deployment) -> dict[str, dict[str, Any]]:
    return {
        resource["Properties"]["AlarmName"]: resource["Properties"]
        for template in deployed
        for logical_id, resource in template.of_type("AWS::CloudWatch::Alarm").items()
        if is_described(logical_id)
    }
