"""A function of ours: its code, its packages, its log, its role and its environment."""

import atexit
import shutil
import tempfile
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

import jsii
from aws_cdk import Duration, IgnoreMode, RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct, IValidation

import rootwarden
from rootwarden.contract.functions import TIME_LIMITS, Caller
from rootwarden.contract.settings import SETTINGS
from stacks.constructs.cfn_resource import cfn_resource
from stacks.constructs.foundation import Foundation
from stacks.constructs.metrics import NAMESPACE
from stacks.layer import INSTALLED, LAMBDAS, LAYER

_ALL_BUT_THE_CODE = [
    *("*", "!lambdas", "!lambdas/**", "!rootwarden", "!rootwarden/**"),
    *("lambdas/requirements.*", "**/__pycache__"),
]


class LayerMissing(Exception):
    """When the functions' packages have not been built yet."""


def function_code() -> lambda_.Code:
    """Return lambdas/ and rootwarden/, which every function gets."""
    root = _gathered() if INSTALLED else LAMBDAS.parent
    return lambda_.Code.from_asset(str(root), exclude=_ALL_BUT_THE_CODE, ignore_mode=IgnoreMode.GIT)


def layer_code() -> lambda_.Code:
    """Return the packages; raise LayerMissing where they have not been built."""
    if not (LAYER / "python").is_dir():
        how = "python -m rootwarden.cdk.layer" if INSTALLED else "make setup"
        raise LayerMissing(f"{LAYER} is missing: run `{how}` first")
    return lambda_.Code.from_asset(str(LAYER), exclude=[".installed", "bin"])


@cache
def _gathered() -> Path:
    """Return a folder with both side by side, as functions import them; it lasts as long as this process."""
    folder = Path(tempfile.mkdtemp(prefix="rootwarden-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    shutil.copytree(LAMBDAS, folder / "lambdas")
    package = Path(rootwarden.__file__).parent
    shutil.copytree(package, folder / "rootwarden", ignore=shutil.ignore_patterns("cdk", "__pycache__"))
    return folder


RUNTIME = lambda_.Runtime.PYTHON_3_14
ARCHITECTURE = lambda_.Architecture.ARM_64


class FunctionLog(logs.LogGroup):
    """A log group kept for a number of days, gone with the stack."""

    def __init__(
        self, scope: Construct, construct_id: str, *, retention_days: int, name: str | None = None
    ) -> None:
        """Create the group; CloudFormation makes up a name unless one is given."""
        super().__init__(scope, construct_id, log_group_name=name, removal_policy=RemovalPolicy.DESTROY)
        # The construct takes an enumeration only; the configuration holds the number itself.
        cfn_resource(self, logs.CfnLogGroup).retention_in_days = retention_days

    def writing(self) -> iam.PolicyStatement:
        """Return what a function needs to write here; AWS's managed policy would allow any log."""
        return iam.PolicyStatement(
            sid="WriteLog",
            actions=["logs:CreateLogStream", "logs:PutLogEvents"],
            resources=[self.log_group_arn],
        )


class DependencyLayer(lambda_.LayerVersion):
    """The pinned packages of lambdas/requirements.txt, as `make setup` built them."""

    def __init__(self, scope: Construct, construct_id: str) -> None:
        """Package build/layer; raises LayerMissing where it has not been built."""
        super().__init__(
            scope,
            construct_id,
            description="rootwarden: Powertools and boto3",
            code=layer_code(),
            compatible_runtimes=[RUNTIME],
            compatible_architectures=[ARCHITECTURE],
            removal_policy=RemovalPolicy.DESTROY,
        )


class PythonFunction(lambda_.Function):
    """A function whose role may do nothing but write its log until a construct grants more.

    Its environment holds what its class in rootwarden.contract.settings names, and nothing else.
    """

    def __init__(  # noqa: PLR0913 - what makes one function differ from the next
        self,
        scope: Construct,
        construct_id: str,
        *,
        name: str,
        foundation: Foundation,
        memory_size: int = 256,
        role_name: str | None = None,
        settings: Mapping[str, object] | None = None,
    ) -> None:
        """Create lambdas/`name`.py; `settings` are those that are its own, beside the foundation's."""
        log = FunctionLog(
            scope, f"{construct_id}Log", retention_days=foundation.configuration.log_retention_days
        )
        self.own_role = iam.Role(
            scope,
            f"{construct_id}Role",
            role_name=role_name,
            assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"),
        )
        self.own_role.add_to_policy(log.writing())
        super().__init__(
            scope,
            construct_id,
            runtime=RUNTIME,
            architecture=ARCHITECTURE,
            handler=f"lambdas.{name}.handler",
            code=function_code(),
            environment={
                "POWERTOOLS_SERVICE_NAME": name,
                "POWERTOOLS_METRICS_NAMESPACE": foundation.configuration.named(NAMESPACE),
                "POWERTOOLS_LOG_LEVEL": "INFO",
            },
            timeout=Duration.seconds(TIME_LIMITS[name]),
            memory_size=memory_size,
            layers=[foundation.layer],
            log_group=log,
            role=self.own_role,
        )
        # The property Role says the same, and cfn-lint counts saying it twice as a mistake.
        cfn_resource(self, lambda_.CfnFunction).add_deletion_override("DependsOn")
        self._aliases: dict[Caller, lambda_.Alias] = {}
        self._reads = SETTINGS[name]
        self._variables: set[str] = set()
        shared = {key: value for key, value in foundation.settings.items() if key in self._reads.names()}
        self.add_settings(**{**shared, **(settings or {})})
        self.node.add_validation(_Complete(self.missing_settings))

    def alias_of(self, caller: Caller) -> lambda_.Alias:
        """Return the alias by which the function knows a caller."""
        if caller not in self._aliases:
            self._aliases[caller] = lambda_.Alias(
                self, f"By{caller.name.title()}", alias_name=caller.value, version=self.latest_version
            )
        return self._aliases[caller]

    def add_settings(self, **settings: object) -> None:
        """Put settings into the environment, as the function reads them."""
        for variable, text in self._reads.environment(settings).items():
            self.add_environment(variable, text)
            self._variables.add(variable)

    def missing_settings(self) -> list[str]:
        """Return which variables the function would miss."""
        needed = {variable for variable, is_needed in self._reads.variables().items() if is_needed}
        return [f"{variable} is not set" for variable in sorted(needed - self._variables)]


@jsii.implements(IValidation)
class _Complete:
    """Has synthesizing fail with what a function would fail with at its start."""

    def __init__(self, missing: Callable[[], list[str]]) -> None:
        self._missing = missing

    def validate(self) -> list[str]:
        return self._missing()
