"""Carries out the part of the Amazon States Language this project uses.

moto's own interpreter knows neither `ItemBatcher` nor virtual time.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol

from embedded_aws.clock import Clock
from embedded_aws.cloudformation.resource import TemplateError, expect
from embedded_aws.stepfunctions.state_data import (
    TOO_MUCH_DATA,
    StateFailedError,
    bounded,
    exists,
    fill,
    is_path,
    place,
    read,
)

_INVOKE = ":states:::lambda:invoke"
_FLOW = {"Type", "Comment", "Next", "End"}
_FIELDS = {
    "Choice": {"Type", "Comment", "Choices", "Default"},
    "Pass": {*_FLOW, "Result", "ResultPath"},
    "Task": {*_FLOW, "Resource", "Parameters", "ResultPath", "OutputPath", "Retry", "Catch"},
    "Map": {
        *_FLOW,
        *("ItemProcessor", "ItemReader", "ItemBatcher", "MaxConcurrency", "ResultPath"),
        "ToleratedFailurePercentage",
    },
}
_PROCESSOR = {"ProcessorConfig", "StartAt", "States"}
_DISTRIBUTED = {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}
_CATCHER = {"ErrorEquals", "Next", "ResultPath"}
_RETRIER = {
    "ErrorEquals",
    "IntervalSeconds",
    "MaxAttempts",
    "BackoffRate",
    "MaxDelaySeconds",
    "JitterStrategy",
}


class Services(Protocol):
    """What states do in AWS, as the state machine's role."""

    def invoke(self, function: str, payload: Any) -> dict[str, Any]:
        """Return what `lambda:invoke` answers; raises StateFailedError."""
        ...

    def items(self, bucket: str, key: str) -> list[Any]:
        """Return the items a JSON file in S3 holds; raises StateFailedError."""
        ...

    def may_start_batches(self) -> bool:
        """Say whether the role may start executions of its own state machine."""
        ...


class Interpreter:
    """Carries out one execution. `on_progress` gets each state's name, and of a map how far it is."""

    def __init__(
        self, services: Services, clock: Clock, context: Mapping[str, Any], on_progress: Callable[[str], None]
    ) -> None:
        """Act through `services`; waiting before another try lets the clock's time pass."""
        self._services = services
        self._clock = clock
        self._context = context
        self._on_progress = on_progress
        self.tolerated: list[StateFailedError] = []

    def run(self, machine: Mapping[str, Any], data: Any) -> Any:
        """Go from state to state; returns the output, or raises StateFailedError."""
        name, limit = machine["StartAt"], machine.get("TimeoutSeconds")
        began = self._clock.now()
        while name is not None:
            state = machine["States"][name]
            if "TimeoutSeconds" in machine:
                self._on_progress(name)
            following, output = self._STATES[state["Type"]](self, state, data)
            data = bounded(str(name), output)
            name = following
            if limit and (self._clock.now() - began).total_seconds() > limit:
                raise StateFailedError("States.Timeout", f"it took longer than {limit} seconds")
        return data

    def _choice(self, state: Mapping[str, Any], data: Any) -> tuple[str, Any]:
        for choice in state["Choices"]:
            if exists(choice["Variable"], data, self._context) is choice["IsPresent"]:
                return choice["Next"], data
        return state["Default"], data

    def _pass(self, state: Mapping[str, Any], data: Any) -> tuple[str | None, Any]:
        return state.get("Next"), place(state.get("ResultPath", "$"), data, state.get("Result", data))

    def _task(self, state: Mapping[str, Any], data: Any) -> tuple[str | None, Any]:
        parameters = fill(state["Parameters"], data, self._context)
        try:
            result = self._tried(
                state.get("Retry", []),
                lambda: bounded(
                    parameters["FunctionName"],
                    self._services.invoke(parameters["FunctionName"], parameters.get("Payload", data)),
                ),
            )
        except StateFailedError as failure:
            catcher = next((c for c in state.get("Catch", []) if _covers(c, failure.error)), None)
            if catcher is None:
                raise
            self.tolerated.append(failure)
            error = {"Error": failure.error, "Cause": failure.cause}
            return catcher["Next"], place(catcher.get("ResultPath", "$"), data, error)
        output = place(state.get("ResultPath", "$"), data, result)
        return state.get("Next"), read(state.get("OutputPath", "$"), output, self._context)

    def _tried(self, retriers: list[dict[str, Any]], step: Callable[[], Any]) -> Any:
        tries = [0] * len(retriers)
        while True:
            try:
                return step()
            except StateFailedError as failure:
                chosen = next((i for i, r in enumerate(retriers) if _covers(r, failure.error)), None)
                if chosen is None or tries[chosen] >= retriers[chosen].get("MaxAttempts", 3):
                    raise
                self._clock.advance(_pause(retriers[chosen], tries[chosen]))
                tries[chosen] += 1

    def _map(self, state: Mapping[str, Any], data: Any) -> tuple[str | None, Any]:
        if not self._services.may_start_batches():
            raise StateFailedError("States.Permissions", "the role may not start the map's executions")
        source = fill(state["ItemReader"]["Parameters"], data, self._context)
        items = self._services.items(source["Bucket"], source["Key"])
        batcher = state["ItemBatcher"]
        shared, size = fill(batcher["BatchInput"], data, self._context), batcher["MaxItemsPerBatch"]
        batches = [items[start : start + size] for start in range(0, len(items), size)]
        answers: list[Any] = []
        failures: list[StateFailedError] = []
        for number, batch in enumerate(batches):
            given = {"BatchInput": shared, "Items": batch}
            try:
                answers.append(self.run(state["ItemProcessor"], given))
            except StateFailedError as failure:
                failures.append(failure)
                answers.append(_failed_child(given, failure))
            self._on_progress(f"{min((number + 1) * size, len(items))} of {len(items)}")
        self.tolerated += failures
        if batches and 100 * len(failures) / len(batches) > state.get("ToleratedFailurePercentage", 0):
            text = f"{len(failures)} of {len(batches)} batches failed"
            raise StateFailedError("States.ExceedToleratedFailureThreshold", text)
        # They count even where ResultPath drops them.
        results = bounded("Map", answers)
        return state.get("Next"), place(state.get("ResultPath", "$"), data, results)

    _STATES: Mapping[str, Callable[..., tuple[str | None, Any]]] = {
        "Choice": _choice,
        "Map": _map,
        "Pass": _pass,
        "Task": _task,
    }


def _failed_child(given: Mapping[str, Any], failure: StateFailedError) -> dict[str, Any]:
    """Return what a map without a ResultWriter answers of a child that failed."""
    return {
        "Error": failure.error,
        "Cause": failure.cause,
        "Input": json.dumps(given, separators=(",", ":"), ensure_ascii=False),
        "Status": "FAILED",
    }


def _covers(retrier: Mapping[str, Any], error: str) -> bool:
    named = retrier["ErrorEquals"]
    return error in named or ("States.ALL" in named and error != TOO_MUCH_DATA)


def _pause(retrier: Mapping[str, Any], tries: int) -> float:
    # The longest that jitter can make of it.
    pause = retrier.get("IntervalSeconds", 1) * retrier.get("BackoffRate", 2.0) ** tries
    return float(min(pause, retrier.get("MaxDelaySeconds", pause)))


def check_definition(definition: Mapping[str, Any]) -> None:
    """Refuse a definition that would not be carried out whole; raises TemplateError."""
    expect("a state machine", definition, {"Comment", "StartAt", "States", "TimeoutSeconds"})
    _check_states(definition["States"])


def _check_states(states: Mapping[str, Any]) -> None:
    for name, state in states.items():
        expect(f"state {name}", state, _FIELDS.get(state["Type"], {"Type"}))
        for retrier in state.get("Retry", ()):
            expect(f"a retrier of state {name}", retrier, _RETRIER)
        for catcher in state.get("Catch", ()):
            expect(f"a catcher of state {name}", catcher, _CATCHER)
        for path in (state.get("OutputPath", "$"), state.get("ResultPath") or "$", *_paths(state)):
            if not is_path(path):
                raise TemplateError(f"state {name}: the path {path} is not one this program can follow")
        if state["Type"] == "Task" and not state["Resource"].endswith(_INVOKE):
            raise TemplateError(f"state {name}: {state['Resource']} is not known here")
        if state["Type"] == "Map":
            processor = state["ItemProcessor"]
            expect(f"the processor of state {name}", processor, _PROCESSOR)
            if processor["ProcessorConfig"] != _DISTRIBUTED or "ItemBatcher" not in state:
                raise TemplateError(f"state {name}: only a distributed map of standard batches is known here")
            _check_states(processor["States"])


def _paths(template: Any) -> Iterator[str]:
    for key, value in template.items() if isinstance(template, dict) else ():
        if key.endswith(".$"):
            yield value
        elif key not in ("ItemProcessor", "Retry", "Catch"):
            yield from _paths(value)
