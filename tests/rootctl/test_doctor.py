"""rootctl doctor: each check ok, wrong, and not possible; never ok for what was not looked at."""

import csv
import io
import json
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.aws import LocalAws
from local.scenarios.sweeping import Sweeping
from rootctl.aws import AwsSession
from rootctl.checks.access import SimulatedPermissions, permissions
from rootctl.checks.context import CallerIdentity, DoctorContext, Result, Status, ok, unknown, wrong
from rootctl.checks.registry import CHECKS, DoctorCheck
from rootctl.commands.doctor import Diagnosis
from rootctl.errors import Exit
from rootctl.printed_commands import asked_with
from rootwarden.aws.clients import refusals
from rootwarden.events import AccountId, MalformedEvent
from tests.accounts import HUB, MANAGEMENT, REFUSING
from tests.rootctl.conftest import run
from tests.rootctl.diagnosed import doctor, statuses
from tests.rootctl.hub_account import (
    give_up,
    leave_unclosed,
    leave_unconfirmed,
    leave_undelivered,
    leave_unstarted,
    management_profile,
    record_everything,
)
from tests.stage import START
from tests.unit.sample_events import sample


@pytest.fixture
def profile(aws: LocalAws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    return management_profile(aws, tmp_path, monkeypatch)


@pytest.fixture
def trails(aws: LocalAws) -> Iterator[Any]:
    client = record_everything(aws)
    yield client
    client.delete_trail(Name="organization")


@pytest.mark.usefixtures("trails")
def test_where_all_is_ok_nothing_is_to_be_done(aws: LocalAws, profile: str) -> None:
    # AWS refuses sessions in it, and nothing could be said of it.
    aws.state.set_state(REFUSING, "SUSPENDED")
    Sweeping(aws).by_hand()
    # A report judges the probe before it.
    aws.clock.advance(timedelta(days=1).total_seconds())
    Sweeping(aws).by_hand()

    result = run("doctor", "--management-profile", profile)

    assert result.exit_code == Exit.DONE, result.stdout
    assert "All is ok" in result.stdout
    assert "→" not in result.stdout
    assert all(check.name in result.stdout for check in CHECKS)


@pytest.mark.long
def test_rules_that_are_not_as_deployed_and_paths_that_wait(aws: LocalAws, profile: str) -> None:
    Sweeping(aws).by_hand()
    bus, default = aws.client("events", account=HUB), aws.client("events", account=MANAGEMENT)
    [here] = [
        rule["Name"]
        for rule in bus.list_rules(EventBusName="rootwarden")["Rules"]
        if "Console Sign In" in rule["EventPattern"]
    ]
    [there] = [
        rule["Name"] for rule in default.list_rules()["Rules"] if "Console Sign In" in rule["EventPattern"]
    ]
    bus.disable_rule(Name=here, EventBusName="rootwarden")
    default.disable_rule(Name=there)
    try:
        found, code = doctor("--management-profile", profile)
    finally:
        bus.enable_rule(Name=here, EventBusName="rootwarden")
        default.enable_rule(Name=there)

    assert code == Exit.FINDINGS
    assert statuses(found["rules"]) == {"wrong"}
    assert [each["remedy"].split("--name ")[1] for each in found["rules"]] == [here, there]
    assert "unknown" in statuses(found["alarm paths"])


@pytest.mark.long
@pytest.mark.usefixtures("trails")
def test_what_cannot_be_checked_is_never_ok(aws: LocalAws) -> None:
    Sweeping(aws).by_hand()

    found, code = doctor()

    [coverage] = found["member forwarding"]
    assert (coverage["status"], code) == ("unknown", Exit.FAILED)
    assert coverage["text"].startswith("could not check")
    assert "--management-profile" in coverage["remedy"]


@pytest.mark.usefixtures("aws")
def test_without_a_hub_everything_that_needs_it_is_unknown() -> None:
    found, code = doctor("--region", "eu-west-1")

    [hub] = found["hub"]
    assert (hub["status"], code) == ("wrong", Exit.FINDINGS)
    assert "RootWardenHub" in hub["text"]
    for check in ("permissions", "delegated administrator", "last sweep", "queues", "alert channels"):
        assert "unknown" in statuses(found[check]), check


@pytest.mark.long
def test_a_sweep_that_is_missing_failed_or_too_old(aws: LocalAws) -> None:
    Sweeping(aws).by_hand()
    assert statuses(doctor()[0]["last sweep"]) == {"ok"}

    aws.clock.advance(timedelta(days=4).total_seconds())
    [old] = doctor()[0]["last sweep"]
    assert old["status"] == "wrong"
    assert "4 d" in old["text"]
    assert "start-execution" in old["remedy"]


def test_dead_letters_and_unconfirmed_addresses(aws: LocalAws) -> None:
    give_up("HardenAccount", sample("create_account_result_succeeded"))
    leave_undelivered("AssessRoot", sample("root_console_login_failure"))
    leave_unconfirmed(aws, "pager@example.com")
    leave_unclosed()
    leave_unstarted()

    found, _ = doctor()

    _ok, unstarted, unclosed, *others = sorted(found["queues"], key=lambda each: each["remedy"] or "")
    # Starting a sweep closes nothing at once: what is thrown away then is all that tells of an open window
    assert not any("purge" in each["remedy"] for each in (unstarted, unclosed))
    assert unclosed["remedy"] == "rootctl recovery list"
    assert "recovery schedule failed" in unclosed["text"]
    assert "start-execution --region us-east-1" in unstarted["remedy"]
    assert "sweep schedule failed" in unstarted["text"]
    assert [each["remedy"] for each in others] == [
        "rootctl redrive assess_root_activity",
        "rootctl redrive harden_account",
    ]
    [pager] = [each for each in found["alert channels"] if each["status"] == "wrong"]
    assert "pager@example.com" in pager["text"]
    assert pager["remedy"].startswith("aws sns subscribe --region us-east-1")


@pytest.mark.parametrize(
    ("denied", "said", "status"),
    [
        (("sts:AssumeRoot",), "have the hub open root sessions", "ok"),
        (("sts:AssumeRoot", "lambda:InvokeFunction"), "neither", "wrong"),
        (("sqs:DeleteMessage",), "redrive needs sqs:DeleteMessage", "wrong"),
        (("kms:Decrypt",), "redrive needs kms:Decrypt", "wrong"),
        (("s3:ListBucket",), "report needs s3:ListBucket", "wrong"),
        (("kms:Decrypt", "s3:ListBucket"), "you may: test-alert, seeing a test alert leave", "ok"),
        ((), "you may: report, redrive, test-alert, seeing a test alert leave", "ok"),
    ],
)
@pytest.mark.usefixtures("aws")
def test_permissions(
    monkeypatch: pytest.MonkeyPatch, denied: tuple[str, ...], said: str, status: str
) -> None:
    def lacking(_self: object, actions: Sequence[str], *_: object) -> list[str]:
        return [action for action in actions if action in denied]

    monkeypatch.setattr(SimulatedPermissions, "denied", lacking)

    found, _ = doctor()

    [result] = [each for each in found["permissions"] if said in each["text"]]
    assert result["status"] == status
    assert status == "ok" or "put-role-policy --role-name OrganizationAccountAccessRole" in result["remedy"]


@pytest.mark.parametrize("prefix", ["", "test-"])
def test_who_may_nothing_may_everything_once_each_command_was_typed(aws: LocalAws, prefix: str) -> None:
    iam = aws.client("iam", account=HUB)
    trust = {"Version": "2012-10-17", "Statement": []}
    iam.create_role(RoleName="operators", Path="/people/", AssumeRolePolicyDocument=json.dumps(trust))
    try:
        lacking = [each for each in _permissions(aws, prefix) if each.status is Status.WRONG]
        names = [_typed(iam, each.remedy) for each in lacking]
        results = _permissions(aws, prefix)
        kept = iam.list_role_policies(RoleName="operators")["PolicyNames"]
    finally:
        for name in iam.list_role_policies(RoleName="operators")["PolicyNames"]:
            iam.delete_role_policy(RoleName="operators", PolicyName=name)
        iam.delete_role(RoleName="operators")

    assert {each.status for each in results} == {Status.OK}, results
    # Each has a name of its own, also beside those of another deployment
    assert sorted(kept) == sorted(set(names))
    assert len(names) == len(lacking)
    assert all(name.startswith(f"{prefix}rootctl-") for name in names)


def _permissions(aws: LocalAws, prefix: str) -> list[Result]:
    session = AwsSession.begin(None, None)
    context = DoctorContext(session, session, aws.clock.now)
    hub = context.hub
    arn = f"arn:aws:sts::{HUB}:assumed-role/operators/jane"
    context = replace(context, session=replace(session, name_prefix=prefix))
    vars(context).update(hub=hub, caller=CallerIdentity(arn, AccountId(HUB)))
    return list(permissions(context))


def _typed(iam: Any, command: str | None) -> str:
    """Do what a printed command does; returns the policy's name."""
    words = shlex.split(command or "")
    assert words[:3] == ["aws", "iam", "put-role-policy"]
    given = dict(zip(words[3::2], words[4::2], strict=True))
    iam.put_role_policy(
        RoleName=given["--role-name"],
        PolicyName=given["--policy-name"],
        PolicyDocument=given["--policy-document"],
    )
    return given["--policy-name"]


def _denied(_context: DoctorContext) -> Iterator[Result]:
    yield ok("the first half")
    with refusals():
        raise ClientError({"Error": {"Code": "AccessDenied", "Message": "No."}}, "DescribeTrails")


@pytest.mark.usefixtures("aws")
def test_what_aws_refuses_is_a_result() -> None:
    session = AwsSession.begin(None, None)
    context = DoctorContext(session, session, lambda: START)

    looked, refused = DoctorCheck("halfway", _denied).results(context)

    assert looked.status is Status.OK
    assert refused.status is Status.UNKNOWN
    assert "AccessDenied: No." in refused.text
    assert refused.remedy == "Allow DescribeTrails to your credentials, or use others (--profile)."


def test_an_answer_that_cannot_be_read_ends_its_own_check_alone() -> None:
    session = AwsSession.begin(None, None)

    def look(_: DoctorContext) -> Iterator[Result]:
        yield ok("fine so far")
        raise MalformedEvent("Configuration.coverage", "an object", 5)

    looked, unread = DoctorCheck("halfway", look).results(DoctorContext(session, session, lambda: START))

    assert (looked.status, unread.status) == (Status.OK, Status.UNKNOWN)
    assert "Configuration.coverage takes an object, found 5" in unread.text


def test_a_remedys_command_asks_the_same_deployment() -> None:
    session = AwsSession.begin(None, "eu-west-1", "test-")
    context = DoctorContext(session, session, lambda: START)
    found = wrong("broken: rootctl plan", remedy="rootctl redrive harden_account")

    with asked_with("test-", "eu-west-1", None):
        [result] = DoctorCheck("one", lambda _context: [found]).results(context)

    given = "--name-prefix test- --region eu-west-1"
    assert result.remedy == f"rootctl redrive {given} harden_account"
    assert result.text == f"broken: rootctl plan {given}"


@pytest.mark.parametrize(
    ("results", "code"),
    [
        ([ok("fine")], Exit.DONE),
        ([ok("fine"), unknown("dark", remedy="light")], Exit.FAILED),
        ([unknown("dark", remedy="light"), wrong("broken", remedy="remedy")], Exit.FINDINGS),
    ],
)
def test_findings_outweigh_what_could_not_be_checked(results: list[Result], code: Exit) -> None:
    assert Diagnosis([("check", each) for each in results]).exit is code


@pytest.mark.usefixtures("aws")
def test_csv_has_a_line_a_result() -> None:
    rows = list(csv.DictReader(io.StringIO(run("doctor", "--output", "csv").stdout)))

    assert {row["check"] for row in rows} == {check.name for check in CHECKS}
    assert {row["status"] for row in rows} <= {status.value for status in Status}


def test_the_root_user_is_shown_to_leave(aws: LocalAws) -> None:
    session = AwsSession.begin(None, None)
    context = DoctorContext(session, session, aws.clock.now)
    root = CallerIdentity(f"arn:aws:iam::{HUB}:root", AccountId(HUB))
    vars(context)["caller"] = root

    [result] = CHECKS[0].look(context)

    assert result.status is Status.WRONG
    assert "root user" in result.text
