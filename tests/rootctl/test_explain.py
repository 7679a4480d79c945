"""rootctl explain: what the functions would do, for every sample event, and doing nothing."""

import csv
import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from local.aws import LocalAws
from rootctl.errors import Exit
from tests.accounts import EXEMPT, EXPOSED, HUB, MFA_ONLY, STRANGER
from tests.rootctl.conftest import run
from tests.unit.sample_events import DIRECTORY, NAMES, sample
from tests.wiring.test_event_patterns import ASSESS, BOTH, EXPECTED, FORGET, HARDEN, REFUSED

FUNCTIONS = {
    HARDEN: "harden_account",
    ASSESS: "assess_root_activity",
    REFUSED: "assess_root_activity",
    FORGET: "forget_account",
    None: None,
}


# Its rule takes it only where read-only calls are forwarded, which they are not by default.
READ_ONLY = "root_api_long_term_key_read_only"
# One for each function, and those where what AWS answers makes a difference.
ASKED = (
    "account_departed_organization",
    "create_account_result_from_member_account",
    "create_account_result_succeeded",
    "detach_deny_root_policy",
    "iam_user_console_login",
    "root_console_login_success_no_mfa",
    READ_ONLY,
)


def explain(event: str | Path, *arguments: str) -> list[dict[str, Any]]:
    path = DIRECTORY / f"{event}.json" if isinstance(event, str) else event
    result = run("explain", str(path), "--output", "json", *arguments)
    assert result.exit_code == Exit.DONE, result.stderr
    found: list[dict[str, Any]] = json.loads(result.stdout)
    return found


def written(directory: Path, event: object) -> Path:
    path = directory / "event.json"
    path.write_text(event if isinstance(event, str) else json.dumps(event))
    return path


@pytest.mark.parametrize("name", NAMES)
def test_every_sample_goes_where_the_deployed_rules_send_it(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What another account than the management account says of a join cannot be known for it offline.
    offline = {"create_account_result_from_member_account": HARDEN}
    offline |= dict.fromkeys((name for name in NAMES if name.startswith("member_accepts_")), BOTH)
    expected = offline.get(name, EXPECTED.get(name, ASSESS))
    monkeypatch.setattr("boto3.Session", None)  # nobody may be asked

    found = explain(name, "--offline")

    functions = [FUNCTIONS[each] for each in (expected.split() if expected else [None])]
    assert [each["function"] for each in found] == functions
    for each in found:
        assert each["would"]
        assert each["because"]


@pytest.mark.parametrize("name", ["controltower_enable_baseline", "controltower_update_enabled_baseline"])
def test_offline_a_baseline_is_taken_to_be_of_our_organization(name: str) -> None:
    [found] = explain(name, "--offline")

    assert found["account"] == EXPOSED
    assert found["would"].startswith("open a root session")
    assert "the organization's id, supposed to be o-aa111bb222" in found["notKnown"]


def test_offline_a_baseline_of_a_unit_is_not_an_account() -> None:
    [found] = explain("controltower_enable_baseline_unit", "--offline")

    assert found["would"] == "leave the account alone"
    assert found["because"].startswith("not_an_account: ")
    assert found["notification"] is None


@pytest.mark.usefixtures("aws")
def test_whose_baseline_it_is_is_asked() -> None:
    [own] = explain("controltower_enable_baseline")
    [foreign] = explain("controltower_enable_baseline_foreign_organization")

    assert own["would"].startswith("open a root session")
    assert foreign["because"].startswith("foreign_organization: ")
    assert foreign["because"].endswith("belongs to another organization than o-aa111bb222")


@pytest.mark.parametrize(
    ("name", "would"),
    [
        ("accept_handshake", "nothing"),
        ("member_accepts_foreign_invitation", "alert, with severity critical"),
        ("member_accepts_foreign_invitation_by_root", "alert, with severity critical"),
    ],
)
def test_whose_invitation_was_accepted_is_asked(aws: LocalAws, name: str, would: str) -> None:
    found = explain(name)

    [of_activity] = [each for each in found if each["function"] == "assess_root_activity"]
    assert of_activity["would"] == would
    assert aws.outcomes == []


def test_asking_changes_nothing(aws: LocalAws) -> None:
    for name in ASKED:
        [found] = explain(name)

        expected = None if name == READ_ONLY else FUNCTIONS[EXPECTED.get(name, ASSESS)]
        assert found["function"] == expected, name
        # Which policies protect, only the forwarding rules know.
        unknown = ["whether the policy is one that protects root or the watch, supposed to be"]
        assert found["notKnown"] == (unknown if name == "detach_deny_root_policy" else []), name
    assert aws.outcomes == []
    assert aws.client("dynamodb", account=HUB).scan(TableName=_table(aws))["Items"] == []


def _table(aws: LocalAws) -> str:
    [name] = aws.client("dynamodb", account=HUB).list_tables()["TableNames"]
    return str(name)


def test_offline_heeds_the_name_prefix(tmp_path: Path) -> None:
    event = json.dumps(sample("forwarding_rule_deleted"))
    second = written(tmp_path, event.replace("StackSet-rootwarden", "StackSet-secondrootwarden"))

    [without] = explain(second, "--offline")
    [with_it] = explain(second, "--offline", "--name-prefix", "second")

    assert without["would"] == "nothing"
    assert with_it["function"] == "assess_root_activity"


def test_offline_says_what_it_supposed() -> None:
    [found] = explain("create_account_result_succeeded", "--offline")

    said = "; ".join(found["notKnown"])
    for unknown in ("management account", "exemptions", "recovery window", "active and when it joined"):
        assert unknown in said


@pytest.mark.parametrize(
    ("account", "would", "because"),
    [
        (
            EXPOSED,
            "remove the root credentials it shows but those used lately",
            "(CREATED), and hardening.created is enforce",
        ),
        (MFA_ONLY, "remove nothing", "more than 15 days ago, and hardening.existing is observe"),
        (EXEMPT, "leave the account alone", "exempt until 2027-01-31: Being migrated"),
        (STRANGER, "try again later", "not_in_organization"),
    ],
)
def test_a_join_is_decided_as_the_function_does(
    aws: LocalAws, tmp_path: Path, account: str, would: str, because: str
) -> None:
    aws.state.records.get_account_by_id(MFA_ONLY).create_time -= timedelta(days=400)
    event = sample("create_account_result_succeeded")
    event["detail"]["serviceEventDetails"]["createAccountStatus"]["accountId"] = account

    [found] = explain(written(tmp_path, event))

    assert found["account"] == account
    assert would in found["would"]
    assert because in found["because"]


def test_the_end_of_a_window_that_nobody_opened_decides_nothing(aws: LocalAws, tmp_path: Path) -> None:
    aws.state.records.get_account_by_id(MFA_ONLY).create_time -= timedelta(days=400)
    event = sample("create_account_result_succeeded") | {
        "source": "rootwarden",
        "account": HUB,
        "detail-type": "Recovery Window Change",
        "detail": {"version": "1", "account": {"id": MFA_ONLY}, "change": "closed"},
    }

    [found, *_] = explain(written(tmp_path, event))

    assert (found["function"], found["account"]) == ("harden_account", MFA_ONLY)
    assert "remove nothing" in found["would"]


def test_a_read_only_call_is_taken_where_the_deployment_forwards_it(aws: LocalAws) -> None:
    [found] = explain(READ_ONLY)
    assert found["because"] == "ListUsers is a read-only call, and forward_read_only_calls is off"
    assert found["notKnown"] == []

    [offline] = explain(READ_ONLY, "--offline")
    assert offline["function"] == "assess_root_activity"
    assert any("forward_read_only_calls" in each for each in offline["notKnown"])

    events = aws.client("events", account=HUB)
    rules = events.list_rules(EventBusName="rootwarden")["Rules"]
    [rule] = [each for each in rules if '"AwsServiceEvent"' in each["EventPattern"]]
    given = {"Name": rule["Name"], "EventBusName": "rootwarden", "EventPattern": rule["EventPattern"]}
    events.put_rule(**given, State="ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS")
    try:
        [found] = explain(READ_ONLY)
    finally:
        events.put_rule(**given, State="ENABLED")
    assert found["function"] == "assess_root_activity"


@pytest.mark.parametrize(
    "name",
    [
        "root_console_login_success_no_mfa",
        "root_api_long_term_key",
        "create_account_result_succeeded",
        "iam_user_console_action",
    ],
)
def test_a_bare_record_is_explained_as_the_event_it_comes_in(tmp_path: Path, name: str) -> None:
    record = sample(name)["detail"]

    assert explain(written(tmp_path, record), "--offline") == explain(name, "--offline")


def test_what_was_done_before_is_a_duplicate(aws: LocalAws) -> None:
    for name in ("create_account_result_succeeded", "root_console_login_success_no_mfa"):
        aws.deliver(sample(name, region="us-east-1"))
    aws.run_until_idle()

    for name in ("create_account_result_succeeded", "root_console_login_success_no_mfa"):
        [found] = explain(name)
        assert found["would"] == "skip it as a duplicate"


def test_an_alert_comes_with_its_severity_and_title(tmp_path: Path) -> None:
    # By the clock of this machine: an event older than a day would say so.
    event = sample("root_console_login_success_no_mfa", eventTime=datetime.now(UTC).isoformat())
    event["time"] = event["detail"]["eventTime"]

    [found] = explain(written(tmp_path, event), "--offline")

    assert found["would"] == "alert, with severity critical"
    assert found["notification"] == "CRITICAL 444455556666: root signed in without MFA"


def test_an_old_event_and_what_is_particular_about_it_are_said() -> None:
    [found] = explain("root_console_login_late", "--offline")

    assert " days ago: root signed in with MFA" in found["notification"]
    assert "381 days later (DELIVERY_DELAY)" in found["because"]
    assert "whether 444455556666 is the management account" in "; ".join(found["notKnown"])


def test_our_own_sessions_are_known(aws: LocalAws) -> None:
    key = sample("root_session_api_call")["detail"]["userIdentity"]["accessKeyId"]
    item = {"pk": {"S": f"SESSION#{key}"}, "opener": {"S": "rootwarden"}}
    aws.client("dynamodb", account=HUB).put_item(TableName=_table(aws), Item=item)

    [found] = explain("root_session_api_call")

    assert (found["would"], found["notification"]) == ("nothing", None)


def test_outcomes_are_shown_people(tmp_path: Path) -> None:
    text = (DIRECTORY.parent / "golden" / "alert_test.email.txt").read_text()
    event = {
        "id": "1",
        "source": "rootwarden",
        "detail-type": "Test Alert",
        "account": HUB,
        "region": "us-east-1",
        "time": "2026-06-01T12:00:00Z",
        "detail": {
            "account": {"id": HUB},
            "requestedBy": "anna",
            "occurredAt": "2026-06-01T12:00:00Z",
        },
    }

    [found] = explain(written(tmp_path, event), "--offline")

    assert found["function"] == "notify"
    assert found["notification"] in text


def test_root_joining_an_account_concerns_two_functions(tmp_path: Path) -> None:
    event = sample("accept_handshake")
    event["detail"]["userIdentity"] = {"type": "Root", "arn": f"arn:aws:iam::{EXPOSED}:root"}

    found = explain(written(tmp_path, event), "--offline")

    assert [each["function"] for each in found] == ["harden_account", "assess_root_activity"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (
            "not json",
            "event.json is neither an EventBridge event nor a CloudTrail record: the file takes JSON, found",
        ),
        ("[]", "the event takes an object, found a list of 0"),
        ({"id": "1"}, "source takes a text, found nothing"),
        (sample("close_account_result") | {"account": "1234"}, "account takes an account id of 12 digits"),
        (sample("close_account_result") | {"time": "yesterday"}, "time takes an ISO 8601 time"),
        (sample("close_account_result") | {"detail": []}, "detail takes an object, found a list of 0"),
    ],
)
def test_an_unreadable_file_names_the_field(tmp_path: Path, content: object, said: str) -> None:
    result = run("explain", str(written(tmp_path, content)), "--offline")

    assert result.exit_code == Exit.USAGE
    assert said in result.stderr
    assert result.stderr.count("\n") == 1


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    for name, said in (("missing", "No such file"), ("binary", "not UTF-8"), (".", "directory")):
        result = run("explain", str(tmp_path / name), "--offline")

        assert result.exit_code == Exit.USAGE
        assert said in result.stderr


def test_sessions_that_are_not_on_record_concern_people_and_who_judges_sessions(tmp_path: Path) -> None:
    session = {"accountId": EXPOSED, "accessKeyId": "ASIAIOSFODNN7EXAMPLE"}
    event = {
        "id": "1",
        "source": "rootwarden",
        "detail-type": "Root Sessions Not Recorded",
        "account": HUB,
        "region": "us-east-1",
        "time": "2026-06-01T12:00:00Z",
        "detail": {"version": "1", "sessions": [session], "occurredAt": "2026-06-01T12:00:00Z"},
    }

    judged, told = explain(written(tmp_path, event), "--offline")

    assert (judged["function"], told["function"]) == ("assess_root_activity", "notify")
    assert "never used" in judged["would"]


def test_what_the_function_could_not_read_either_names_the_field() -> None:
    [found] = explain("create_account_result_malformed_account_id", "--offline")

    assert "dead-letter queue" in found["would"]
    assert found["because"].startswith("detail.serviceEventDetails.createAccountStatus.accountId takes")


@pytest.mark.usefixtures("aws")
def test_without_a_hub_it_says_so_and_explains_all_the_same() -> None:
    [found] = explain("create_account_result_succeeded", "--region", "eu-west-1")

    assert "open a root session" in found["would"]
    assert any("RootWardenHub" in each for each in found["notKnown"])


def test_rootwardens_own_role_used_by_somebody_else_is_told(aws: LocalAws, tmp_path: Path) -> None:
    roles = aws.client("iam", account=HUB).list_roles()["Roles"]
    role = next(each["Arn"] for each in roles if "HardenAccount" in each["RoleName"])
    event = sample("assume_root_call", region="us-east-1")
    event["detail"]["userIdentity"]["sessionContext"]["sessionIssuer"]["arn"] = role

    [found] = explain(written(tmp_path, event))

    assert "own role" in f"{found['would']} {found['because']}"


def test_people_and_programs_read_it() -> None:
    path = str(DIRECTORY / "iam_user_console_login.json")

    assert "userIdentity.type is IAMUser, not Root" in run("explain", path, "--offline").stdout
    [row] = csv.DictReader(io.StringIO(run("explain", path, "--offline", "--output", "csv").stdout))
    assert row["would"] == "nothing"
    assert {"account_id", "not_known"} <= row.keys()


CALLER = sample("assume_root_call")["detail"]["userIdentity"]["sessionContext"]["sessionIssuer"]["arn"]
# By the clock of this machine.
AHEAD, OVER = "9999-12-31", "2026-01-31"


def entry(until: str, *, call: str = "sts:AssumeRoot", principal: str = CALLER) -> dict[str, object]:
    return {"principal": principal, "calls": [call], "reason": "weekly test", "until": until}


@contextmanager
def deployed_with(aws: LocalAws, **settings: object) -> Iterator[None]:
    """Have assess_root_activity's settings be others for a while; None: without that one."""
    client = aws.client("lambda", account=HUB)
    [name] = [
        each["FunctionName"]
        for each in client.list_functions()["Functions"]
        if "assess_root_activity" in each.get("Handler", "")
    ]
    before = client.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
    changed = {variable: json.dumps(value) for variable, value in settings.items() if value is not None}
    kept = {variable: text for variable, text in before.items() if variable not in settings}
    client.update_function_configuration(FunctionName=name, Environment={"Variables": kept | changed})
    try:
        yield
    finally:
        client.update_function_configuration(FunctionName=name, Environment={"Variables": before})


@pytest.mark.parametrize(
    ("event", "until", "severity", "effect"),
    [
        (
            "assume_root_call",
            AHEAD,
            "low",
            "it is an alert with severity low; without this entry it would be an alert with severity high",
        ),
        (
            "assume_root_call_create_password",
            AHEAD,
            "critical",
            "none: what is critical is never expected away",
        ),
        ("assume_root_call", OVER, "high", "none: its last day is over"),
        (
            "enable_root_sessions",
            AHEAD,
            "low",
            "none: it is an alert with severity low without this entry, too",
        ),
    ],
    ids=["quieter", "critical", "ended", "low without it"],
)
def test_an_expected_call_is_named_with_what_that_changes(
    aws: LocalAws, event: str, until: str, severity: str, effect: str
) -> None:
    detail = sample(event)["detail"]
    call = f"{detail['eventSource'].removesuffix('.amazonaws.com')}:{detail['eventName']}"
    named = entry(until, call=call, principal=detail["userIdentity"]["arn"])
    with deployed_with(aws, EXPECTED=[entry("2025-01-31", call=call), named]):
        [found] = explain(event)

    assert found["would"] == f"alert, with severity {severity}"
    assert found["expected"] == named | {"hasEnded": until == OVER, "effect": effect}
    assert ("it is expected until" in found["because"]) is (severity == "low")
    assert found["notification"].startswith(severity.upper())
    assert found["notKnown"] == []


@pytest.mark.parametrize(
    "other", [entry(AHEAD, call="sts:AssumeRole"), entry(AHEAD, principal=f"{CALLER}s")], ids=["call", "who"]
)
def test_what_no_entry_names_is_not_expected(aws: LocalAws, other: object) -> None:
    with deployed_with(aws, EXPECTED=[other]):
        [found] = explain("assume_root_call")

    assert (found["would"], found["expected"]) == ("alert, with severity high", None)


def test_an_expected_call_stands_beside_the_burst_that_it_would_only_count_in(
    aws: LocalAws, tmp_path: Path
) -> None:
    aws.deliver(sample("assume_root_call") | {"region": "us-east-1"})
    aws.run_until_idle()
    repeated = written(tmp_path, sample("assume_root_call", eventID="another"))
    assert explain(repeated)[0]["would"] == "count it in the burst, whose summary follows"

    with deployed_with(aws, EXPECTED=[entry(AHEAD)]):
        [found] = explain(repeated)

    assert found["would"] == "alert, with severity low"
    assert found["expected"]["effect"].endswith("without this entry it would be one more event in a burst")


def test_people_read_which_calls_are_expected(aws: LocalAws) -> None:
    path = str(DIRECTORY / "assume_root_call.json")
    said = f"sts:AssumeRoot by {CALLER} until {{}} (weekly test). Effect: "
    with deployed_with(aws, EXPECTED=[entry(AHEAD)]):
        assert f"Expected    {said.format(AHEAD)}" in run("explain", path).stdout
        [row] = csv.DictReader(io.StringIO(run("explain", path, "--output", "csv").stdout))
        assert row["expected"].startswith(said.format(AHEAD))
    with deployed_with(aws, EXPECTED=[entry(OVER)]):
        assert f"Was expected  {said.format(OVER)}" in run("explain", path).stdout


def test_expectations_that_cannot_be_read_are_not_called_none(aws: LocalAws) -> None:
    with deployed_with(aws, EXPECTED=None):
        [older] = explain("assume_root_call")
    [offline] = explain("assume_root_call", "--offline")

    supposed = "which calls are expected, supposed to be none"
    why = "the deployed function has no setting EXPECTED: it is older than this rootctl"
    assert older["notKnown"] == [f"{supposed} ({why})"]
    assert supposed in offline["notKnown"]
