"""Deploys stacks: at once, or when something first happens in their account and Region."""

import threading
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from moto.awslambda.models import lambda_backends

from embedded_aws import cloudwatch, scheduler, simple_resources, sns
from embedded_aws.clients import Clients
from embedded_aws.cloudformation import custom_resources, stack_sets
from embedded_aws.cloudformation.custom_resources import CustomResourceError
from embedded_aws.cloudformation.resource import Created, Creator, Resource, StackArtifact, TemplateError
from embedded_aws.cloudformation.stack_sets import StackAnswers, StackSets
from embedded_aws.cloudformation.template import Template
from embedded_aws.events import api_destinations, targets
from embedded_aws.extensions import Extensions
from embedded_aws.iam import roles
from embedded_aws.iam.policy_evaluation import UnknownPolicyElementError
from embedded_aws.iam.roles import statements_of
from embedded_aws.lambda_ import resources as functions
from embedded_aws.organizations import state
from embedded_aws.s3 import buckets
from embedded_aws.sns import Messages
from embedded_aws.sqs import resources as queues
from embedded_aws.ssm import automation_documents as runbooks
from embedded_aws.stepfunctions import state_machines

# What nothing but rules of the same Region depends on.
_MAY_WAIT = frozenset(
    f"AWS::{kind}" for kind in ("Events::Rule", "IAM::Policy", "IAM::Role", "SQS::Queue", "SQS::QueuePolicy")
)
_FAILURES = (
    *(BotoCoreError, ClientError, CustomResourceError, KeyError, TemplateError, UnknownPolicyElementError),
)
_SERVICES = (
    *(buckets, cloudwatch, functions, queues, roles, runbooks, scheduler, simple_resources, sns),
    *(api_destinations, custom_resources, stack_sets, state, state_machines, targets),
)
# How each resource type comes into being: each service's file says it of its own.
CREATORS: Mapping[str, Creator] = {
    kind: create for service in _SERVICES for kind, create in service.CREATORS.items()
}

# Types that change nothing here, each with the reason.
WITHOUT_EFFECT: Mapping[str, str] = {
    "AWS::CDK::Metadata": "tells AWS which constructs were used",
}
Deploy = Callable[[StackArtifact], None]


class DeploymentError(RuntimeError):
    """When a stack cannot be deployed; the message names the resource and AWS's reason."""


class PutOffStacks:
    """Stacks that wait: most Regions stay quiet. No call or event sees it, as each comes by here first."""

    def __init__(self, deploy: Deploy, *, at_once: Collection[str]) -> None:
        """Put off nothing in the Regions `at_once`."""
        self._deploy = deploy
        self._at_once = frozenset(at_once)
        self._waiting: dict[tuple[str, str], list[StackArtifact]] = defaultdict(list)
        self._lock = threading.RLock()
        self._deploying: ContextVar[bool] = ContextVar("deploying", default=False)
        self.is_used = True

    @property
    def is_deploying(self) -> bool:
        """Whether the calls of this thread belong to a deployment that should have been over."""
        return self._deploying.get()

    def takes(self, stack: StackArtifact) -> bool:
        """Put a stack off, if nothing but rules of its own Region can depend on it."""
        kinds = {resource["Type"] for resource in stack.template.get("Resources", {}).values()}
        can_wait = stack.region not in self._at_once and kinds <= _MAY_WAIT
        if self.is_used and can_wait and not stack.template.get("Outputs"):
            self._waiting[stack.account, stack.region].append(stack)
            return True
        return False

    def reach(self, account: str, region: str) -> None:
        """Deploy what waits in an account and Region, before anything else happens there."""
        with self._lock:
            waiting = self._waiting.pop((account, region), ())
            token = self._deploying.set(True)
            try:
                for stack in waiting:
                    self._deploy(stack)
            finally:
                self._deploying.reset(token)


class Deployment:
    """The stacks deployed so far."""

    def __init__(
        self,
        *,
        extensions: Extensions,
        clients: Clients,
        messages: Messages,
        at_once: Collection[str] = (),
    ) -> None:
        """Take the Regions where no stack is put off as `at_once`."""
        self._extensions = extensions
        self.clients = clients
        self.messages = messages
        self._deployed: list[tuple[StackArtifact, Mapping[str, Any]]] = []
        self.resources: list[tuple[Resource, Created]] = []
        self.put_off = PutOffStacks(self._deploy, at_once=at_once)
        extensions.before_call = self.put_off.reach
        self.stack_sets = StackSets(extensions.state, self.deploy)
        extensions.answers.add("cloudformation", StackAnswers(self._deployed, self.stack_sets).answer)

    def deploy(self, stack: StackArtifact) -> None:
        """Create every resource of a stack; raises DeploymentError at the first that fails."""
        if not self.put_off.takes(stack):
            self._deploy(stack)

    def _deploy(self, stack: StackArtifact) -> None:
        def create(logical_id: str, kind: str, properties: dict[str, Any]) -> Created:
            resource = Resource(
                logical_id=logical_id, type=kind, properties=properties, stack=stack, deployment=self
            )
            with _explained(f"{stack.name}/{logical_id} ({kind})"):
                created = _create(resource)
            self.resources.append((resource, created))
            return created

        try:
            template = Template(stack)
            template.deploy(create)
            outputs = list(template.outputs())
        except TemplateError as error:
            raise DeploymentError(str(error)) from error
        described = {
            "StackId": stack.stack_id,
            "StackName": stack.name,
            "CreationTime": self._extensions.state.clock.now(),
            "StackStatus": "CREATE_COMPLETE",
            # moto writes tags and parameters as lists itself.
            "Tags": {},
            "Outputs": outputs,
        }
        self._deployed.append((stack, described))
        for function in lambda_backends[stack.account][stack.region].list_functions():
            self._extensions.enforce(function.role, statements_of(function.role))

    def role_client(self, service: str, role_arn: str, region: str) -> Any:
        """Return a boto3 client that acts as a role, judged by the role's policies."""
        self._extensions.enforce(role_arn, statements_of(role_arn))
        return self.clients.role(service, role_arn, region, session_name="deployment")


def _create(resource: Resource) -> Created:
    if resource.type in WITHOUT_EFFECT:
        return Created(reference=resource.logical_id)
    if resource.type not in CREATORS:
        raise TemplateError(f"resources of type {resource.type} are not known to this program")
    return CREATORS[resource.type](resource)


@contextmanager
def _explained(place: str) -> Iterator[None]:
    try:
        yield
    except _FAILURES as error:
        reason = f"property {error} is missing" if isinstance(error, KeyError) else str(error)
        raise DeploymentError(f"{place}: {reason}") from error
