"""Who is not let in: the policies of queues, topics, the bus and roles, asked on behalf of strangers."""

from collections.abc import Iterator, Sequence

from embedded_aws.iam.policy_evaluation import Decision, Values
from embedded_aws.iam.resource_policies import Caller, Question, judge
from proofs.permissions.arrows import Arrow
from proofs.permissions.deployed import Deployed, Policy, arn_of
from proofs.permissions.forbidden import Denials

_STRANGER, _MEMBER = "999988887777", "444455556666"
_SOURCE, _ACCOUNT = "aws:SourceArn", "aws:SourceAccount"


def ask_strangers(deployed: Deployed, arrows: Sequence[Arrow]) -> Denials:
    """Ask each policy for what it must not allow."""
    denied, wrong = set[str](), list[str]()
    for policy, question in (*_other_sources(deployed, arrows), *_others(deployed)):
        caller = question.caller.service or question.caller.arn
        words = f"{question.action} on {question.resource} by {caller}, {dict(question.context)}"
        if judge(policy, question) is Decision.ALLOWED:
            wrong.append(f"a stranger may {words}")
        else:
            denied.add(words)
    return Denials(denied=len(denied), wrong=tuple(dict.fromkeys(wrong)))


def _other_sources(deployed: Deployed, arrows: Sequence[Arrow]) -> Iterator[tuple[Policy, Question]]:
    """Yield each arrow as it would come from another account's rule, alarm or schedule."""
    for arrow in arrows:
        for question in (*arrow.admissions, *arrow.trusts):
            # The key admits services without asking for whom; encryption_key.py says why.
            if _SOURCE not in question.context or question.action.startswith("kms:"):
                continue
            source = str(question.context[_SOURCE]).split(":")
            source[4] = _STRANGER
            context: dict[str, Values] = {_SOURCE: ":".join(source), _ACCOUNT: _STRANGER}
            yield (
                _policy(deployed, question.resource),
                Question(question.caller, question.action, question.resource, context),
            )


def _others(deployed: Deployed) -> Iterator[tuple[Policy, Question]]:
    """Yield what accounts may try at the bus and at the queues of what could not be sent."""
    [(bus, made)] = deployed.of_type("AWS::Events::EventBus")
    arn = arn_of(made)
    for account, organization, source, detail_type in (
        (_STRANGER, "o-zz999zz999", "aws.signin", "AWS Console Sign In via CloudTrail"),
        (_STRANGER, None, "aws.signin", "AWS Console Sign In via CloudTrail"),
        (_MEMBER, "o-aa111bb222", "rootwarden", "Account Hardening Result"),
        (_MEMBER, "o-aa111bb222", "aws.partner/example.com/any", "AWS API Call via CloudTrail"),
        (_MEMBER, "o-aa111bb222", "custom", "AWS API Call via CloudTrail"),
        (_MEMBER, "o-aa111bb222", "aws.s3", "Object Created"),
    ):
        context: dict[str, Values] = {
            "aws:PrincipalAccount": account,
            "aws:PrincipalArn": f"arn:aws:iam::{account}:role/any",
            "events:source": [source],
            "events:detail-type": [detail_type],
            **({"aws:PrincipalOrgID": organization} if organization else {}),
        }
        caller = Caller(account=account, arn=f"arn:aws:iam::{account}:role/any")
        yield deployed.policies[arn], Question(caller, "events:PutEvents", arn, context)
    hub = bus.stack.account
    for queue, created in deployed.of_type("AWS::SQS::Queue"):
        owner, queue_arn = queue.stack.account, arn_of(created)
        for account in {_STRANGER, hub} - {owner}:
            role = f"arn:aws:iam::{account}:role/any"
            context = {"aws:PrincipalArn": role, "aws:PrincipalAccount": account}
            caller = Caller(account=account, arn=role)
            for action in ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:SendMessage", "sqs:PurgeQueue"):
                yield deployed.policies[queue_arn], Question(caller, action, queue_arn, context)


def _policy(deployed: Deployed, arn: str) -> Policy:
    role = deployed.roles.get(arn)
    return role.trust if role else deployed.policies.get(arn)
