"""Locked policies: shown, removed, and put back where they were."""

import json
from pathlib import Path

import pytest

from local.scenarios.locks import LOCKED_BUCKET, LOCKED_QUEUE, LOCKED_REGION, OPEN_BUCKET
from tests.local.playground.conftest import Playground, Rootctl

pytestmark = pytest.mark.long

ACCOUNT, NAME = "999900001111", "media-archive (999900001111)"
QUEUE = f"arn:aws:sqs:{LOCKED_REGION}:{ACCOUNT}:{LOCKED_QUEUE}"
DRILL = ("--reason", "drill", "--yes")
JSON = ("--output", "json")


@pytest.mark.parametrize(
    ("kind", "name", "way"),
    [("bucket", LOCKED_BUCKET, ("--direct",)), ("queue", LOCKED_QUEUE, ())],
    ids=["directly", "through the hub"],
)
def test_a_policy_that_locks_is_shown_deleted_and_put_back(
    rootctl: Rootctl, tmp_path: Path, kind: str, name: str, way: tuple[str, ...]
) -> None:
    shown = rootctl("unlock", kind, ACCOUNT, name, *DRILL, "--dry-run", *JSON, *way)
    assert shown.code == 3, shown.err
    assert shown.json["resource"]["region"] == LOCKED_REGION
    locking = [statement["sid"] for statement in shown.json["statements"] if statement["verdict"] == "locks"]
    assert locking == ["OnlyTheArchivist"]

    unlocked = rootctl("unlock", kind, ACCOUNT, name, *DRILL, *JSON, *way)
    assert (unlocked.code, unlocked.json["result"]) == (0, "deleted"), unlocked.err

    evidence = str(next(tmp_path.rglob("*.json"))) if way else unlocked.json["evidence"]["key"]
    refused = rootctl("restore", evidence, *DRILL, *way)
    assert refused.code == 2
    assert "would lock again" in refused.err
    restored = rootctl("restore", evidence, *DRILL, "--lock-again", *JSON, *way)
    assert (restored.code, restored.json["result"]) == (0, "restored"), restored.err
    assert rootctl("unlock", kind, ACCOUNT, name, *DRILL, "--dry-run", *way).code == 3


def test_people_are_told(playground: Playground, rootctl: Rootctl) -> None:
    ended = rootctl("unlock", "bucket", ACCOUNT, OPEN_BUCKET, *DRILL)
    assert ended.code == 0, ended.err
    playground.wait_for(f"✔ deleted  {NAME}  the policy of bucket {OPEN_BUCKET}")
    playground.wait_for(f"{NAME}: bucket policy deleted  email")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("bucket", "333344445555", LOCKED_BUCKET), f"has no bucket {LOCKED_BUCKET}"),
        (("queue", "333344445555", QUEUE), f"belongs to account {ACCOUNT}"),
        (("bucket", ACCOUNT, LOCKED_BUCKET, "--policy", "locking.json"), "would lock again"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(
    rootctl: Rootctl, tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    resources = [f"arn:aws:s3:::{LOCKED_BUCKET}", f"arn:aws:s3:::{LOCKED_BUCKET}/*"]
    deny = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": resources}
    (tmp_path / "locking.json").write_text(json.dumps({"Version": "2012-10-17", "Statement": [deny]}))
    ended = rootctl("unlock", *arguments, *DRILL)
    assert (ended.code, ended.out) == (2, "")
    assert said in ended.err
    assert len(ended.err.splitlines()) == 2  # the way, and what stopped it
