"""The state machine of a sweep, and what it may do.

It closes what is overdue, lists the accounts, audits them, and writes the report.
"""

import json
from collections.abc import Mapping, Sequence

from aws_cdk import Duration, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk import aws_stepfunctions_tasks as tasks
from constructs import Construct

from rootwarden.contract.settings import written
from stacks.configuration.configuration import Configuration
from stacks.constructs.cfn_resource import cfn_resource
from stacks.constructs.evidence_bucket import WORK, EvidenceBucket
from stacks.constructs.grants import ServiceRole, grant, grant_any_resource, grant_matching
from stacks.constructs.python_function import FunctionLog

# Fixed, so that a person can start a sweep, and its role can name it, without looking it up.
NAME = "OrganizationSweep"
_LONGEST = Duration.hours(6)
_PASSING = [
    "Lambda.ClientExecutionTimeoutException",
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
    "Lambda.TooManyRequestsException",
]


class SweepMachine(sfn.StateMachine):
    """Started with {} or with {"mode": "observe"} or {"mode": "enforce"}, or by an event.

    A batch that fails is missing from the report, which says so: it never fails the sweep, however many
    fail.
    """

    def __init__(  # noqa: PLR0913 - what the steps of one sweep are made of
        self,
        scope: Construct,
        construct_id: str,
        *,
        configuration: Configuration,
        rules: Mapping[str, object],
        functions: Sequence[lambda_.IFunction],
        close_recovery: lambda_.IFunction,
        bucket: EvidenceBucket,
    ) -> None:
        """Create the state machine with a role that names what it may do; `rules` go into its last step."""
        name = configuration.named(NAME)
        log = FunctionLog(
            scope,
            f"{construct_id}Log",
            retention_days=configuration.log_retention_days,
            # AWS lets itself write to logs of this name; others need a resource policy, and those are few.
            name=f"/aws/vendedlogs/states/{name}",
        )
        role = SweepRole(
            scope,
            f"{construct_id}Role",
            name=name,
            functions=(close_recovery, *functions),
            bucket=bucket,
        )
        super().__init__(
            scope,
            construct_id,
            state_machine_name=name,
            definition_body=sfn.DefinitionBody.from_chainable(
                _close_overdue(
                    scope,
                    close_recovery,
                    then=_sweep(
                        scope, configuration=configuration, rules=rules, functions=functions, bucket=bucket
                    ),
                )
            ),
            # CDK would grant each function's versions as well, and every object of the bucket.
            role=role.without_policy_updates(),
            timeout=_LONGEST,
            tracing_enabled=True,
            logs=sfn.LogOptions(destination=log, level=sfn.LogLevel.ALL),
        )
        # This one CDK attaches all the same, to let a person redrive batches as well.
        self.node.try_remove_child("DistributedMapPolicy")
        # A state machine is refused where its role may not write its log yet.
        policy = cfn_resource(role.node.find_child("DefaultPolicy"), iam.CfnPolicy)
        # cfn-lint counts depending on the role as well as a mistake, for the property says the same.
        machine = cfn_resource(self, sfn.CfnStateMachine)
        machine.add_override("DependsOn", [self.stack.get_logical_id(policy)])


def _close_overdue(scope: Construct, close_recovery: lambda_.IFunction, *, then: sfn.IChainable) -> sfn.Chain:
    """Close recovery windows whose schedule was lost; a failure, which it reports, stops no sweep."""
    closing = _invoke(
        scope,
        "CloseOverdueWindows",
        close_recovery,
        payload=sfn.TaskInput.from_object({"overdue": True}),
        keeps_input=True,
    )
    closing.add_catch(then, errors=["States.ALL"], result_path=sfn.JsonPath.DISCARD)
    return closing.next(then)


def _sweep(
    scope: Construct,
    *,
    configuration: Configuration,
    rules: Mapping[str, object],
    functions: Sequence[lambda_.IFunction],
    bucket: EvidenceBucket,
) -> sfn.IChainable:
    list_accounts, collect_undelivered, audit_accounts, write_report = functions
    listing = _listing(scope, list_accounts)
    default = sfn.Pass(
        scope,
        "ModeAsConfigured",
        result=sfn.Result.from_string(configuration.sweep.mode),
        result_path="$.mode",
    )
    batch = _each_batch(scope, collect_undelivered, audit_accounts)
    auditing = _audit(scope, configuration=configuration, batch=batch, bucket=bucket)
    reporting = _reporting(scope, write_report, configuration=configuration, rules=rules)
    listing.next(
        sfn.Choice(scope, "IsOrganizationThere")
        .when(sfn.Condition.is_present("$.notYet"), sfn.Pass(scope, "NotYet"))
        .otherwise(auditing.next(reporting))
    )
    return (
        sfn.Choice(scope, "IsModeGiven")
        .when(sfn.Condition.is_present("$.mode"), listing)
        .otherwise(default.next(listing))
    )


def _listing(scope: Construct, list_accounts: lambda_.IFunction) -> tasks.LambdaInvoke:
    asked = {
        "sweepId": sfn.JsonPath.execution_name,
        "startedAt": sfn.JsonPath.execution_start_time,
        "mode": sfn.JsonPath.string_at("$.mode"),
    }
    return _invoke(scope, "ListAccounts", list_accounts, payload=sfn.TaskInput.from_object(asked))


def _reporting(
    scope: Construct,
    write_report: lambda_.IFunction,
    *,
    configuration: Configuration,
    rules: Mapping[str, object],
) -> tasks.LambdaInvoke:
    asked = {
        **{name: sfn.JsonPath.string_at(f"$.{name}") for name in ("sweepId", "startedAt", "mode")},
        "expected": json.loads(written([entry.expectation for entry in configuration.expected])),
        "rules": rules,
    }
    return _invoke(scope, "WriteReport", write_report, payload=sfn.TaskInput.from_object(asked))


def _audit(
    scope: Construct, *, configuration: Configuration, batch: sfn.IChainable, bucket: EvidenceBucket
) -> sfn.DistributedMap:
    sweep = configuration.sweep
    return sfn.DistributedMap(
        scope,
        "AuditAccounts",
        item_reader=sfn.S3JsonItemReader(bucket=bucket, key=sfn.JsonPath.string_at("$.accountsKey")),
        item_batcher=sfn.ItemBatcher(
            max_items_per_batch=sweep.batch_size,
            # CDK does not turn paths in here into `.$` keys, as it does elsewhere.
            batch_input={f"{name}.$": f"$.{name}" for name in ("sweepId", "startedAt", "mode")},
        ),
        max_concurrency=sweep.max_concurrency,
        tolerated_failure_percentage=100,
        # An express child dies after five minutes, and no `Catch` in it sees that.
        map_execution_type=sfn.StateMachineType.STANDARD,
        result_path=sfn.JsonPath.DISCARD,
    ).item_processor(batch)


def _each_batch(
    scope: Construct, collect_undelivered: lambda_.IFunction, audit_accounts: lambda_.IFunction
) -> sfn.IChainable:
    """Take a batch's steps in turn, each whether or not the one before it failed; end in two bytes.

    AWS holds the answers of all children together against 256 KiB even where they are discarded, and
    that of a child which failed carries its whole input.
    """
    steps = [
        # First, so that an alert is not kept waiting by an audit.
        _invoke(scope, "CollectUndelivered", collect_undelivered, keeps_input=True),
        _invoke(scope, "AuditBatch", audit_accounts, keeps_input=True),
    ]
    done = sfn.Pass(scope, "BatchDone", result=sfn.Result.from_object({}))
    for step, following in zip(steps, [*steps[1:], done], strict=True):
        step.add_catch(following, errors=["States.ALL"], result_path=sfn.JsonPath.DISCARD)
        step.next(following)
    return steps[0]


def _invoke(
    scope: Construct,
    name: str,
    function: lambda_.IFunction,
    payload: sfn.TaskInput | None = None,
    *,
    keeps_input: bool = False,
) -> tasks.LambdaInvoke:
    task = tasks.LambdaInvoke(
        scope,
        name,
        lambda_function=function,
        payload=payload,
        result_path=sfn.JsonPath.DISCARD if keeps_input else None,
        output_path=None if keeps_input else "$.Payload",
        retry_on_service_exceptions=False,
    )
    task.add_retry(
        errors=_PASSING,
        interval=Duration.seconds(2),
        backoff_rate=2,
        max_attempts=6,
        max_delay=Duration.seconds(20),
        jitter_strategy=sfn.JitterType.FULL,
    )
    # Whatever else went wrong is tried once more: every step can be taken twice.
    task.add_retry(errors=["States.ALL"], interval=Duration.seconds(5), max_attempts=1)
    return task


_LOG_DELIVERY = [
    f"logs:{action}"
    for action in (
        *("CreateLogDelivery", "DeleteLogDelivery", "GetLogDelivery", "ListLogDeliveries"),
        *("UpdateLogDelivery", "DescribeLogGroups", "DescribeResourcePolicies", "PutResourcePolicy"),
    )
]
_TRACES = [
    f"xray:{action}"
    for action in ("GetSamplingRules", "GetSamplingTargets", "PutTelemetryRecords", "PutTraceSegments")
]


class SweepRole(ServiceRole):
    """May invoke the functions of a sweep, run batches of its own, read the accounts, and be seen at it."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        name: str,
        functions: Sequence[lambda_.IFunction],
        bucket: EvidenceBucket,
    ) -> None:
        """Grant it; `name` is the state machine's, which cannot be referred to before it is there."""
        stack = Stack.of(scope)
        place = f"states:{stack.region}:{stack.account}"
        machine = f"arn:{stack.partition}:{place}:stateMachine:{name}"
        # AWS does not say whether a map's batches come under the machine's name alone or with a label behind.
        super().__init__(scope, construct_id, service="states.amazonaws.com", source_arn=f"{machine}*")
        grant(self, "Invoke", ["lambda:InvokeFunction"], [function.function_arn for function in functions])
        grant(self, "StartBatches", ["states:StartExecution"], [machine])
        grant_matching(
            self,
            "WatchBatches",
            ["states:DescribeExecution", "states:StopExecution"],
            f"{place}:execution:{name}:*",
            because="The map's batches are executions of its own, named when they start.",
        )
        bucket.allow_get(self, f"{WORK}*/accounts.json")
        grant_any_resource(self, "WriteLogAndTraces", _LOG_DELIVERY + _TRACES)
