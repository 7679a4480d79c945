"""A deployed embedded AWS as it was before any event: deploying anew for each test takes too long."""

from moto.dynamodb.models import dynamodb_backends
from moto.s3.models import s3_backends
from moto.scheduler.models import scheduler_backends
from moto.securityhub.models import securityhub_backends
from moto.sns.models import sns_backends
from moto.sqs.models import sqs_backends

from embedded_aws.cloudwatch import ring
from local.aws import LocalAws

_LONG_ENOUGH = 3600


def clean_slate(aws: LocalAws) -> None:
    """Empty table, queues and records; give every account the credentials and state it began with."""
    aws.extensions.faults.clear()
    aws.state_machines.forget()
    # Root sessions and delayed messages of the test before are over by then.
    aws.clock.advance(_LONG_ENOUGH)
    _empty_tables(aws)
    _empty_queues(aws)
    # Alarms of the test before are over, and say so before its messages are cleared.
    ring()
    _empty_buckets_and_findings(aws)
    _delete_one_time_schedules(aws)
    _forget_unconfirmed_addresses(aws)
    _restore_organization(aws)
    aws.extensions.calls.clear()
    for record in (aws.calls, aws.logs, aws.metrics, aws.messages, aws.lost_events, aws.delivery.received):
        record.clear()


def _empty_tables(aws: LocalAws) -> None:
    hub = aws.organization.hub
    for table in dynamodb_backends[hub.account][hub.region].tables.values():
        table.items.clear()


def _empty_queues(aws: LocalAws) -> None:
    for account in {aws.organization.hub.account, *aws.state.root_users}:
        for backend in list(sqs_backends[account].values()):
            for name in backend.queues:
                backend.purge_queue(name)


def _empty_buckets_and_findings(aws: LocalAws) -> None:
    hub = aws.organization.hub
    for bucket in s3_backends[hub.account]["aws"].buckets.values():
        bucket.keys.clear()
    securityhub_backends[hub.account][hub.region].findings.clear()


def _delete_one_time_schedules(aws: LocalAws) -> None:
    hub = aws.organization.hub
    for group in scheduler_backends[hub.account][hub.region].schedule_groups.values():
        for name in [s.name for s in group.schedules.values() if s.schedule_expression.startswith("at(")]:
            group.delete_schedule(name)


def _forget_unconfirmed_addresses(aws: LocalAws) -> None:
    hub = aws.organization.hub
    subscriptions = sns_backends[hub.account][hub.region].subscriptions
    for key in [key for key, each in subscriptions.items() if each.arn == "PendingConfirmation"]:
        del subscriptions[key]


def _restore_organization(aws: LocalAws) -> None:
    state, members = aws.state, aws.organization.members
    # The hub stays, as leaving would end its being delegated administrator.
    fixed = {state.management_account_id, aws.organization.hub.account}
    for account in {*state.root_users, *(member.id for member in members)} - fixed:
        if state.is_member(account):
            state.leave(account)
    state.root_users.clear()
    state.not_known_yet.clear()
    for member in members:
        if member.id in fixed:
            state.set_state(member.id, member.state)
            state.root_user(member.id).give(member.root, state.clock.now())
        else:
            state.join(member)
    state.features = type(state.features)(**vars(aws.organization.features))
