"""What was done with which role: each permission that a call, or a service on a role's behalf, took."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from embedded_aws.calls import Call
from embedded_aws.iam.authorization import Authorization, Need
from embedded_aws.iam.policy_evaluation import AccessRequest, Values
from proofs.permissions.deployed import Deployed

_DECRYPT, _ENCRYPT = "kms:Decrypt", "kms:GenerateDataKey"
# AWS asks the caller for these where a customer's key encrypts what the call is about.
_OF_THE_KEY: Mapping[str, tuple[str, ...]] = {
    "sns:Publish": (_DECRYPT, _ENCRYPT),
    "sqs:ReceiveMessage": (_DECRYPT,),
    "sqs:SendMessage": (_DECRYPT, _ENCRYPT),
}
# Everybody may ask who they are.
_FREE = "GetCallerIdentity"


@dataclass(frozen=True, kw_only=True)
class Use:
    """One permission that was taken. because: a scenario's name, or of what kind an arrow is."""

    role: str
    action: str
    resource: str
    because: str
    context: Mapping[str, Values] = field(default_factory=dict)

    @property
    def request(self) -> AccessRequest:
        """Return it as a policy judges it."""
        return AccessRequest(self.action, self.resource, self.context)


def uses_of(
    calls: Sequence[Call], because: str, *, deployed: Deployed, authorization: Authorization
) -> Iterator[Use]:
    """Yield what each call of a deployed role took; raises NoRuleError for a call nothing is known of."""
    for call in calls:
        role = call.principal.role_arn
        if role not in deployed.roles or call.operation == _FREE:
            continue
        for need in authorization.needs(call):
            context = authorization.context_of(call, need, is_member=True)
            yield from used(role, need, because, deployed=deployed, context=context)


def used(
    role: str,
    need: Need,
    because: str,
    *,
    deployed: Deployed,
    context: Mapping[str, Values] | None = None,
) -> Iterator[Use]:
    """Yield a use, and those of the key that encrypts what it is about."""
    context = need.context if context is None else context
    yield Use(role=role, action=need.action, resource=need.resource, because=because, context=context)
    if key := deployed.keys.get(need.resource):
        for action in _OF_THE_KEY.get(need.action, ()):
            yield Use(role=role, action=action, resource=key, because=because)
