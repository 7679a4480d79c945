"""Buckets and queues whose own policy, or whose owner, keeps callers out; root is kept out of no policy."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from moto.s3.models import FakeBucket, s3_backends
from moto.sqs.models import sqs_backends

from embedded_aws.calls import Call, CallRefusedError, access_denied
from embedded_aws.iam.authorization import Authorization
from embedded_aws.iam.policy_evaluation import Decision
from embedded_aws.iam.resource_policies import Caller, Question, judge

# What the owner's root may do whatever the policy says.
_ROOT_MAY = {
    "s3": ("GetBucketPolicy", "PutBucketPolicy", "DeleteBucketPolicy"),
    "sqs": ("GetQueueAttributes", "GetQueueUrl", "SetQueueAttributes"),
}
# Calls come over the internet, and from their caller.
_CALLED_DIRECTLY = {
    "aws:PrincipalIsAWSService": "false",
    "aws:SourceIp": "192.0.2.1",
    "aws:ViaAWSService": "false",
}


class WrongRegionError(CallRefusedError):
    """When a bucket is asked for where it is not; says where it is, as S3 does in a header."""

    def __init__(self, region: str) -> None:
        """Take where the bucket is."""
        message = (
            "The bucket you are attempting to access must be addressed using the specified endpoint. "
            "Please send all future requests to this endpoint."
        )
        super().__init__("PermanentRedirect", message, 301)
        self.headers = {"x-amz-bucket-region": region}


@dataclass(frozen=True)
class _Resource:
    owner: str
    policy: str | None


def check(call: Call, authorization: Authorization, *, is_member: bool) -> None:
    """Refuse a call that the resource's policy denies, or that belongs to another account."""
    lookup = _LOOKUPS.get(call.service)
    resource = lookup(call) if lookup else None
    if resource is None:
        return
    is_owner = resource.owner == call.account
    if is_owner and call.principal.is_root and call.operation in _ROOT_MAY[call.service]:
        return
    for need in authorization.needs_or_name(call):
        context = authorization.context_of(call, need, is_member=is_member)
        question = Question(
            caller=Caller(account=call.account, arn=call.principal.role_arn or call.principal.arn),
            action=need.action,
            resource=need.resource,
            context={**_CALLED_DIRECTLY, **context, "aws:ResourceAccount": resource.owner},
        )
        decision = judge(resource.policy, question)
        if decision is Decision.EXPLICITLY_DENIED:
            raise access_denied(
                call, need.action, need.resource, " with an explicit deny in a resource-based policy"
            )
        if decision is not Decision.ALLOWED and not is_owner:
            reason = f" because no resource-based policy allows the {need.action} action"
            raise access_denied(call, need.action, need.resource, reason)


def _bucket(call: Call) -> _Resource | None:
    owner = s3_backends.bucket_accounts.get(str(call.parameters.get("Bucket")))
    if owner is None or call.operation == "CreateBucket":
        return None
    partition, account = owner
    bucket: FakeBucket | None = s3_backends[account][partition].buckets.get(call.parameters["Bucket"])
    if bucket is None:
        return None
    if bucket.region_name != call.region:
        raise WrongRegionError(bucket.region_name)
    return _Resource(account, bucket.policy.decode() if bucket.policy else None)


def _queue(call: Call) -> _Resource | None:
    owner = queue_owner(call)
    parameters = call.parameters
    name = str(parameters.get("QueueUrl") or parameters.get("QueueName") or "").rpartition("/")[2]
    queue = sqs_backends[owner][call.region].queues.get(name)
    return _Resource(owner, queue.policy or None) if queue else None


def queue_owner(call: Call) -> str:
    """Return the account a queue belongs to: a queue's URL names it, a queue's name only if asked to."""
    url, named = call.parameters.get("QueueUrl"), call.parameters.get("QueueOwnerAWSAccountId")
    return str(url).split("/")[-2] if url and str(url).count("/") > 1 else str(named or call.account)


_LOOKUPS: Mapping[str, Callable[[Call], _Resource | None]] = {"s3": _bucket, "sqs": _queue}
