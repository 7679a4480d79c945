"""From the templates of 0.1 to today's with the CDK command line, and back: nothing is lost."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from tests.deploy.cdk_command_line import CdkCommandLine
from tests.deploy.deployed_resources import DeployedResources, deployed_resources
from tests.deploy.lifecycle import MANAGEMENT, STACKS, Lifecycle, configuration
from tests.deploy.local_engine import LocalEngine
from tests.deploy.stacks import apply, code_of, remove, zipped
from tests.upgrade.earlier import Template, templates

pytestmark = pytest.mark.deploy

ITEM = {"pk": {"S": "WINDOW#444455556666"}, "reason": {"S": "lost MFA device"}}
KEY, REPORT = "reports/latest.json", b"a report of 0.1"
LETTER = "a dead letter of 0.1"
PAGER = "arn:aws:sqs:us-east-1:111122223333:pager"


@dataclass(frozen=True)
class Kept:
    """What must outlive an update: what there is, and what is in it."""

    tables: frozenset[str]
    buckets: frozenset[str]
    keys: frozenset[str]
    topics: frozenset[str]
    subscribed: frozenset[str]
    buses: frozenset[str]
    item: Mapping[str, Any]
    report: bytes
    letter: str


@dataclass(frozen=True)
class Upgrade:
    """The moments of an update and of the way back."""

    before: Kept
    updated: Kept
    back: Kept
    descriptions: Mapping[str, str]


@pytest.fixture(scope="module")
def upgrade(engine: LocalEngine, lifecycle: Lifecycle) -> Iterator[Upgrade]:
    """Where the whole deployment came and went: 0.1, filled; then this version; then 0.1 again."""
    old = _for_this_organization(templates("one_account"), lifecycle)
    given = configuration(MANAGEMENT, lifecycle.organization_id, lifecycle.organization_root_id)
    cdk = CdkCommandLine(engine, MANAGEMENT, given)
    _publish(engine, old)
    apply(engine, MANAGEMENT, old, "create")
    _fill(engine)
    before = _kept(engine)
    run = cdk.deploy()
    assert run.succeeded, run.output
    updated, descriptions = _kept(engine), _descriptions(engine)
    apply(engine, MANAGEMENT, old, "update")
    back = _kept(engine)
    yield Upgrade(before, updated, back, descriptions)
    remove(engine, MANAGEMENT)


def _for_this_organization(old: Mapping[str, Template], lifecycle: Lifecycle) -> dict[str, Template]:
    text = json.dumps(old).replace("o-aa111bb222", lifecycle.organization_id)
    found: dict[str, Template] = json.loads(text.replace("r-ab12", lifecycle.organization_root_id))
    return found


def _publish(engine: LocalEngine, old: Mapping[str, Template]) -> None:
    """Put code where the templates look for it: what enables root access works, functions do nothing."""
    assembly = engine.home / f"cdk.out-{MANAGEMENT}"
    [enabling] = [path for path in assembly.glob("asset.*") if (path / "index.js").exists()]
    s3 = engine.client("s3", MANAGEMENT)
    for bucket, key, enables in code_of(old):
        s3.put_object(Bucket=bucket, Key=key, Body=zipped(enabling if enables else None))


def _fill(engine: LocalEngine) -> None:
    [table] = _hub(engine).tables
    engine.client("dynamodb", MANAGEMENT).put_item(TableName=table, Item=ITEM)
    engine.client("s3", MANAGEMENT).put_object(Bucket=_evidence(engine), Key=KEY, Body=REPORT)
    engine.client("sqs", MANAGEMENT).send_message(QueueUrl=_dead_letters(engine), MessageBody=LETTER)
    for topic in _hub(engine).topics:
        engine.client("sns", MANAGEMENT).subscribe(TopicArn=topic, Protocol="sqs", Endpoint=PAGER)


def _kept(engine: LocalEngine) -> Kept:
    hub = _hub(engine)
    [table] = hub.tables
    item = engine.client("dynamodb", MANAGEMENT).get_item(TableName=table, Key={"pk": ITEM["pk"]})
    bucket = _evidence(engine)
    report = engine.client("s3", MANAGEMENT).get_object(Bucket=bucket, Key=KEY)["Body"].read()
    letters = engine.client("sqs", MANAGEMENT).receive_message(
        QueueUrl=_dead_letters(engine), VisibilityTimeout=0
    )
    return Kept(
        tables=frozenset(hub.tables),
        buckets=frozenset([bucket]),
        keys=frozenset(hub.keys),
        topics=frozenset(hub.topics),
        subscribed=frozenset(f"{each['TopicArn']} {each['Endpoint']}" for each in hub.subscriptions.values()),
        buses=frozenset(hub.buses),
        item=item["Item"],
        report=report,
        letter=letters["Messages"][0]["Body"],
    )


def _hub(engine: LocalEngine) -> DeployedResources:
    return deployed_resources(engine, MANAGEMENT)


def _evidence(engine: LocalEngine) -> str:
    names = [each["Name"] for each in engine.client("s3", MANAGEMENT).list_buckets()["Buckets"]]
    # That of the deployment before stays, as it should.
    outputs = engine.client("cloudformation", MANAGEMENT).describe_stacks(StackName=STACKS[0])["Stacks"][0][
        "Outputs"
    ]
    [name] = [each["OutputValue"] for each in outputs if each["OutputKey"] == "EvidenceBucketName"]
    assert name in names
    return str(name)


def _dead_letters(engine: LocalEngine) -> str:
    [url] = [
        each["QueueUrl"]
        for each in _hub(engine).queues.values()
        if "HardenAccountDeadLetters" in each["QueueUrl"]
    ]
    return str(url)


def _descriptions(engine: LocalEngine) -> dict[str, str]:
    """Read them in the templates: the engine goes on describing a stack as it was made."""
    cloudformation = engine.client("cloudformation", MANAGEMENT)
    return {
        name: cloudformation.get_template(StackName=name)["TemplateBody"]["Description"]
        for name in STACKS[:2]
    }


def test_an_update_keeps_what_holds_something(upgrade: Upgrade) -> None:
    assert upgrade.before.subscribed
    assert upgrade.updated == upgrade.before


def test_the_stacks_say_their_new_version(upgrade: Upgrade) -> None:
    assert all(text.startswith("rootwarden 0.") for text in upgrade.descriptions.values())


def test_the_way_back_keeps_it_too(upgrade: Upgrade) -> None:
    assert upgrade.back == upgrade.before
