"""Alarm paths through the synthesized templates: a member whose path breaks is found by the next sweep."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from local.aws import LocalAws
from local.organization import Organization, organization_from
from local.scenarios.sweeping import Sweeping, SweepResult
from tests.accounts import HUB, MANAGEMENT
from tests.stage import START

pytestmark = pytest.mark.long

_HOME, _OTHER = "us-east-1", "eu-west-1"
_DAY = timedelta(days=1)
DELETED, DISABLED, STOPPED = "444455550001", "444455550002", "444455550003"
REFUSED, ELSEWHERE, HEALTHY, SUSPENDED = "444455550004", "444455550005", "444455550006", "444455550007"
_BROKEN = {DELETED: _HOME, DISABLED: _HOME, STOPPED: _HOME, REFUSED: _HOME, ELSEWHERE: _OTHER}


@dataclass
class Story:
    """Sweeps, a day each: two while all is well, then each member breaks in its way, then three more."""

    aws: LocalAws
    results: list[SweepResult] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    requests: list[dict[str, Any]] = field(default_factory=list)

    def sweep(self) -> None:
        self.results.append(Sweeping(self.aws).by_hand("observe"))
        self.aws.clock.advance(_DAY.total_seconds())

    def path(self, number: int, account: str, region: str = _HOME) -> dict[str, Any]:
        """Return what a sweep's report says of an account and Region."""
        paths = self.results[number].row(account)["coverage"]
        return next(path for path in paths if path["region"] == region)

    def check(self, number: int, name: str) -> dict[str, Any]:
        return next(
            check for check in (self.results[number].report or {})["checks"] if check["check"] == name
        )


@pytest.fixture(scope="module")
def story(assembly_of: Callable[[Organization], Path]) -> Iterator[Story]:
    organization = organization_from(
        {
            "organization_id": "o-aa111bb222",
            "management_account": {"id": MANAGEMENT, "name": "management"},
            "hub": {"account": HUB},
            "accounts": [
                *({"id": each, "name": f"member-{each[-1]}"} for each in (*_BROKEN, HEALTHY)),
                {"id": SUSPENDED, "name": "closed-down", "state": "SUSPENDED"},
            ],
            "configuration": {
                "forwarding_regions": [_HOME, _OTHER],
                "coverage": {"other_regions": "every_sweep"},
            },
        }
    )
    with LocalAws(organization, assembly=assembly_of(organization), start=START) as aws:
        aws.state_machines.on_progress = lambda _: None
        aws.deploy()
        story = Story(aws)
        story.sweep()
        healthy = [call for call in aws.calls if call.account == HEALTHY and call.principal.is_root]
        story.calls = [f"{call.operation} {call.region}" for call in healthy]
        healthy_table = [c for c in aws.calls if c.service == "dynamodb" and HEALTHY in str(c.parameters)]
        story.requests = [{"operation": call.operation} for call in healthy_table]
        story.sweep()
        _break(aws)
        for _ in range(3):
            story.sweep()
        yield story


def _break(aws: LocalAws) -> None:
    """Break four members' paths, the path of one in another Region, and a rule of the hub."""
    _each_rule(aws, DELETED, _HOME, _delete)
    _each_rule(aws, ELSEWHERE, _OTHER, _delete)
    _each_rule(aws, DISABLED, _HOME, lambda client, rule: client.disable_rule(Name=rule))
    aws.client("s3", account=STOPPED).create_bucket(Bucket="trails-of-one")
    trail = aws.client("cloudtrail", account=STOPPED, region=_HOME)
    trail.create_trail(Name="own", S3BucketName="trails-of-one")
    trail.start_logging(Name="own")
    trail.stop_logging(Name="own")
    hub = aws.client("events", account=HUB, region=_HOME)
    policy = json.loads(hub.describe_event_bus(Name="rootwarden")["Policy"])
    denied = {"StringEquals": {"aws:PrincipalAccount": REFUSED}}
    bus = f"arn:aws:events:{_HOME}:{HUB}:event-bus/rootwarden"
    policy["Statement"].append(
        {"Sid": "No", "Effect": "Deny", "Principal": "*", "Action": "events:PutEvents", "Resource": bus}
        | {"Condition": denied}
    )
    hub.put_permission(EventBusName="rootwarden", Policy=json.dumps(policy))
    [sign_in] = [
        rule["Name"]
        for rule in hub.list_rules(EventBusName="rootwarden")["Rules"]
        if "Console Sign In" in rule["EventPattern"]
    ]
    hub.disable_rule(Name=sign_in, EventBusName="rootwarden")


def _each_rule(aws: LocalAws, account: str, region: str, do: Callable[[Any, str], object]) -> None:
    client = aws.client("events", account=account, region=region)
    for rule in client.list_rules()["Rules"]:
        do(client, rule["Name"])


def _delete(client: Any, rule: str) -> None:
    client.remove_targets(Rule=rule, Ids=["Target"])
    client.delete_rule(Name=rule)


def test_a_clean_account_costs_two_calls_and_one_for_each_region_probed(story: Story) -> None:
    # Beside AssumeRoot, which is a call of the hub's.
    assert story.calls == [f"GetAccountSummary {_HOME}", f"GetCallerIdentity {_OTHER}"]


def test_a_record_of_our_own_costs_a_read_and_a_write(story: Story) -> None:
    # The register's reads are by access key; what names the account is the write of each Region's record.
    written = [request["operation"] for request in story.requests if request["operation"] == "UpdateItem"]
    assert len(written) == 2


def test_the_second_sweep_proves_every_path(story: Story) -> None:
    first, second = (story.results[number].report for number in (0, 1))
    assert first is not None
    assert second is not None
    assert {path["status"] for path in story.results[0].row(HEALTHY)["coverage"]} == {"waiting"}
    assert second["coverage"] == {"proven": 14, "silent": 0, "notPossible": 4, "waiting": 0, "lost": 0}
    assert story.check(1, "forwarding")["status"] == "pass"
    assert story.check(1, "rules")["status"] == "pass"


@pytest.mark.parametrize("account", _BROKEN)
def test_a_path_that_broke_is_silent_in_the_report_after_its_probe(story: Story, account: str) -> None:
    region = _BROKEN[account]
    assert story.path(2, account, region)["status"] == "proven"

    found = story.path(3, account, region)

    assert found["status"] == "silent"
    assert found["silentProbes"] == 1
    assert found["provenAt"] < found["silentSince"]
    assert story.check(3, "forwarding")["status"] == "fail"


def test_what_did_not_break_stays_proven(story: Story) -> None:
    for account, region in ((HEALTHY, _HOME), (HEALTHY, _OTHER), (ELSEWHERE, _HOME), (HUB, _HOME)):
        assert story.path(4, account, region)["status"] == "proven", (account, region)


def test_what_cannot_be_proven_says_why(story: Story) -> None:
    assert "SUSPENDED" in story.path(4, SUSPENDED)["why"]
    assert "its rules are looked at" in story.path(4, MANAGEMENT)["why"]


def test_a_path_that_is_silent_twice_is_lost_and_people_hear_of_it(story: Story) -> None:
    report = story.results[4].report
    assert report is not None
    # The refused member's other Region goes by the same bus.
    assert report["coverage"]["lost"] == report["coverage"]["silent"] == 6
    lost = [line["PathsLost"][0] for line in story.aws.metrics if "PathsLost" in line]
    assert lost == [0, 0, 0, 0, 6]
    subject = [m.subject for m in story.aws.messages if m.channel == "email" and "silent" in m.body][-1] or ""
    assert "CRITICAL" in subject
    assert "6 alarm paths fell silent" in subject


def test_a_rule_of_the_hub_that_was_disabled_is_named(story: Story) -> None:
    check = story.check(2, "rules")
    assert check["status"] == "fail"
    assert "RootSignIn is DISABLED, not ENABLED" in check["text"]


def test_no_probe_ever_alerts(story: Story) -> None:
    assert [o for o in story.aws.outcomes if o["detail-type"].startswith("Root Activity")] == []
