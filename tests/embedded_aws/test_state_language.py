"""The interpreter alone: what it carries out, how it fails, and that it refuses what it does not know."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from embedded_aws.clock import VirtualClock
from embedded_aws.cloudformation.resource import TemplateError
from embedded_aws.stepfunctions.state_data import StateFailedError
from embedded_aws.stepfunctions.state_language import Interpreter, check_definition

_CONTEXT = {"Execution": {"Name": "sweep-1"}}


class _Services:
    """Answers invocations with what `answer` says; remembers what was asked."""

    def __init__(self, answer: Callable[[Any], Any] = lambda payload: payload) -> None:
        self._answer = answer
        self.payloads: list[Any] = []
        self.asked: list[str] = []
        self.stored: list[Any] = []
        self.allowed = True

    def invoke(self, function: str, payload: Any) -> dict[str, Any]:
        self.asked.append(function)
        self.payloads.append(payload)
        return {"StatusCode": 200, "Payload": self._answer(payload)}

    def items(self, bucket: str, key: str) -> list[Any]:
        self.asked.append(f"{bucket}/{key}")
        return self.stored

    def may_start_batches(self) -> bool:
        return self.allowed


@pytest.fixture
def clock() -> Iterator[VirtualClock]:
    with VirtualClock(datetime(2026, 6, 1, tzinfo=UTC)) as clock:
        yield clock


def _task(**fields: Any) -> dict[str, Any]:
    resource = "arn:aws:states:::lambda:invoke"
    return {"Type": "Task", "Resource": resource, "Parameters": {"FunctionName": "f"}, "End": True, **fields}


def _machine(states: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"StartAt": next(iter(states)), "States": states, "TimeoutSeconds": 3600, **fields}


def _map(batch: int, **fields: Any) -> dict[str, Any]:
    return {
        "Type": "Map",
        "ItemReader": {"Parameters": {"Bucket": "b", "Key.$": "$.key"}},
        "ItemBatcher": {"MaxItemsPerBatch": batch, "BatchInput": {"id.$": "$.id"}},
        "ItemProcessor": {
            "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
            "StartAt": "One",
            "States": {"One": _task(Parameters={"FunctionName": "f", "Payload.$": "$"})},
        },
        "End": True,
        **fields,
    }


def _run(services: _Services, clock: VirtualClock, machine: dict[str, Any], data: Any) -> Any:
    check_definition(machine)
    return Interpreter(services, clock, _CONTEXT, lambda _: None).run(machine, data)


def test_payload_and_result_follow_their_paths(clock: VirtualClock) -> None:
    services = _Services()
    task = _task(
        Parameters={"FunctionName": "f", "Payload": {"name.$": "$$.Execution.Name", "at": {"n.$": "$.n"}}},
        OutputPath="$.Payload",
    )
    assert _run(services, clock, _machine({"One": task}), {"n": 3}) == {"name": "sweep-1", "at": {"n": 3}}


def test_choice_tells_null_from_absent(clock: VirtualClock) -> None:
    states = {
        "Given": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.mode", "IsPresent": True, "Next": "Two"}],
            "Default": "One",
        },
        "One": {"Type": "Pass", "Result": "audit", "ResultPath": "$.mode", "Next": "Two"},
        "Two": {"Type": "Pass", "Result": 1, "ResultPath": "$.done", "End": True},
    }
    assert _run(_Services(), clock, _machine(states), {}) == {"mode": "audit", "done": 1}
    assert _run(_Services(), clock, _machine(states), {"mode": None}) == {"mode": None, "done": 1}


def test_a_path_that_leads_nowhere_fails(clock: VirtualClock) -> None:
    task = _task(Parameters={"FunctionName": "f", "Payload": {"x.$": "$.x"}})
    with pytest.raises(StateFailedError, match=r"States.Runtime: the path \$.x"):
        _run(_Services(), clock, _machine({"One": task}), {})


def test_retries_wait_longer_each_time_and_end(clock: VirtualClock) -> None:
    def fail(_: Any) -> Any:
        raise StateFailedError("Lambda.TooManyRequestsException", "slow down")

    retry = {
        "ErrorEquals": ["Lambda.TooManyRequestsException"],
        "IntervalSeconds": 2,
        "BackoffRate": 2,
        "MaxAttempts": 4,
        "MaxDelaySeconds": 10,
    }
    services, began = _Services(fail), clock.now()
    with pytest.raises(StateFailedError, match="slow down"):
        _run(services, clock, _machine({"One": _task(Retry=[retry])}), {})
    assert (clock.now() - began).total_seconds() == 2 + 4 + 8 + 10
    assert len(services.payloads) == 5


def test_what_one_retrier_does_not_name_the_next_may(clock: VirtualClock) -> None:
    errors = ["ValueError"]

    def fail_once(payload: Any) -> Any:
        if errors:
            raise StateFailedError(errors.pop(), "no good")
        return payload

    retriers = [{"ErrorEquals": ["Other"]}, {"ErrorEquals": ["States.ALL"], "MaxAttempts": 1}]
    output = _run(_Services(fail_once), clock, _machine({"One": _task(Retry=retriers)}), 1)
    assert output["Payload"] == 1


def test_a_map_hands_out_batches_and_drops_their_results(clock: VirtualClock) -> None:
    services = _Services()
    services.stored = [1, 2, 3, 4, 5]
    data = {"key": "k", "id": "x"}
    assert _run(services, clock, _machine({"All": _map(2, ResultPath=None)}), data) == data
    assert services.payloads == [
        {"BatchInput": {"id": "x"}, "Items": [1, 2]},
        {"BatchInput": {"id": "x"}, "Items": [3, 4]},
        {"BatchInput": {"id": "x"}, "Items": [5]},
    ]


@pytest.mark.parametrize(("tolerated", "ends"), [(100, True), (50, True), (49, False), (0, False)])
def test_a_map_tolerates_so_many_failures(clock: VirtualClock, tolerated: int, *, ends: bool) -> None:
    def fail_first(payload: Any) -> Any:
        if payload["Items"] == [1]:
            raise StateFailedError("ValueError", "no good")
        return payload

    services = _Services(fail_first)
    services.stored = [1, 2]
    machine = _machine({"All": _map(1, ToleratedFailurePercentage=tolerated, ResultPath=None)})
    data = {"key": "k", "id": "x"}
    if ends:
        assert _run(services, clock, machine, data) == data
    else:
        with pytest.raises(StateFailedError, match="ExceedToleratedFailureThreshold: 1 of 2"):
            _run(services, clock, machine, data)


def test_a_map_needs_the_permission_to_start_its_children(clock: VirtualClock) -> None:
    services = _Services()
    services.allowed = False
    with pytest.raises(StateFailedError, match=r"States\.Permissions"):
        _run(services, clock, _machine({"All": _map(1)}), {"key": "k", "id": "x"})


def test_an_execution_has_only_so_much_time(clock: VirtualClock) -> None:
    def slow(payload: Any) -> Any:
        clock.advance(61)
        return payload

    with pytest.raises(StateFailedError, match=r"States.Timeout: it took longer than 60 seconds"):
        _run(_Services(slow), clock, _machine({"One": _task()}, TimeoutSeconds=60), {})


def test_what_a_map_answers_counts_though_it_is_dropped_and_failed_children_bring_their_input(
    clock: VirtualClock,
) -> None:
    def fail(_payload: Any) -> None:
        raise StateFailedError("ValueError", "no good")

    services = _Services(fail)
    # As long as an account of a sweep's list: 60 batches of 50 are too much for 256 KiB.
    services.stored = ["a" * 100] * 60 * 50
    machine = _machine({"All": _map(50, ToleratedFailurePercentage=100, ResultPath=None)})
    with pytest.raises(StateFailedError, match=r"States\.DataLimitExceeded: .* more than 262144"):
        _run(services, clock, machine, {"key": "k", "id": "x"})


def test_no_catch_of_everything_catches_too_much_data(clock: VirtualClock) -> None:
    services = _Services(lambda _: "é" * 131_072)
    catch = {"ErrorEquals": ["States.ALL"], "Next": "One"}
    with pytest.raises(StateFailedError, match=r"States\.DataLimitExceeded"):
        _run(services, clock, _machine({"One": _task(Catch=[catch])}), {})


@pytest.mark.parametrize(
    "state",
    [
        {"Type": "Wait", "Seconds": 5, "End": True},
        _task(Catch=[{"ErrorEquals": ["States.ALL"], "Next": "One", "Comment": "why"}]),
        _task(OutputPath="$.a[0]"),
        _task(Parameters={"FunctionName": "f", "Payload": {"x.$": "States.UUID()"}}),
        _task(Retry=[{"ErrorEquals": ["States.ALL"], "Comment": "why"}]),
        _task(Resource="arn:aws:states:::sns:publish"),
        {**_map(1), "ItemSelector": {}},
        {key: value for key, value in _map(1).items() if key != "ItemBatcher"},
    ],
)
def test_what_would_not_be_carried_out_is_refused(state: dict[str, Any]) -> None:
    with pytest.raises(TemplateError):
        check_definition(_machine({"One": state}))


def test_a_failure_that_is_caught_goes_on_elsewhere_after_the_last_try(clock: VirtualClock) -> None:
    def fail(_payload: Any) -> None:
        raise StateFailedError("Lambda.Unknown", "it crashed")

    services = _Services(fail)
    catch = {"ErrorEquals": ["States.ALL"], "Next": "After", "ResultPath": "$.failure"}
    retry = {"ErrorEquals": ["States.ALL"], "MaxAttempts": 1}
    after = {"Type": "Pass", "Result": "went on", "ResultPath": "$.after", "End": True}
    machine = _machine({"One": _task(Retry=[retry], Catch=[catch]), "After": after})

    output = _run(services, clock, machine, {"id": 1})

    failure = {"Error": "Lambda.Unknown", "Cause": "it crashed"}
    assert output == {"id": 1, "failure": failure, "after": "went on"}
    assert len(services.asked) == 2
