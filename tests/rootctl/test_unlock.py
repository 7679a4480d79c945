"""rootctl unlock and restore: shown, agreed to, saved, changed, read back; and what is refused."""

import csv
import io
import json
import re
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from local.aws import LocalAws
from rootctl.errors import Exit
from tests.accounts import EXPOSED, HUB, REASON
from tests.rootctl.conftest import program, run
from tests.rootctl.policy_changes import changes
from tests.rootctl.test_hub_or_direct import root_sessions
from tests.wiring.locked import LOCKING, locked_bucket, locked_queue

pytestmark = pytest.mark.usefixtures("emptied")

WAYS = pytest.mark.parametrize("way", [("--direct",), ()], ids=["direct", "through the hub"])
# What is answered to the question about alerts.
AGREED = {("--direct",): "y\n", (): ""}
HARMLESS = LOCKING.replace(
    '"Resource"', '"Condition": {"Bool": {"aws:SecureTransport": "false"}}, "Resource"'
)


@WAYS
def test_a_locked_bucket_is_opened_and_locked_again(aws: LocalAws, way: tuple[str, ...]) -> None:
    s3 = locked_bucket(aws)

    answer, code = program("unlock", "bucket", EXPOSED, "ledger", "--yes", *REASON, *way)

    assert (answer["result"], answer["resource"]["region"], code) == ("deleted", "eu-west-1", Exit.DONE)
    with pytest.raises(ClientError, match="NoSuchBucketPolicy"):
        s3.get_bucket_policy(Bucket="ledger")

    evidence = answer["evidence"]["key"]
    refused = run("restore", evidence, "--yes", *REASON, *way)
    assert refused.exit_code == Exit.USAGE
    assert "would lock again" in refused.stderr

    answer, code = program("restore", evidence, "--yes", "--lock-again", *REASON, *way)
    assert (answer["result"], code) == ("restored", Exit.DONE)
    with pytest.raises(ClientError, match="AccessDenied"):
        s3.get_bucket_policy(Bucket="ledger")


def test_own_evidence_is_a_file_and_the_hubs_is_in_its_bucket(aws: LocalAws) -> None:
    locked_bucket(aws)
    answer, _ = program("unlock", "bucket", EXPOSED, "ledger", "--yes", "--direct", *REASON)
    kept = json.loads(Path(answer["evidence"]["key"]).read_text())
    assert (answer["evidence"]["bucket"], kept["policy"]) == (None, LOCKING)

    locked_bucket(aws, "other")
    answer, _ = program("unlock", "bucket", EXPOSED, "other", "--yes", *REASON)
    found = aws.client("s3", account=HUB).get_object(
        Bucket=answer["evidence"]["bucket"], Key=answer["evidence"]["key"]
    )
    assert json.loads(found["Body"].read())["policy"] == LOCKING


@pytest.mark.long
@WAYS
@pytest.mark.parametrize("named", ["orders", "url", f"arn:aws:sqs:eu-west-1:{EXPOSED}:orders"])
def test_a_locked_queue_is_opened_however_it_is_named(
    aws: LocalAws, way: tuple[str, ...], named: str
) -> None:
    url = locked_queue(aws)
    name = url if named == "url" else named

    answer, code = program("unlock", "queue", EXPOSED, name, "--yes", *REASON, *way)

    assert (answer["result"], code) == ("deleted", Exit.DONE)
    assert answer["resource"]["arn"] == f"arn:aws:sqs:eu-west-1:{EXPOSED}:orders"

    again, code = program("restore", answer["evidence"]["key"], "--yes", "--lock-again", *REASON, *way)
    assert (again["result"], code) == ("restored", Exit.DONE)


@WAYS
def test_what_locks_is_shown_and_asked(aws: LocalAws, way: tuple[str, ...]) -> None:
    locked_bucket(aws)

    declined = run("unlock", "bucket", EXPOSED, "ledger", *REASON, *way, answers=AGREED[way] + "n\n")

    assert declined.exit_code == Exit.FAILED
    for said in (
        "ledger",
        "eu-west-1",
        "payments-prod",
        "locks",
        "Delete this policy?",
        "Nothing was changed",
    ):
        assert said in declined.stderr
    assert changes(aws) == []

    agreed = run("unlock", "bucket", EXPOSED, "ledger", *REASON, *way, answers=AGREED[way] + "y\n")

    assert agreed.exit_code == Exit.DONE
    assert "read back" in agreed.stdout
    assert "rootctl restore unlocks/" in agreed.stdout
    assert "--lock-again --reason '…'" in agreed.stdout


@WAYS
def test_a_dry_run_only_shows(aws: LocalAws, way: tuple[str, ...]) -> None:
    locked_bucket(aws)

    result = run(
        "unlock", "bucket", EXPOSED, "ledger", "--dry-run", "--yes", "--output", "csv", *REASON, *way
    )

    [row] = csv.DictReader(io.StringIO(result.stdout))
    assert (row["result"], row["policy"], row["verdict"]) == ("shown", "present", "locks")
    assert result.exit_code == Exit.FINDINGS
    assert changes(aws) == []
    assert not Path("unlocks").exists()


@WAYS
def test_what_would_be_put_back_is_shown(aws: LocalAws, way: tuple[str, ...]) -> None:
    locked_bucket(aws)
    answer, _ = program("unlock", "bucket", EXPOSED, "ledger", "--yes", *REASON, *way)
    restore = ("restore", answer["evidence"]["key"], "--lock-again", *REASON, *way)
    looked = (*restore, "--dry-run", "--yes")

    shown = " ".join(run(*looked).stdout.split())
    said, code = program(*looked)
    [row] = csv.DictReader(io.StringIO(run(*looked, "--output", "csv").stdout))
    asked = run(*restore, answers=AGREED[way] + "n\n").stderr

    assert "It has no policy. In its place would come: " in shown
    assert "locks" in shown.partition("In its place would come: ")[2]
    assert (said["result"], said["policy"], said["newPolicy"], code) == ("shown", None, LOCKING, Exit.DONE)
    assert [each["verdict"] for each in said["newStatements"]] == ["locks"]
    assert (row["result"], row["policy"], row["verdict"]) == ("shown", "new", "locks")
    assert "In its place would come:" in asked

    run(*restore, "--yes")
    assert "That policy is there already." in run(*looked).stdout


@WAYS
def test_another_policy_takes_its_place(aws: LocalAws, way: tuple[str, ...]) -> None:
    s3 = locked_bucket(aws)
    Path("harmless.json").write_text(HARMLESS)

    answer, code = program(
        "unlock", "bucket", EXPOSED, "ledger", "--policy", "harmless.json", "--yes", *REASON, *way
    )

    assert (answer["result"], code) == ("replaced", Exit.DONE)
    assert json.loads(s3.get_bucket_policy(Bucket="ledger")["Policy"]) == json.loads(HARMLESS)


@WAYS
def test_without_a_policy_there_is_nothing_to_do(aws: LocalAws, way: tuple[str, ...]) -> None:
    locked_bucket(aws)
    run("unlock", "bucket", EXPOSED, "ledger", "--yes", *REASON, *way)

    result = run("unlock", "bucket", EXPOSED, "ledger", "--yes", *REASON, *way)

    assert result.exit_code == Exit.DONE
    assert "It has no policy." in result.stdout


@WAYS
def test_what_is_there_already_is_not_asked_about(aws: LocalAws, way: tuple[str, ...]) -> None:
    locked_bucket(aws)
    answer, _ = program("unlock", "bucket", EXPOSED, "ledger", "--yes", *REASON, *way)
    restore = ("restore", answer["evidence"]["key"], "--lock-again", *REASON, *way)
    run(*restore, "--yes")
    done = changes(aws)

    again = run(*restore, answers=AGREED[way])

    assert again.exit_code == Exit.DONE
    assert "There was nothing to change." in again.stdout
    assert changes(aws) == done


@WAYS
def test_what_fails_is_shown_with_what_was_saved(
    aws: LocalAws, monkeypatch: pytest.MonkeyPatch, way: tuple[str, ...]
) -> None:
    monkeypatch.setattr("rootctl.output._PIPE_WIDTH", 60)
    locked_bucket(aws)
    aws.extensions.faults.fail("DeleteBucketPolicy", "AccessDenied", http=403, times=None)

    result = run("unlock", "bucket", EXPOSED, "ledger", "--yes", *REASON, *way)

    assert result.exit_code == Exit.FAILED
    assert "look again with --dry-run" in " ".join(result.stdout.split())
    assert "AccessDenied" in result.stdout
    [command] = [line for line in result.stdout.splitlines() if "rootctl restore" in line]
    assert re.fullmatch(r"rootctl restore unlocks/\S+ --lock-again --reason '…'", command)


@WAYS
def test_csv_says_what_failed_and_where_the_policy_is_saved(aws: LocalAws, way: tuple[str, ...]) -> None:
    locked_bucket(aws)
    aws.extensions.faults.fail("DeleteBucketPolicy", "AccessDenied", http=403, times=None)

    result = run("unlock", "bucket", EXPOSED, "ledger", "--yes", "--output", "csv", *REASON, *way)

    [row] = csv.DictReader(io.StringIO(result.stdout))
    assert (row["result"], row["code"], row["not_looked_at"]) == ("failed", "AccessDenied", "")
    assert row["message"]
    assert row["evidence"].startswith("unlocks/")


@WAYS
def test_what_fails_before_anything_is_changed_is_one_more_line(aws: LocalAws, way: tuple[str, ...]) -> None:
    locked_bucket(aws)
    aws.extensions.faults.fail("AssumeRoot", "AccessDenied", http=403, times=None)

    result = run("unlock", "bucket", EXPOSED, "ledger", "--yes", *REASON, *way)

    assert result.exit_code == Exit.FAILED
    said, stopped = result.stderr.splitlines()
    assert said.startswith("Through the hub" if way == () else "With your own credentials")
    assert "AccessDenied" in stopped


def test_a_saved_file_needs_own_credentials_which_is_asked_about(aws: LocalAws) -> None:
    s3 = locked_bucket(aws)
    answer, _ = program("unlock", "bucket", EXPOSED, "ledger", "--yes", "--direct", *REASON)
    file = answer["evidence"]["key"]
    aws.extensions.calls.clear()

    declined = run("restore", file, "--lock-again", *REASON, answers="n\n")

    said = " ".join(declined.stderr.split())
    assert declined.exit_code == Exit.FAILED
    assert said.startswith(f"{file} is a file here, which the hub cannot read. With your own credentials")
    assert "2 root sessions in 1 account;" in said
    assert said.endswith("Nothing was changed: you did not agree.")
    assert root_sessions(aws) == 0

    agreed = run("restore", file, "--lock-again", *REASON, answers="y\ny\n")

    assert agreed.exit_code == Exit.DONE
    with pytest.raises(ClientError, match="AccessDenied"):
        s3.get_bucket_policy(Bucket="ledger")


def test_a_key_of_the_hub_is_restored_through_the_hub(aws: LocalAws) -> None:
    locked_bucket(aws)
    answer, _ = program("unlock", "bucket", EXPOSED, "ledger", "--yes", *REASON)
    restore = ("restore", answer["evidence"]["key"], "--yes", "--lock-again", *REASON)
    aws.extensions.calls.clear()

    elsewhere = run(*restore, "--region", "eu-west-1")
    direct = run(*restore, "--direct")

    assert elsewhere.exit_code == Exit.FAILED
    assert f"There is no file {restore[1]} here. There is no stack RootWardenHub" in elsewhere.stderr
    assert direct.exit_code == Exit.USAGE
    assert "With --via-hub it is a key of the hub's bucket." in direct.stderr
    assert root_sessions(aws) == 0
    assert run(*restore).stderr == "Through the hub RootWardenHub in us-east-1.\n"
