"""The embedded AWS: an organization, the stacks deployed in it, and what happens there."""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Self

from moto import mock_aws

from embedded_aws import cloudwatch, scheduler
from embedded_aws.calls import Call
from embedded_aws.clients import Clients
from embedded_aws.clock import Clock, VirtualClock
from embedded_aws.cloudformation.assembly import read_assembly
from embedded_aws.cloudformation.deployment import Deployment
from embedded_aws.cloudformation.resource import Created, Resource
from embedded_aws.events.delivery import EventDelivery, LostEvent
from embedded_aws.events.shape import Event, stack_created
from embedded_aws.events.targets import EventTargets
from embedded_aws.extensions import Extensions, installed_extensions
from embedded_aws.iam.roles import root_is_a_resource
from embedded_aws.lambda_.functions import Functions
from embedded_aws.moto_patches import without_own_aws
from embedded_aws.organizations.organization import Organization
from embedded_aws.organizations.state import OrganizationState
from embedded_aws.remembered_work import work_remembered
from embedded_aws.s3.buckets import bucket_policies_judged
from embedded_aws.sns import Message, Messages
from embedded_aws.sqs.dead_letters import DeadLetter, dead_letters
from embedded_aws.sqs.message_moves import MessageMoves
from embedded_aws.sqs.queues import QueuePollers
from embedded_aws.ssm.automation_runner import AutomationRunner
from embedded_aws.ssm.automations import Automations
from embedded_aws.stepfunctions.state_machines import StateMachines

_US_EAST_1 = "us-east-1"


class EmbeddedAws:
    """An AWS organization in this process; everything in it exists inside a `with` block."""

    extensions: Extensions
    functions: Functions
    state_machines: StateMachines
    state: OrganizationState
    resources: list[tuple[Resource, Created]]
    """Every resource deployed so far, its properties resolved, and what became of it."""
    calls: list[Call]
    """Every AWS call deployed functions made, in order."""
    messages: list[Message]
    """What people got."""
    lost_events: list[LostEvent]
    """Events that neither a target nor a dead-letter queue took."""
    logs: list[dict[str, Any]]
    """The functions' log lines."""
    metrics: list[dict[str, Any]]
    """The metrics the functions wrote, in CloudWatch's embedded format."""

    def __init__(
        self,
        organization: Organization,
        *,
        assembly: Path,
        start: datetime,
        clock: Clock | None = None,
        home_region: str = _US_EAST_1,
    ) -> None:
        """Begin at `start` in virtual time, unless a clock (such as real time) is given.

        `home_region` is where roles act, and beside us-east-1 where no stack waits until it is needed.
        """
        self.organization = organization
        self.clock = clock or VirtualClock(start)
        self._assembly = assembly
        self._home_region = home_region
        self._stack = ExitStack()
        self._messages = Messages()
        self.messages = self._messages.sent
        self._is_watched = True

    def __enter__(self) -> Self:
        """Set everything up; nothing is deployed yet."""
        with ExitStack() as stack:
            if isinstance(self.clock, VirtualClock):
                stack.enter_context(self.clock)
            stack.enter_context(without_own_aws())
            stack.enter_context(work_remembered())
            stack.enter_context(mock_aws())
            self.state = OrganizationState(self.organization, self.clock)
            self.extensions = stack.enter_context(installed_extensions(self.state, deliver=self._noticed))
            self._connect(stack)
            self._stack = stack.pop_all()
        return self

    def _connect(self, stack: ExitStack) -> None:
        self._clients = Clients(self.extensions)
        self.functions = Functions(self.extensions, self.clock)
        self._pollers = QueuePollers(self.functions, self.clock)
        moves = MessageMoves(self.clock)
        self.extensions.answers.add("sqs", moves.answer)
        self.state_machines = StateMachines(self._clients, self.clock)
        automations = Automations(self.clock)
        self.extensions.answers.add("ssm", automations.answer)
        self._automations = AutomationRunner(automations, self._clients, self.clock)
        targets = EventTargets(self._clients, organization_of=self._organization_of)
        self.delivery = EventDelivery(targets, self.clock)
        self.endpoints, self.lost_events = targets.endpoints, self.delivery.lost
        functions = self.functions
        self.calls, self.logs, self.metrics = functions.calls, functions.logs, functions.metrics
        self._deployment = Deployment(
            extensions=self.extensions,
            clients=self._clients,
            messages=self._messages,
            at_once={_US_EAST_1, self._home_region},
        )
        self.resources = self._deployment.resources
        stack.enter_context(root_is_a_resource())
        stack.enter_context(bucket_policies_judged())
        parts = (self.functions, self._pollers, moves, self.state_machines, self.delivery, self._messages)
        for part in parts:
            stack.enter_context(part.installed())

    def __exit__(self, *_: object) -> None:
        """Take everything down."""
        self._stack.close()

    def deploy(self, *, watched: bool = False) -> None:
        """Deploy every stack of the cloud assembly where its manifest says.

        Deploying changes what the stacks watch over; only with `watched` do they see it, as they
        would in AWS: otherwise what they report later is about what happened later.
        """
        self._is_watched = watched
        self._deployment.put_off.is_used = not watched
        for stack in read_assembly(self._assembly):
            self._deployment.deploy(stack)
            place = {"account": stack.account, "region": stack.region}
            self._noticed(stack_created(**place, time=self.clock.now(), stack=stack.name))
        self._is_watched = True

    def deliver(self, event: Event) -> None:
        """Put an AWS event onto the default bus of its account and Region."""
        self._deployment.stack_sets.catch_up()
        self._put_on_bus(event)

    def fire_schedules(self) -> None:
        """Let the time of every recurring schedule come once; time that passes here fires none of them."""
        scheduler.fire_recurring(self._clients, self.functions)

    def run_until_idle(self) -> None:
        """Let functions, state machines and automations work until idle; time passes over waits."""
        self._deployment.stack_sets.catch_up()
        self._go_on()
        self._pollers.run_until_idle()
        while self._go_on():
            self._pollers.run_until_idle()
        cloudwatch.ring()

    def due(self) -> list[tuple[str, Callable[[], object]]]:
        """Return what could run now, each with its name, for whoever runs them at the same time.

        Schedules and executions are taken by that; a queue is there until its messages are.
        """
        self._deployment.stack_sets.catch_up()
        schedules = scheduler.take_due(self._clients, self.functions, self.clock.now())
        return [
            *(("schedule", fire) for fire in schedules),
            *(("execution", carry_out) for carry_out in self.state_machines.take()),
            *(
                (source.function.function_name, partial(self._pollers.poll_one, source))
                for source in self._pollers.ready()
            ),
        ]

    def next_due(self) -> list[datetime]:
        """Return when more of that will run by itself."""
        now = self.clock.now()
        at = scheduler.next_due()
        waits = (now + timedelta(seconds=wait) for wait in self._pollers.waits())
        return [*waits, *([at] if at else [])]

    def work_on_what_is_due(self) -> None:
        """Let functions work on what queues hold ready now; for real time, which passes by itself."""
        self._deployment.stack_sets.catch_up()
        while self._go_on() or self._pollers.poll():
            pass
        cloudwatch.ring()

    def client(self, service: str, *, account: str, region: str = _US_EAST_1) -> Any:
        """Return a boto3 client of an administrator of the account."""
        return self._clients.administrator(service, account, region)

    def client_of_role(self, service: str, role_arn: str, *, session_name: str = "borrowed") -> Any:
        """Return a boto3 client that acts as a role: as a person, or as a thief of its credentials would."""
        return self._clients.role(service, role_arn, self._home_region, session_name=session_name)

    def posture(self, account: str) -> Mapping[str, bool]:
        """Return which kinds of root credentials an account has."""
        return self.state.root_user(account).posture

    @property
    def dead_letters(self) -> list[DeadLetter]:
        """What is in dead-letter queues."""
        return dead_letters(self._pollers.last_errors)

    def _go_on(self) -> bool:
        fired = scheduler.fire_due(self._clients, self.functions, self.clock.now())
        return any([fired, self.state_machines.run(), self._automations.run()])

    def _noticed(self, event: Event) -> None:
        if self._is_watched and not self._deployment.put_off.is_deploying:
            self._put_on_bus(event)

    def _put_on_bus(self, event: Event) -> None:
        if isinstance(event, dict):
            self._deployment.put_off.reach(str(event.get("account")), str(event.get("region")))
        self.delivery.deliver(event)

    def _organization_of(self, account: str) -> str | None:
        is_known = self.state.is_member(account) and account not in self.state.not_known_yet
        return self.organization.organization_id if is_known else None
