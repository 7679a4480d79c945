"""Requests to the hub's functions: asked at once, or by an automation that a second person approves."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from operator import itemgetter
from time import sleep
from typing import TYPE_CHECKING, Any, Self

import typer

from rootctl.aws import AwsSession, may_have_acted, sent_once
from rootctl.errors import Exit, Hindered, WrongUsage
from rootctl.hub import Function, Hub
from rootctl.output import Output, beside_results, csv_of, print_whole, read_json, show
from rootctl.parallel import at_once
from rootctl.printed_commands import as_caller
from rootwarden.aws.clients import ONCE, refusals
from rootwarden.events import Fields, MalformedEvent
from rootwarden.refusals import CallRefused
from rootwarden.requests import LONGEST_NAME, RefusalCode
from rootwarden.unlocking.requests import UnlockRefusal

if TYPE_CHECKING:
    from collections.abc import Sequence

Request = Mapping[str, object]
# Raises CallRefused, and what Hub.ask raises.
Answerer = Callable[[Request], Fields]

_OUTPUT = "ApprovalDocuments"
# Systems Manager takes no longer texts.
_LONGEST = 512
_SECONDS_BETWEEN_LOOKS = 5.0
_ENDED_WELL = "Success"
# The step that asks the function.
_ACT = "Act"
_ENDED_BADLY = frozenset(
    {"Cancelled", "CompletedWithFailure", "CompletedWithSuccess", "Failed", "Rejected", "TimedOut"}
)
# The automation says who asked and that it was approved; it only does, so there is nothing to try.
_SAID_BY_IT = frozenset({"requestedBy", "dryRun"})
_WRONG = frozenset(code.value for code in (*RefusalCode, *UnlockRefusal))
_WAITS = "still waits for its approval"
_IN_THE_LOG = "What its function did until then is in its log: look again."


@dataclass(frozen=True)
class Runbook:
    """The runbook that stands before one function."""

    hub: Hub
    document: str

    @classmethod
    def before(cls, hub: Hub, function: str) -> Self | None:
        """Return the runbook before a function, by its own name; None where no approval is needed."""
        documents = Fields(read_json(hub.outputs.get(_OUTPUT, "{}"), f"the stack output {_OUTPUT}"))
        document = documents.optional_text(function)
        return cls(hub, document) if document else None

    def start(self, request: Mapping[str, object]) -> "ApprovalRun":
        """Ask for approval of a request; raises WrongUsage, CallRefused and Hindered."""
        given = {name: value for name, value in request.items() if name not in _SAID_BY_IT}
        parameters = {name: [_text(name, value)] for name, value in given.items() if value is not None}
        session = self.hub.session
        once = session.client("ssm", config=ONCE)
        try:
            with refusals():
                started = sent_once(
                    lambda: once.start_automation_execution(DocumentName=self.document, Parameters=parameters)
                )
        except CallRefused as refused:
            if not may_have_acted(refused):
                raise
            raise self._not_known(refused) from refused
        return ApprovalRun(session.client("ssm"), started["AutomationExecutionId"], session.region)

    def _not_known(self, refused: CallRefused) -> Hindered:
        look = (
            f"aws ssm describe-automation-executions --region {self.hub.session.region}"
            f" --filters Key=DocumentNamePrefix,Values={self.document}"
        )
        return Hindered(
            f"{str(refused).rstrip('. ')}. It is not known whether approval was asked for:"
            f" {as_caller(look)} shows it."
        )


@dataclass(frozen=True)
class ApprovalRun:
    """One execution of a runbook, waiting for its approval."""

    ssm: Any
    execution_id: str
    region: str | None

    @property
    def approve_command(self) -> str:
        """What an approver types, with their own credentials of the hub account."""
        return (
            f"aws ssm send-automation-signal --signal-type Approve --region {self.region}"
            f" --automation-execution-id {self.execution_id}"
        )

    @property
    def instructions(self) -> str:
        """What people read while it waits."""
        return (
            f"This needs a second person's approval. The automation {self.execution_id} waits for it\n"
            "for a day, then nothing is done. An approver types:\n"
            f"  {self.approve_command}"
        )

    def to_detail(self) -> dict[str, str]:
        """Return the JSON form of what a command answers while it waits."""
        return {
            "result": "approval_requested",
            "automationExecutionId": self.execution_id,
            "approveCommand": self.approve_command,
        }

    def stop(self) -> bool:
        """End it; returns whether it had not asked its function yet, and never will. Raises CallRefused."""
        if self._look()["AutomationExecutionStatus"] not in {_ENDED_WELL, *_ENDED_BADLY}:
            with refusals():
                self.ssm.stop_automation_execution(AutomationExecutionId=self.execution_id, Type="Cancel")
        return not _asked_its_function(self._look())

    def wait(self) -> Fields:
        """Return the function's answer once there is one; raises Hindered, CallRefused, KeyboardInterrupt."""
        execution: dict[str, Any] = {}
        try:
            while (execution := self._look())["AutomationExecutionStatus"] not in {
                _ENDED_WELL,
                *_ENDED_BADLY,
            }:
                sleep(_SECONDS_BETWEEN_LOOKS)
        except KeyboardInterrupt:
            goes_on = "was approved, and goes on" if _asked_its_function(execution) else _WAITS
            raise KeyboardInterrupt(f"The automation {self.execution_id} {goes_on}.") from None
        status = execution["AutomationExecutionStatus"]
        # One that did not end well has a text of AWS's own in the place of the answer.
        if status != _ENDED_WELL:
            why = str(execution.get("FailureMessage", status)).rstrip(". ")
            became = _IN_THE_LOG if _asked_its_function(execution) else "Nothing was done."
            raise Hindered(f"Automation {self.execution_id}: {why}. {became}")
        answers: Sequence[str] = execution.get("Outputs", {}).get(f"{_ACT}.Payload", ())
        try:
            return Fields(json.loads("".join(answers)))
        except (ValueError, MalformedEvent) as error:
            why = f"its answer cannot be read ({error})"
            raise Hindered(f"Automation {self.execution_id}: {why}. {_IN_THE_LOG}") from error

    def _look(self) -> dict[str, Any]:
        with refusals():
            answer = self.ssm.get_automation_execution(AutomationExecutionId=self.execution_id)
        found: dict[str, Any] = answer["AutomationExecution"]
        return found


def _asked_its_function(execution: Mapping[str, Any]) -> bool:
    steps = execution.get("StepExecutions", ())
    return any(step["StepName"] == _ACT and "ExecutionStartTime" in step for step in steps)


def _text(name: str, value: object) -> str:
    text = str(value).lower() if isinstance(value, bool) else str(value)
    if len(text) > _LONGEST:
        raise WrongUsage(
            f"{name} takes at most {_LONGEST} characters where approval is needed, found {len(text)}."
        )
    return text


def by_hub(hub: Hub, function: Function) -> Answerer:
    """Let a function of the hub answer; raises NoHub where it has none such."""
    hub.output(function)
    return partial(hub.ask, function)


def who_asks(session: AwsSession) -> str:
    """Return who is asking, as it goes on record; raises CallRefused."""
    return session.caller()[:LONGEST_NAME]


def accepted(answer: Fields) -> Fields:
    """Return an answer, unless nothing was done: then raises WrongUsage, Hindered or CallRefused."""
    reason = answer.optional_object("reason")
    code, text = (reason.text("code"), reason.optional_text("text") or "") if reason else ("", "no reason")
    match answer.text("result"):
        case "refused":
            said = f"{text[:1].upper()}{text[1:].rstrip('. ')}. Nothing was done."
            raise WrongUsage(said) if code in _WRONG else Hindered(said)
        case "failed" if not answer.has("account"):
            raise CallRefused(code, text)
    return answer


@dataclass(frozen=True)
class CarryingOut:
    """Carries requests out. runbook: None where no approval is needed; look: how to see what was done."""

    answer: Answerer
    runbook: Runbook | None = None
    wait: bool = False
    output: Output = Output.TABLE
    look: str = "look again with --dry-run"

    def do(self, request: Request) -> Fields:
        """Return what was done; ends the command where a person must approve first, and raises as asking."""
        if self.runbook is None:
            return self._asked(request)
        automation = self.runbook.start(request)
        if self.wait:
            print_whole(beside_results(), automation.instructions)
            return accepted(automation.wait())
        self._say(automation)
        raise typer.Exit(Exit.DONE)

    def _asked(self, request: Request) -> Fields:
        try:
            return accepted(self._answered(request))
        except CallRefused as refused:
            if not may_have_acted(refused):
                raise
            said = str(refused).rstrip(". ")
            raise Hindered(f"{said}. It is not known what was done: {self.look}.") from refused

    def _answered(self, request: Request) -> Fields:
        """Let a Ctrl-C wait until it is known what was done."""
        results = at_once([""], lambda _: self.answer(request), threads=1, description="Working")
        if results.left_out:
            begun = f"It was begun, and was not waited for: {self.look}."
            raise KeyboardInterrupt(begun if results.unfinished else "Nothing was changed.")
        return results.done[""]

    def _say(self, automation: ApprovalRun) -> None:
        show(
            self.output,
            table=automation.instructions,
            document=automation.to_detail(),
            csv=csv_of([automation.to_detail()], {name: itemgetter(name) for name in automation.to_detail()}),
        )
