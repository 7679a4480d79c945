"""What each function is given: its code, its environment and its queue."""

import importlib
import json
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from rootwarden.contract.functions import Caller
from rootwarden.contract.settings import SETTINGS
from stacks.constructs.python_function import RUNTIME
from stacks.constructs.root_activity import RootActivity
from tests.assemblies import synthesize
from tests.templates.synthesized import CONFIGURATION, HUB, Deployment, Template, get_arn, synthesized

HARDEN = "lambdas.harden_account.handler"
ASSESS = "lambdas.assess_root_activity.handler"
NOTIFY = "lambdas.notify.handler"
FORGET = "lambdas.forget_account.handler"
LIST = "lambdas.list_accounts.handler"
AUDIT = "lambdas.audit_accounts.handler"
REPORT = "lambdas.write_report.handler"
COLLECT = "lambdas.collect_undelivered.handler"
SWEEP = (LIST, COLLECT, AUDIT, REPORT)
UNLOCK_BUCKET = "lambdas.unlock_bucket.handler"
UNLOCK_QUEUE = "lambdas.unlock_queue.handler"
OPEN_RECOVERY = "lambdas.open_recovery.handler"
CLOSE_RECOVERY = "lambdas.close_recovery.handler"
RECOVERY = (OPEN_RECOVERY, CLOSE_RECOVERY)
UNLOCK = (UNLOCK_BUCKET, UNLOCK_QUEUE)
HANDLERS = (HARDEN, ASSESS, NOTIFY, FORGET, *SWEEP, *UNLOCK, *RECOVERY)
OBSERVABILITY = {"POWERTOOLS_SERVICE_NAME", "POWERTOOLS_METRICS_NAMESPACE", "POWERTOOLS_LOG_LEVEL"}


def test_only_these_functions_are_deployed(deployed: Deployment) -> None:
    functions = deployed.hub.properties("AWS::Lambda::Function")
    assert sorted(function["Handler"] for function in functions) == sorted(HANDLERS)


@pytest.mark.parametrize("handler", HANDLERS)
def test_handler_string_is_something_that_can_be_called(deployed: Deployment, handler: str) -> None:
    module, _, name = deployed.hub.function(handler)["Handler"].rpartition(".")
    assert callable(getattr(importlib.import_module(module), name))


@pytest.mark.parametrize("handler", HANDLERS)
def test_environment_holds_what_the_handler_reads_and_nothing_else(
    deployed: Deployment, handler: str
) -> None:
    variables = deployed.hub.function(handler)["Environment"]["Variables"]
    read = SETTINGS[handler.split(".")[1]].variables()
    # Without a prefix there is none to say.
    assert set(variables) == OBSERVABILITY | set(read) - {"NAME_PREFIX"}


@pytest.mark.long
def test_channels_that_are_not_configured_are_not_in_the_environment() -> None:
    plain = synthesized(slack={}, teams={}, identity_center={})
    variables = plain.hub.function(NOTIFY)["Environment"]["Variables"]
    required = {name for name, needed in SETTINGS["notify"].variables().items() if needed}
    assert set(variables) == OBSERVABILITY | required


def test_values_of_the_environment_are_readable_by_the_handler(deployed: Deployment) -> None:
    variables = deployed.hub.function(HARDEN)["Environment"]["Variables"]
    assert json.loads(variables["EXEMPTIONS"]) == [
        {"account": "444455556666", "reason": "Being migrated", "until": "2099-01-31"},
        {"ou": "ou-ab12-11111111", "reason": "Sandboxes", "until": "2099-01-31"},
    ]
    assert variables["KEEP_USED_WITHIN_DAYS"] == "30"
    assert variables["MAX_RECEIVE_COUNT"] == "8"
    assert variables["POWERTOOLS_SERVICE_NAME"] == "harden_account"
    assessing = deployed.hub.function(ASSESS)["Environment"]["Variables"]
    assert assessing["HUB_ACCOUNT_ID"] == HUB


def test_the_sessions_that_are_ours_are_the_ones_that_are_granted(deployed: Deployment) -> None:
    hub = deployed.hub
    parts = hub.function(ASSESS)["Environment"]["Variables"]["OWN_ROLES"]["Fn::Join"][1]
    read = json.loads("".join(part if isinstance(part, str) else part["Fn::GetAtt"][0] for part in parts))
    granted = {}
    for handler in HANDLERS:
        role = hub.role_of(handler)
        for statement in hub.statements(role):
            if statement["Action"] == "sts:AssumeRoot":
                policies = statement["Condition"]["StringEquals"]["sts:TaskPolicyArn"]
                policies = policies if isinstance(policies, list) else [policies]
                granted[role] = [arn["Fn::Join"][1][-1].rpartition("/")[2] for arn in policies]
    assert read == granted
    assert len(granted) == 5


@pytest.mark.parametrize(
    ("handler", "timeout", "batch", "tries"),
    [(HARDEN, 120, 1, 8), (ASSESS, 30, 5, 5), (NOTIFY, 60, 1, 6), (FORGET, 60, 5, 5)],
)
def test_queue_fits_its_function(
    deployed: Deployment, handler: str, timeout: int, batch: int, tries: int
) -> None:
    hub = deployed.hub
    function, queue_id = hub.function(handler), hub.queue_of(handler)
    queue = hub.body["Resources"][queue_id]["Properties"]
    [source] = [
        mapping
        for mapping in hub.properties("AWS::Lambda::EventSourceMapping")
        if mapping["EventSourceArn"] == get_arn(queue_id)
    ]
    assert function["Timeout"] == timeout
    assert queue["VisibilityTimeout"] == 6 * timeout
    assert queue["RedrivePolicy"]["maxReceiveCount"] == tries
    assert source["BatchSize"] == batch
    assert source["FunctionResponseTypes"] == ["ReportBatchItemFailures"]


@pytest.mark.parametrize("handler", HANDLERS)
def test_function_runs_with_its_own_packages_on_arm(deployed: Deployment, handler: str) -> None:
    function = deployed.hub.function(handler)
    assert function["Architectures"] == ["arm64"]
    assert function["Runtime"] == "python3.14"
    [layer] = function["Layers"]
    [built] = deployed.hub.of_type("AWS::Lambda::LayerVersion")
    assert layer == {"Ref": built}


def test_packages_are_built_for_the_runtime_the_functions_have() -> None:
    layer = (Path(__file__).parents[2] / "stacks" / "layer.py").read_text(encoding="utf-8")
    assert f'"{RUNTIME.name.removeprefix("python")}", "manylinux2014_aarch64"' in layer


@pytest.mark.long
def test_a_function_that_would_miss_a_setting_is_not_synthesized(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(RootActivity, "sanction", lambda *_, **__: None)

    with TemporaryDirectory() as directory, pytest.raises(RuntimeError, match="OWN_ROLES is not set"):
        synthesize(CONFIGURATION, Path(directory))


def test_every_queue_is_handled_by_the_alias_that_is_the_queues(deployed: Deployment) -> None:
    hub = deployed.hub
    aliases = [hub.alias(handler, Caller.QUEUE) for handler in (HARDEN, ASSESS, ASSESS, NOTIFY, FORGET)]
    mappings = hub.properties("AWS::Lambda::EventSourceMapping")

    assert sorted(map(str, aliases)) == sorted(str(mapping["FunctionName"]) for mapping in mappings)


def test_refused_root_sessions_wait_in_a_queue_of_their_own(deployed: Deployment) -> None:
    hub = deployed.hub
    own = hub.function(ASSESS)["Environment"]["Variables"]["REFUSED_SESSIONS_QUEUE_URL"]["Ref"]
    [source] = [
        each
        for each in hub.properties("AWS::Lambda::EventSourceMapping")
        if each["EventSourceArn"] == get_arn(own)
    ]
    rules = [each for each in hub.properties("AWS::Events::Rule") if "AssumeRoot" in str(each)]
    taken = {
        str(rule["EventPattern"]["detail"].get("errorCode")): rule["Targets"][0]["Arn"] for rule in rules
    }

    assert own != hub.queue_of(ASSESS)
    assert source["ScalingConfig"] == {"MaximumConcurrency": 5}
    assert taken == {
        "[{'exists': True}]": get_arn(own),
        "[{'exists': False}]": get_arn(hub.queue_of(ASSESS)),
    }


def test_a_function_that_sends_to_a_queue_it_works_off_is_not_stopped_as_a_loop(deployed: Deployment) -> None:
    hub = deployed.hub
    sending, allowed = set(), set()
    for handler in HANDLERS:
        own = [
            str(each["EventSourceArn"])
            for each in hub.properties("AWS::Lambda::EventSourceMapping")
            if each["FunctionName"] in _aliases(hub, handler)
        ]
        for statement in hub.statements(hub.role_of(handler)):
            if "sqs:SendMessage" in statement["Action"] and any(arn in str(statement) for arn in own):
                sending.add(handler)
        if hub.function(handler).get("RecursiveLoop") == "Allow":
            allowed.add(handler)

    assert sending == allowed == {ASSESS}


def _aliases(hub: Template, handler: str) -> list[dict[str, str]]:
    aliases = hub.of_type("AWS::Lambda::Alias")
    functions = hub.of_type("AWS::Lambda::Function")
    return [
        {"Ref": name}
        for name, each in aliases.items()
        if functions[each["Properties"]["FunctionName"]["Ref"]]["Properties"]["Handler"] == handler
    ]


def test_people_have_an_alias_of_what_they_may_ask_for_and_of_nothing_else(deployed: Deployment) -> None:
    hub = deployed.hub
    aliases = hub.properties("AWS::Lambda::Alias")
    functions = hub.of_type("AWS::Lambda::Function")
    asked = {
        functions[each["FunctionName"]["Ref"]]["Properties"]["Handler"].split(".")[1]
        for each in aliases
        if each["Name"] == Caller.PERSON
    }

    assert asked == {
        *("harden_account", "audit_accounts", "collect_undelivered", "open_recovery", "close_recovery"),
        *("unlock_bucket", "unlock_queue"),
    }
    assert {each["FunctionVersion"] for each in aliases} == {"$LATEST"}
