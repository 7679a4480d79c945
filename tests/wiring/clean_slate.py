"""A deployed embedded AWS as it was before any event: deploying anew for each test takes too long."""

from local.embedded_aws import EmbeddedAws

_LONG_ENOUGH = 24 * 3600


def clean_slate(aws: EmbeddedAws) -> None:
    """Empty table, queues and records; give every account the credentials and state it began with."""
    aws.extensions.faults.clear()
    # Root sessions and delayed messages of the test before are over by then.
    aws.clock.advance(_LONG_ENOUGH)
    _empty_tables(aws)
    _empty_queues(aws)
    _restore_organization(aws)
    for record in (aws.calls, aws.logs, aws.messages, aws.lost_events, aws.delivery.received):
        record.clear()


def _empty_tables(aws: EmbeddedAws) -> None:
    hub = aws.organization.hub
    dynamodb = aws.client("dynamodb", account=hub.account, region=hub.region)
    for name in dynamodb.list_tables()["TableNames"]:
        for item in dynamodb.scan(TableName=name)["Items"]:
            dynamodb.delete_item(TableName=name, Key={"pk": item["pk"]})


def _empty_queues(aws: EmbeddedAws) -> None:
    hub = aws.organization.hub
    sqs = aws.client("sqs", account=hub.account, region=hub.region)
    for url in sqs.list_queues().get("QueueUrls", []):
        sqs.purge_queue(QueueUrl=url)


def _restore_organization(aws: EmbeddedAws) -> None:
    state, members = aws.state, aws.organization.members
    listed = {member.id for member in members} | {state.management_account_id}
    for account in list(state.root_users):
        if account not in listed and state.is_member(account):
            state.leave(account)
    state.root_users.clear()
    for member in members:
        if state.is_member(member.id):
            state.set_state(member.id, member.state)
            state.root_user(member.id).give(member.root, state.clock.now())
        else:
            state.join(member)
    state.features = type(state.features)(**vars(aws.organization.features))
