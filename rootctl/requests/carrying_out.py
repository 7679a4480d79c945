"""Carrying a request out that was shown and agreed to: at once, or after a second person's approval."""

import json
from dataclasses import dataclass

import typer

from lambdas.domain.event_fields import Fields
from rootctl.at_once import at_once
from rootctl.exit_codes import Exit
from rootctl.options import Output
from rootctl.requests.approvals import Automation, Runbook
from rootctl.requests.asking import Answerer, Request, accepted
from rootctl.terminal.consoles import beside_results

_LEFT = "It was begun, and nobody waited for its end: look again with --dry-run."


@dataclass(frozen=True)
class CarryingOut:
    """Whoever carries requests out. runbook: None where no approval is needed."""

    answer: Answerer
    runbook: Runbook | None = None
    wait: bool = False
    output: Output = Output.TABLE

    def do(self, request: Request) -> Fields:
        """Return what was done; ends the command where a person must approve first, and raises as asking."""
        if self.runbook is None:
            return accepted(self._answered(request))
        automation = self.runbook.start(request)
        if self.wait:
            beside_results().print(automation.instructions)
            return accepted(automation.wait())
        self._say(automation)
        raise typer.Exit(Exit.DONE)

    def _answered(self, request: Request) -> Fields:
        """Let a Ctrl-C wait until it is known what was done."""
        harvest = at_once([""], lambda _: self.answer(request), threads=1, description="Working")
        if harvest.is_interrupted:
            raise KeyboardInterrupt(_LEFT if harvest.left else "Nothing was changed.")
        return harvest.done[""]

    def _say(self, automation: Automation) -> None:
        if self.output is Output.TABLE:
            typer.echo(automation.instructions)
            return
        document = {
            "result": "approval_requested",
            "automationExecutionId": automation.execution_id,
            "approveCommand": automation.approve_command,
        }
        if self.output is Output.JSON:
            typer.echo(json.dumps(document, indent=2))
        else:
            typer.echo(f"{','.join(document)}\n{','.join(document.values())}")
