"""What a role may do, a statement at a time with its reason, and roles that AWS's own services act with."""

from collections.abc import Mapping, Sequence

from aws_cdk import Acknowledgment, Stack, Validations
from aws_cdk import aws_iam as iam
from constructs import Construct, IConstruct


def grant(
    role: iam.IRole,
    sid: str,
    actions: Sequence[str],
    resources: Sequence[str],
    *,
    conditions: Mapping[str, Mapping[str, object]] | None = None,
) -> None:
    """Let `role` do this to these resources."""
    role.add_to_principal_policy(
        iam.PolicyStatement(
            sid=sid, actions=list(actions), resources=list(resources), conditions=dict(conditions or {})
        )
    )


def grant_matching(
    role: iam.Role,
    sid: str,
    actions: Sequence[str],
    place: str,
    *,
    because: str,
    conditions: Mapping[str, Mapping[str, object]] | None = None,
) -> None:
    """Let `role` do this to all that `place` matches: an ARN, from what follows its partition."""
    grant(role, sid, actions, [f"arn:{Stack.of(role).partition}:{place}"], conditions=conditions)
    acknowledge(role, f"AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:{place}]", because)


def grant_any_resource(role: iam.Role, sid: str, actions: Sequence[str]) -> None:
    """Let `role` do what AWS lets no one narrow down to a resource."""
    grant(role, sid, actions, ["*"])
    acknowledge(role, "AwsSolutions-IAM5[Resource::*]", f"AWS defines no resource for {', '.join(actions)}.")


def acknowledge(construct: IConstruct, finding: str, reason: str) -> None:
    """Say why a finding of cdk-nag is right as it is, at the one resource that it is about."""
    Validations.of(construct).acknowledge(Acknowledgment(id=finding, reason=reason))


class ServiceRole(iam.Role):
    """A role that a service takes for this account's resources of one kind, and on no one else's behalf."""

    def __init__(self, scope: Construct, construct_id: str, *, service: str, source_arn: str) -> None:
        """Trust `service`, such as `scheduler.amazonaws.com`, when it acts for what `source_arn` matches."""
        conditions = {
            "StringEquals": {"aws:SourceAccount": Stack.of(scope).account},
            "ArnLike": {"aws:SourceArn": source_arn},
        }
        trusted = iam.ServicePrincipal(service, conditions=conditions)
        super().__init__(scope, construct_id, assumed_by=trusted)
