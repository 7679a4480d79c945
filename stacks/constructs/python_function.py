"""A function's log, or a state machine's."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from aws_cdk import Duration, IgnoreMode, RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs

from stacks.constructs.cfn_resource import cfn_resource

if TYPE_CHECKING:
    from collections.abc import Mapping

    from constructs import Construct

    from stacks.constructs.foundation import Foundation


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


_PROJECT = Path(__file__).parents[2]
_ALL_BUT_THE_CODE = [
    *("*", "!lambdas", "!lambdas/**", "!rootwarden", "!rootwarden/**"),
    *("lambdas/requirements.*", "**/__pycache__"),
]
_LAYER = _PROJECT / "build" / "layer"
RUNTIME = lambda_.Runtime.PYTHON_3_14
ARCHITECTURE = lambda_.Architecture.ARM_64


class LayerMissing(Exception):
    """When the functions' packages have not been built yet."""


class DependencyLayer(lambda_.LayerVersion):
    """The pinned packages of lambdas/requirements.txt, as `make setup` built them."""

    def __init__(self, scope: Construct, construct_id: str) -> None:
        """Package build/layer; raise LayerMissing where it has not been built."""
        if not (_LAYER / "python").is_dir():
            raise LayerMissing("build/layer is missing: run `make setup` first")
        super().__init__(
            scope,
            construct_id,
            description="rootwarden: Powertools and boto3",
            code=lambda_.Code.from_asset(str(_LAYER), exclude=[".installed", "bin"]),
            compatible_runtimes=[RUNTIME],
            compatible_architectures=[ARCHITECTURE],
            removal_policy=RemovalPolicy.DESTROY,
        )


class PythonFunction(lambda_.Function):
    """A function whose role may do nothing but write its log until a construct grants more."""

    def __init__(  # noqa: PLR0913 - what makes one function differ from the next
        self,
        scope: Construct,
        construct_id: str,
        *,
        handler: str,
        environment: Mapping[str, str],
        timeout: Duration,
        memory_size: int,
        foundation: Foundation,
        role_name: str | None = None,
    ) -> None:
        """Create the function; `handler` is the import path below the project's root."""
        days = foundation.configuration.log_retention_days
        log = FunctionLog(scope, f"{construct_id}Log", retention_days=days)
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
            handler=handler,
            code=lambda_.Code.from_asset(
                str(_PROJECT),
                exclude=_ALL_BUT_THE_CODE,
                ignore_mode=IgnoreMode.GIT,
            ),
            environment=_with_observability(handler, environment),
            timeout=timeout,
            memory_size=memory_size,
            layers=[foundation.layer],
            log_group=log,
            role=self.own_role,
        )
        # The property Role says the same, and cfn-lint counts saying it twice as a mistake.
        cfn_resource(self, lambda_.CfnFunction).add_deletion_override("DependsOn")


def _with_observability(handler: str, environment: Mapping[str, str]) -> dict[str, str]:
    return {
        "POWERTOOLS_SERVICE_NAME": handler.split(".")[-2],
        "POWERTOOLS_METRICS_NAMESPACE": "rootwarden",
        "POWERTOOLS_LOG_LEVEL": "INFO",
        **environment,
    }
