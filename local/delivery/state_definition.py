"""What a state machine's definition may say here: anything else is refused, not skipped."""

from collections.abc import Iterator, Mapping
from typing import Any

from local.delivery.state_data import is_path
from local.deployment.intrinsics import TemplateError

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


def check_definition(definition: Mapping[str, Any]) -> None:
    """Refuse a definition that would not be carried out whole; raises TemplateError."""
    _expect("a state machine", definition, {"Comment", "StartAt", "States", "TimeoutSeconds"})
    _check_states(definition["States"])


def _check_states(states: Mapping[str, Any]) -> None:
    for name, state in states.items():
        _expect(f"state {name}", state, _FIELDS.get(state["Type"], {"Type"}))
        for retrier in state.get("Retry", ()):
            _expect(f"a retrier of state {name}", retrier, _RETRIER)
        for catcher in state.get("Catch", ()):
            _expect(f"a catcher of state {name}", catcher, _CATCHER)
        for path in (state.get("OutputPath", "$"), state.get("ResultPath") or "$", *_paths(state)):
            if not is_path(path):
                raise TemplateError(f"state {name}: the path {path} is not one this program can follow")
        if state["Type"] == "Task" and not state["Resource"].endswith(_INVOKE):
            raise TemplateError(f"state {name}: {state['Resource']} is not known here")
        if state["Type"] == "Map":
            processor = state["ItemProcessor"]
            _expect(f"the processor of state {name}", processor, _PROCESSOR)
            if processor["ProcessorConfig"] != _DISTRIBUTED or "ItemBatcher" not in state:
                raise TemplateError(f"state {name}: only a distributed map of standard batches is known here")
            _check_states(processor["States"])


def _paths(template: Any) -> Iterator[str]:
    for key, value in template.items() if isinstance(template, dict) else ():
        if key.endswith(".$"):
            yield value
        elif key not in ("ItemProcessor", "Retry", "Catch"):
            yield from _paths(value)


def _expect(what: str, given: Mapping[str, Any], known: set[str]) -> None:
    if unknown := sorted(given.keys() - known):
        raise TemplateError(f"{what} says what this program does not know: {', '.join(unknown)}")
