"""What scenarios act with: AWS sends events, people ask and ask again, time passes."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from embedded_aws.events.shape import Event
from embedded_aws.organizations.organization import Account, RootCredentials
from local.aws import LocalAws
from local.scenarios import scenario_events
from local.scenarios.asking import ask
from local.scenarios.sweeping import Sweeping
from proofs.ledger import Ledger

MANAGEMENT, HUB = "111122223333", "222233334444"
EXPOSED, EXEMPT, SUSPENDED, CLEAN = "444455556666", "555566667777", "666677778888", "777788889999"
NEW, INVITED = "888899990000", "999900001111"
LEFT_ALONE = frozenset({MANAGEMENT, EXEMPT, SUSPENDED})
EVERYTHING = RootCredentials(password=True, access_keys=2, signing_certificates=1, mfa_devices=1)
_ASKED_AGAIN_AFTER = 185
_TIMES = 8
# What a person takes for the end: everything but a failure and somebody else's work.
_ASK_AGAIN = frozenset({"WindowBusy", "AccountBusy", "AccountNotHardened"})

Answer = dict[str, Any]


@dataclass
class Stage:
    """The deployed organization, and what is expected of it."""

    aws: LocalAws
    ledger: Ledger
    # The event ids that announced accounts; the accounts in which something happened that alerts, and when.
    triggers: dict[str, str] = field(default_factory=dict)
    alarming: dict[str, datetime] = field(default_factory=dict)
    answers: list[tuple[str, Answer]] = field(default_factory=list)

    def join(self, account: str, method: str = "CREATED") -> None:
        """Let an account be created in the organization or invited to it, without a word of it yet."""
        self.aws.state.join(Account(id=account, name="data-lake", root=EVERYTHING), joined_method=method)
        self.ledger.look_at(account)

    def announce(self, account: str) -> None:
        """Let AWS say that an account was created."""
        self._trigger(account, scenario_events.create_account_result(account=account, **self._management))

    def announce_otherwise(self, account: str) -> None:
        """Let Organizations and Control Tower say it in their other ways."""
        joined = scenario_events.account_joined(account=account, method="CREATED", **self._management)
        managed = scenario_events.managed_account(
            "create", account=account, name="data-lake", **self._management
        )
        for event in (joined, managed):
            self._trigger(account, event)

    def enrol_again(self, account: str) -> None:
        """Let Control Tower say that it updated an account, which has been there for long."""
        updated = scenario_events.managed_account(
            "update", account=account, name="payments-prod", **self._management
        )
        self._trigger(account, updated)

    def sign_in(self, account: str) -> None:
        """Let root sign in, which is to alert."""
        self.alarming[account] = self.aws.clock.now()
        self.aws.deliver(scenario_events.root_sign_in(account=account, time=self.aws.clock.now()))

    def depart(self, account: str) -> None:
        """Let an account leave, and AWS say so."""
        self.aws.state.leave(account)
        self.ledger.note_departure(account)
        self.aws.deliver(scenario_events.account_departed(account=account, **self._management))

    def go_on(self) -> None:
        """Let everything happen that follows."""
        self.aws.run_until_idle()

    def wait(self, seconds: float) -> None:
        """Let time pass, and what is due happen."""
        self.aws.clock.advance(seconds)
        self.aws.run_until_idle()

    def ask(self, function: str, **request: object) -> Answer:
        """Ask a function as a person would: again, until it has an answer."""
        answer: Answer = {}
        for _ in range(_TIMES):
            answer = ask(self.aws, function, **request)
            self.answers.append((function, answer))
            self.go_on()
            reason = answer.get("reason") or {}
            is_final = "result" in answer and answer["result"] not in {"failed", "partial", "unreachable"}
            if is_final and reason.get("code") not in _ASK_AGAIN:
                break
            self.wait(_ASKED_AGAIN_AFTER)
        return answer

    def open_window(self, account: str, hours: int) -> Answer:
        """Ask for a recovery window."""
        return self.ask("open_recovery", account=account, hours=hours, reason="lost", requestedBy="alice")

    def sweep(self, mode: str) -> None:
        """Start a sweep by hand."""
        Sweeping(self.aws).start(mode)
        self.go_on()

    def _trigger(self, account: str, event: Event) -> None:
        self.triggers[event["id"]] = account
        self.aws.deliver(event)

    @property
    def _management(self) -> dict[str, Any]:
        return {"management": MANAGEMENT, "time": self.aws.clock.now()}
