"""Every value of the configuration: what is refused, how it is said, and how it is overridden."""

import ast
import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import botocore.session
import pytest

from rootwarden.contract.regions import DEFAULT_REGIONS
from stacks.configuration.blocks import MAX_EXEMPTIONS_BYTES
from stacks.configuration.configuration import Configuration
from stacks.configuration.reading import ConfigurationError, Mistake, read_configuration
from tests.templates.synthesized import CONFIGURATION, HUB, MANAGEMENT

_PROJECT = Path(__file__).parents[2]
_EXEMPTION = {"account": "444455556666", "reason": "Being migrated", "until": "2027-01-31"}


def test_test_configuration_is_read() -> None:
    configuration = _read(forwarding_regions=["default"])
    assert configuration.management_account_id == MANAGEMENT
    assert configuration.hub_is_delegated_administrator
    assert configuration.exemptions[1].ou == "ou-ab12-11111111"
    assert configuration.warnings() == ()


def test_optional_keys_have_defaults() -> None:
    needed = ("management_account_id", "organization_id", "organization_root_id", "hub_account_id")
    block = {key: CONFIGURATION[key] for key in (*needed, "hub_region", "alert_emails")}
    configuration = read_configuration({"rootwarden": block})
    assert configuration.exemptions == ()
    assert configuration.slack.workspace_id is None
    assert configuration.hardening.keep_used_within_days == 30
    assert configuration.queue_retention_days == 14
    assert configuration.log_retention_days == 365
    assert configuration.forwarding_regions == DEFAULT_REGIONS
    assert configuration.control_tower_home_region is None


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("management_account_id", 111122223333),
        ("management_account_id", "1111"),
        ("organization_id", "aa111bb222"),
        ("organization_id", None),
        ("organization_root_id", "ou-ab12-11111111"),
        ("hub_account_id", "22223333444x"),
        ("hub_region", "us-east-9"),
        ("hub_region", "us-gov-west-1"),
        ("hub_region", ""),
        ("hub_region", "<hub region>"),
        ("alert_emails", []),
        ("alert_emails", "security@example.com"),
        ("alert_emails", ["a@example.com", "a@example.com"]),
        ("alert_emails[0]", ["nobody"]),
        ("slack", "#alerts"),
        ("slack.workspace_id", {"channel_id": "C012AB3C4D"}),
        ("slack.channel_id", {"workspace_id": "T012AB3C4D"}),
        ("slack.channel_id", {"workspace_id": "T012AB3C4D", "channel_id": "#alerts"}),
        ("slack.webhook_secret_arn", {"webhook_secret_arn": "https://hooks.slack.com/x"}),
        (
            "slack.webhook_secret_arn",
            {"webhook_secret_arn": f"arn:aws:secretsmanager:eu-west-1:{HUB}:secret:slack"},
        ),
        ("slack.channel", {"channel": "C012AB3C4D"}),
        ("exemptions", {}),
        ("exemptions", [{**_EXEMPTION, "reason": "long " * 1000}]),
        ("exemptions[0]", ["444455556666"]),
        ("exemptions[0]", [{**_EXEMPTION, "ou": "ou-ab12-11111111"}]),
        ("exemptions[0]", [{"reason": "Nobody", "until": "2027-01-31"}]),
        ("exemptions[0].account", [{**_EXEMPTION, "account": "4444"}]),
        ("exemptions[0].ou", [{"ou": "r-ab12", "reason": "All", "until": "2027-01-31"}]),
        ("exemptions[0].reason", [{**_EXEMPTION, "reason": " "}]),
        ("exemptions[0].reason", [{"account": "444455556666", "until": "2027-01-31"}]),
        ("exemptions[0].until", [{"account": "444455556666", "reason": "Forever"}]),
        ("exemptions[0].until", [{**_EXEMPTION, "until": "2027-02-30"}]),
        ("exemptions[0].until", [{**_EXEMPTION, "until": "20270131"}]),
        ("exemptions[0].untill", [{**_EXEMPTION, "untill": "2027-01-31"}]),
        ("hardening", "observe"),
        ("hardening.created", {"created": "audit"}),
        ("hardening.existing", {"existing": True}),
        ("hardening.sweep", {"sweep": "observe"}),
        ("remove_recently_used_keys", True),
        ("hardening.keep_used_within_days", {"keep_used_within_days": 366}),
        ("queue_retention_days", 15),
        ("queue_retention_days", True),
        ("log_retention_days", 42),
        ("forwarding_regions", ["eu-west-1"]),
        ("forwarding_regions", []),
        ("forwarding_regions", "default"),
        ("forwarding_regions[0]", ["all"]),
        ("forwarding_regions", ["us-east-1", "us-east-1"]),
        ("forwarding_regions[1]", ["us-east-1", "mars-north-1"]),
        ("forward_read_only_calls", 1),
        ("member_organizational_units[0]", ["Sandbox"]),
        ("member_organizational_units[0]", ["ou-zz99-11111111"]),
        ("control_tower_home_region", "somewhere"),
        ("deny_root_organizational_units[0]", ["r-ab12"]),
        ("alert_email", ["security@example.com"]),
    ],
)
def test_value_is_refused_by_its_key(key: str, value: object) -> None:
    # When the top-level key of `key` holds `value`
    [mistake] = _mistakes({key.split(".", maxsplit=1)[0].split("[", maxsplit=1)[0]: value})
    # Then the key is named, with what was found there and what it takes
    assert mistake.key == key
    assert mistake.found
    assert mistake.takes


@pytest.mark.parametrize(
    "key",
    ["management_account_id", "organization_id", "hub_account_id", "hub_region", "alert_emails"],
)
def test_needed_value_that_is_missing_is_named(key: str) -> None:
    block = {name: value for name, value in CONFIGURATION.items() if name != key}
    with pytest.raises(ConfigurationError) as caught:
        read_configuration({"rootwarden": block})
    assert (key, "nothing") in [(m.key, m.found) for m in caught.value.mistakes]


def test_root_of_the_organization_is_needed_unless_units_are_named() -> None:
    units = ["ou-ab12-33333333"]
    [mistake] = _mistakes({"organization_root_id": None})
    assert mistake.key == "organization_root_id"
    assert _read(organization_root_id=None, member_organizational_units=units).member_targets == (
        "ou-ab12-33333333",
    )


@pytest.mark.parametrize("context", [{}, {"rootwarden": []}, {"rootwarden": "{}"}])
def test_block_that_is_missing_or_no_object_is_refused(context: dict[str, object]) -> None:
    with pytest.raises(ConfigurationError):
        read_configuration(context)


def test_the_old_word_for_a_sweep_that_observes_is_named_with_the_new_one() -> None:
    [mistake] = _mistakes({"sweep": {"mode": "audit"}})
    assert str(mistake) == (
        'sweep.mode: found "audit"; takes "observe" or "enforce": what was "audit" is now "observe"'
    )


def test_sweeps_that_enforce_what_events_only_observe_are_warned_of() -> None:
    enforcing: dict[str, object] = {"forwarding_regions": ["default"], "sweep": {"mode": "enforce"}}
    [warning] = _read(**enforcing).warnings()
    assert "hardening.existing is observe" in warning
    assert _read(**enforcing, hardening={"existing": "enforce"}).warnings() == ()


def test_all_mistakes_are_reported_together_one_a_line() -> None:
    changes = {"hub_region": "nowhere", "queue_retention_days": 0, "alert_emails": ["nobody"]}
    with pytest.raises(ConfigurationError) as caught:
        _read(**changes)
    assert str(caught.value).splitlines()[1:] == [
        '  hub_region: found "nowhere"; takes a Region of the aws partition, such as us-east-1',
        '  alert_emails[0]: found "nobody"; takes an e-mail address',
        "  queue_retention_days: found 0; takes a whole number of days from 1 to 14",
    ]


def test_exemptions_fit_into_a_functions_environment() -> None:
    exemption = {**_EXEMPTION, "reason": ""}
    # With every quotation mark escaped, as Lambda measures it
    spare = MAX_EXEMPTIONS_BYTES - len(json.dumps(json.dumps([exemption], separators=(",", ":"))))
    _read(exemptions=[{**exemption, "reason": "x" * spare}])
    [mistake] = _mistakes({"exemptions": [{**exemption, "reason": "x" * (spare + 1)}]})
    assert mistake.found == f'"1 exemptions of {MAX_EXEMPTIONS_BYTES + 1} bytes"'


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("alert_emails", [f"{number:03}@example.com" for number in range(80)]),
        ("runbook_url", f"https://example.com/{'a' * 500}"),
        ("role_path", f"/{'p' * 128}/"),
    ],
)
def test_what_stands_in_environments_has_a_longest(key: str, value: object) -> None:
    [mistake] = _mistakes({key: value})
    assert (mistake.key, "at most" in mistake.takes) == (key, True)


def test_exemption_that_has_ended_is_allowed_with_a_warning() -> None:
    configuration = _read(exemptions=[_EXEMPTION], forwarding_regions=["default"])
    assert configuration.warnings(today=date(2027, 1, 31)) == ()
    [warning] = configuration.warnings(today=date(2027, 2, 1))
    assert warning.startswith("exemptions[0] ended on 2027-01-31: 444455556666")


@pytest.mark.parametrize(
    ("changes", "warned"),
    [
        ({}, []),
        ({"forwarding_regions": None}, []),
        ({"forwarding_regions": ["eu-west-1", "default"]}, []),
        (
            {"hub_region": "me-south-1"},
            ["lacks hub_region, me-south-1: root sessions begun there are not seen"],
        ),
        (
            {"forwarding_regions": ["default", "me-south-1"]},
            ["names me-south-1, which an account has only once"],
        ),
        (
            {"forwarding_regions": [r for r in DEFAULT_REGIONS if r != "sa-east-1"]},
            ["leaves out sa-east-1: "],
        ),
        (
            {"forwarding_regions": ["us-east-1", "ap-east-1"], "hub_region": "eu-west-1"},
            ["lacks hub_region", "leaves out us-east-2, ", "names ap-east-1"],
        ),
    ],
)
def test_regions_probably_not_meant_are_allowed_with_a_warning(
    changes: dict[str, Any], warned: list[str]
) -> None:
    warnings = _read(**{"forwarding_regions": ["default"], "slack": {}, **changes}).warnings()
    assert len(warnings) == len(warned)
    for warning, words in zip(warnings, warned, strict=True):
        assert warning.startswith(f"forwarding_regions {words}")


def test_control_tower_with_the_default_regions_is_asked_for_its_region_deny() -> None:
    home = {"control_tower_home_region": "eu-central-1"}
    block = {key: value for key, value in CONFIGURATION.items() if key != "forwarding_regions"} | home
    [warning] = read_configuration({"rootwarden": block}).warnings()
    assert warning.startswith("forwarding_regions is the default while there is a Control Tower: ")
    # Who names them has looked
    assert _read(forwarding_regions=["default"], **home).warnings() == ()


def test_default_stands_for_its_regions_and_each_region_is_there_once() -> None:
    named = _read(forwarding_regions=["eu-west-1", "default", "me-south-1"]).forwarding_regions
    assert sorted(named) == sorted([*DEFAULT_REGIONS, "me-south-1"])
    assert len(DEFAULT_REGIONS) == 17


def test_sdk_knows_every_default_region() -> None:
    # It knows no more: whether an account must opt in to a Region only AWS's documentation says.
    known = botocore.session.get_session().get_available_regions("events", partition_name="aws")
    assert set(DEFAULT_REGIONS) <= set(known)


@pytest.mark.parametrize(
    ("key", "given", "attribute", "expected"),
    [
        ("hub_region", "eu-west-1", "hub_region", "eu-west-1"),
        ("hub_account_id", "000011112222", "hub_account_id", "000011112222"),
        ("alert_emails", '["a@example.com"]', "alert_emails", ("a@example.com",)),
        ("forward_read_only_calls", "true", "forward_read_only_calls", True),
        ("queue_retention_days", "3", "queue_retention_days", 3),
        ("control_tower_home_region", "null", "control_tower_home_region", None),
        ("forwarding_regions", '["us-east-1"]', "forwarding_regions", ("us-east-1",)),
        ("forwarding_regions", "null", "forwarding_regions", DEFAULT_REGIONS),
        ("exemptions", "[]", "exemptions", ()),
    ],
)
def test_value_given_on_the_command_line_wins(key: str, given: str, attribute: str, expected: object) -> None:
    elsewhere: dict[str, object] = {
        "slack": {},
        "approval": {},
    }  # their ARNs name the hub's account and Region
    block = {**CONFIGURATION, **elsewhere, "control_tower_home_region": "eu-west-1"}
    configuration = read_configuration({"rootwarden": block, f"rootwarden.{key}": given})
    assert getattr(configuration, attribute) == expected


def test_nested_value_can_be_overridden_alone() -> None:
    context = {"rootwarden": CONFIGURATION, "rootwarden.slack.channel_id": "C0OTHER123"}
    slack = read_configuration(context).slack
    assert (slack.workspace_id, slack.channel_id) == ("T012AB3C4D", "C0OTHER123")


@pytest.mark.parametrize(
    ("key", "given"),
    [("alert_emails", "a@example.com"), ("forward_read_only_calls", "yes"), ("hub_regoin", "x")],
)
def test_override_that_cannot_be_read_is_refused_by_its_key(key: str, given: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read_configuration({"rootwarden": CONFIGURATION, f"rootwarden.{key}": given})
    assert [mistake.key for mistake in caught.value.mistakes] == [key]


@pytest.mark.long
def test_override_reaches_the_app_as_the_cdk_command_line_passes_it(tmp_path: Path) -> None:
    # Given a file that `-c config=` names
    named = tmp_path / "test.yaml"
    placeholder = {"alert_emails": ["<who>"]}
    named.write_text(json.dumps({**CONFIGURATION, **placeholder}), encoding="utf-8")
    # When the app is run with another value overridden
    context = {"config": str(named), "rootwarden.hub_region": "nowhere"}
    result = subprocess.run(
        [sys.executable, "app.py"],
        cwd=_PROJECT,
        env={**os.environ, "CDK_CONTEXT_JSON": json.dumps(context)},
        capture_output=True,
        text=True,
        check=False,
    )
    # Then both mistakes are named, without a traceback, and where they stand
    assert result.returncode == 1
    assert result.stderr.splitlines() == [
        f"The configuration in {named} and -c cannot be used:",
        '  hub_region: found "nowhere"; takes a Region of the aws partition, such as us-east-1',
        '  alert_emails[0]: found "<who>"; takes an e-mail address (this is a placeholder: fill it in)',
    ]


def test_synthesis_knows_no_aws_client() -> None:
    for path in (_PROJECT / "app.py", *(_PROJECT / "stacks").rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            roots = {name.split(".")[0] for name in names}
            assert not roots & {"boto3", "botocore", "lambdas", "local"}, path


def _read(**changes: Any) -> Configuration:
    return read_configuration({"rootwarden": {**CONFIGURATION, **changes}})


def _mistakes(changes: dict[str, Any]) -> tuple[Mistake, ...]:
    with pytest.raises(ConfigurationError) as caught:
        _read(**changes)
    return caught.value.mistakes
