"""The world of a story: what each step does, and how its events reach rootwarden."""

import json
import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from heapq import heappop, heappush
from itertools import count
from typing import Any

from botocore.exceptions import ClientError
from moto.sqs.models import sqs_backends

from embedded_aws.events.shape import Event
from embedded_aws.organizations.organization import Account, RootCredentials
from embedded_aws.sqs.resources import put
from local.scenarios import scenario_events
from local.scenarios.asking import ask
from local.scenarios.sweeping import Sweeping
from proofs.simulation.story import Step
from proofs.simulation.turns import Turns
from proofs.stage import EXEMPT, HUB, MANAGEMENT, Stage
from rootwarden.contract.names import OURS

# How AWS delivers: lost, repeated, late (by so many seconds at most).
_DROPPED, _REPEATED, _LATE, _LATEST = 0.08, 0.15, 0.3, 1200
_AUDIT = "arn:aws:iam::aws:policy/root-task/IAMAuditRootUserCredentials"


@dataclass
class World:
    """Everything outside of rootwarden."""

    stage: Stage
    turns: Turns
    chance: random.Random
    steps: list[Step]
    start: datetime
    # Root acted there then, and AWS delivered an event of it.
    seen: list[tuple[str, datetime]] = field(default_factory=list)
    _told: set[str] = field(default_factory=set)
    _ahead: list[tuple[datetime, int, Callable[[], None]]] = field(default_factory=list)
    _numbers: Any = field(default_factory=count)

    def __post_init__(self) -> None:
        """Put every step where it belongs in time."""
        for step in self.steps:
            self._at(self.start + timedelta(seconds=step.at), lambda step=step: self._do(step))  # type: ignore[misc]

    def do_due(self) -> bool:
        """Do the next thing whose time has come; say whether there was any."""
        if not self._ahead or self._ahead[0][0] > self.stage.aws.clock.now():
            return False
        _, _, do = heappop(self._ahead)
        do()
        return True

    def next_at(self) -> datetime | None:
        """Return when the next thing happens."""
        return self._ahead[0][0] if self._ahead else None

    def _at(self, time: datetime, do: Callable[[], None]) -> None:
        heappush(self._ahead, (time, next(self._numbers), do))

    def _do(self, step: Step) -> None:
        getattr(self, "_" + step.what.replace("-", "_"))(step.account, step.how)

    # What AWS tells: an event is lost, repeated, late.

    def _emit(self, event: Event, alarms: str | None = None) -> None:
        """Have AWS deliver an event. alarms: the account in which it is to alert somebody."""
        if self.chance.random() < _DROPPED:
            return
        times = 2 if self.chance.random() < _REPEATED else 1
        for _ in range(times):
            late = self.chance.randrange(_LATEST) if self.chance.random() < _LATE else 0
            self._at(self._now + timedelta(seconds=late), lambda: self._deliver(event, alarms))

    def _deliver(self, event: Event, alarms: str | None) -> None:
        self.stage.aws.deliver(event)
        # What left the organization forwards nothing any more.
        if alarms and self._is_member(alarms) and event["id"] not in self._told:
            self._told.add(event["id"])
            self.seen.append((alarms, self._now))

    # What people of the organization do.

    def _create(self, account: str, _how: str) -> None:
        self._join(account, "CREATED")
        self._announce(account, "")
        self._emit(scenario_events.account_joined(account=account, method="CREATED", **self._management))

    def _invite(self, account: str, _how: str) -> None:
        self._join(account, "INVITED")
        organization = self.stage.aws.organization.organization_id
        self._emit(
            scenario_events.accept_handshake(account=account, organization=organization, **self._management)
        )
        self._emit(scenario_events.account_joined(account=account, method="INVITED", **self._management))

    def _join(self, account: str, method: str) -> None:
        state = self.stage.aws.state
        if state.is_member(account):
            return
        root = RootCredentials(
            password=self.chance.choice((True, True, False)),
            access_keys=self.chance.randrange(3),
            mfa_devices=self.chance.randrange(2),
        )
        refuses = self.chance.choice((0, 0, 300))
        joining = Account(id=account, name="data-lake", root=root, refuses_assume_root_for=refuses)
        state.join(joining, joined_method=method)
        self._look_at(account)

    def _announce(self, account: str, _how: str) -> None:
        self._emit(scenario_events.create_account_result(account=account, **self._management))

    def _enrol_again(self, account: str, _how: str) -> None:
        self._emit(
            scenario_events.managed_account("update", account=account, name="data-lake", **self._management)
        )

    def _suspend(self, account: str, _how: str) -> None:
        if self._is_member(account):
            self.stage.aws.state.set_state(account, "SUSPENDED")

    def _reinstate(self, account: str, _how: str) -> None:
        if self._is_member(account):
            self.stage.aws.state.set_state(account, "ACTIVE")

    def _depart(self, account: str, _how: str) -> None:
        if not self._is_member(account):
            return
        self.stage.aws.state.leave(account)
        self.stage.ledger.note_departure(account)
        self._emit(scenario_events.account_departed(account=account, **self._management))

    def _forged_departure(self, account: str, _how: str) -> None:
        """Let an event of long ago come again: the account is there."""
        self.stage.aws.deliver(scenario_events.account_departed(account=account, **self._management))

    def _sign_in(self, account: str, _how: str) -> None:
        self._emit(scenario_events.root_sign_in(account=account, time=self._now), account)

    def _root_makes_credentials(self, account: str, _how: str) -> None:
        if not self._is_member(account):
            return
        now = self._now
        user = self.stage.aws.state.root_user(account)
        user.give(RootCredentials(access_keys=1, mfa_devices=1), now)
        self._look_at(account)
        event = scenario_events.root_api_call(account=account, time=now, action="iam:CreateAccessKey")
        self._emit(event, account)

    def _root_uses_credentials(self, account: str, _how: str) -> None:
        """Let root sign in or use a key of its own, and AWS know of it."""
        user, now = self.stage.aws.state.root_user(account), self._now
        if not self._is_member(account):
            return
        if user.password_created:
            user.password_last_used = now
            self._sign_in(account, "")
        elif user.access_keys:
            user.access_keys[0].last_used = now
            key = user.access_keys[0].id
            event = scenario_events.root_api_call(account=account, time=now, access_key_id=key)
            self._emit(event, account)
        self.stage.ledger.look_at(account)

    def _sweep(self, _account: str, how: str) -> None:
        Sweeping(self.stage.aws).start(how)

    # What operators ask for; each waits for the answers, and asks again.

    def _open_window(self, account: str, how: str) -> None:
        self._ask(
            "open_recovery", account=account, hours=int(how), reason="lost MFA device", requestedBy="alice"
        )

    def _close_window(self, account: str, _how: str) -> None:
        self._ask("close_recovery", account=account, requestedBy="bob")

    def _close_as_schedule(self, account: str, _how: str) -> None:
        """Somebody who may invoke the function says that he is the schedule."""
        self._ask("close_recovery", account=account, closedBy={"how": "schedule"})

    def _harden(self, account: str, _how: str) -> None:
        self._ask("harden_account", account=account, reason="audit", requestedBy="anna")

    def _ask(self, function: str, **request: object) -> None:
        self.turns.start(f"person asks {function}", lambda: self._insist(function, request))

    def _insist(self, function: str, request: dict[str, object]) -> None:
        for _ in range(3):
            answer = ask(self.stage.aws, function, **request)
            if answer.get("result") not in {None, "failed", "partial", "unreachable"}:
                return
            self.turns.sleep(185)

    # What attackers do.

    def _refused_root_sessions(self, account: str, _how: str) -> None:
        sts = self.stage.aws.client("sts", account=account)
        with suppress(ClientError):
            sts.assume_root(TargetPrincipal=MANAGEMENT, TaskPolicyArn={"arn": _AUDIT})
        if self._is_member(account):
            self.seen.append((MANAGEMENT, self._now))

    def _root_session_by_hub_admin(self, account: str, _how: str) -> None:
        sts = self.stage.aws.client("sts", account=HUB)
        with suppress(ClientError):
            sts.assume_root(TargetPrincipal=account, TaskPolicyArn={"arn": _AUDIT})
            self.seen.append((account, self._now))

    def _forged_outcome(self, account: str, how: str) -> None:
        """Say that a window was closed: a member may not, and the hub changes nothing by it."""
        detail = {"version": "1", "account": {"id": account, "name": None}, "change": "closed"}
        caller = HUB if how == "hub" else EXEMPT
        events = self.stage.aws.client("events", account=caller)
        bus = f"arn:aws:events:us-east-1:{HUB}:event-bus/rootwarden"
        entry = {
            "EventBusName": bus,
            "Source": "rootwarden",
            "DetailType": "Recovery Window Change",
            "Detail": json.dumps(detail),
        }
        self.stage.ledger.is_forging = True
        with suppress(ClientError):
            answer = events.put_events(Entries=[entry])
            self.stage.ledger.forged |= {put["EventId"] for put in answer["Entries"] if "EventId" in put}
        self.stage.ledger.is_forging = False

    def _forged_queue(self, account: str, how: str) -> None:
        """Put an event into a member's own queue, for the hub to fetch.

        It announces an exempt account, or says that root's own key is of a session of rootwarden's.
        """
        queue = sqs_backends[account]["us-east-1"].queues.get("rootwarden-undelivered")
        if not queue:
            return
        event = scenario_events.create_account_result(account=EXEMPT, **self._management)
        if how == "session":
            event = scenario_events.root_api_call(account=account, time=self._now, action="sts:AssumeRoot")
            key = event["detail"]["userIdentity"]["accessKeyId"]
            event["detail"] |= {
                "userIdentity": {"type": "AssumedRole", "arn": OURS, "accountId": account},
                "responseElements": {"credentials": {"accessKeyId": key}},
            }
        put(queue, json.dumps(event))

    def _look_at(self, account: str) -> None:
        self.stage.ledger.look_at(account)
        self.stage.ledger.added[account] = self._now

    def _is_member(self, account: str) -> bool:
        return self.stage.aws.state.is_member(account)

    @property
    def _now(self) -> datetime:
        return self.stage.aws.clock.now()

    @property
    def _management(self) -> dict[str, Any]:
        return {"management": MANAGEMENT, "time": self._now}
