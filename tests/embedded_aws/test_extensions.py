from http import HTTPStatus
from importlib.metadata import version

import pytest
from botocore.exceptions import ClientError
from moto import mock_aws
from moto.server import ThreadedMotoServer

from embedded_aws.clock import Clock, VirtualClock
from embedded_aws.events.shape import Event
from embedded_aws.extensions import Extensions, _replacements, installed_extensions
from embedded_aws.organizations.organization import Account, Organization, RootCredentials
from embedded_aws.organizations.state import OrganizationState
from tests.embedded_aws.calling import client, session_keys
from tests.embedded_aws.templates import MANAGEMENT, MEMBER, ORGANIZATION_ID
from tests.stage import START

AUDIT = {"arn": "arn:aws:iam::aws:policy/root-task/IAMAuditRootUserCredentials"}
ORGANIZATION = Organization(
    organization_id=ORGANIZATION_ID,
    management_account=Account(id=MANAGEMENT, name="management"),
    accounts=(Account(id=MEMBER, name="payments", root=RootCredentials(password=True)),),
)


def test_every_replaced_name_of_moto_is_there() -> None:
    with mock_aws(), VirtualClock(START) as clock:
        extensions = Extensions(OrganizationState(ORGANIZATION, clock), None)
        missing = [
            f"{owner.__name__}.{name}"
            for owner, name, _ in _replacements(extensions)
            if name not in vars(owner)
        ]
    assert not missing, f"moto {version('moto')} (made for 5.2.5) has no {', '.join(missing)}"
    assert version("moto") == "5.2.5", "look through embedded_aws/extensions.py for the new moto"


def test_moto_is_as_before_afterwards() -> None:
    with mock_aws(), VirtualClock(START) as clock:
        state = OrganizationState(ORGANIZATION, clock)
        replaced = [(owner, name) for owner, name, _ in _replacements(Extensions(state, None))]
        before = [vars(owner)[name] for owner, name in replaced]
        with installed_extensions(state):
            assert all(
                vars(owner)[name] is not original
                for (owner, name), original in zip(replaced, before, strict=True)
            )
        assert [vars(owner)[name] for owner, name in replaced] == before


def test_every_call_is_logged_with_who_what_and_how_it_ended(extensions: Extensions) -> None:
    role = f"arn:aws:iam::{MANAGEMENT}:role/reader"
    extensions.enforce(role, [])
    reader = client("dynamodb", extensions.credentials_for(role, "session"))
    with pytest.raises(ClientError, match="AccessDeniedException"):
        reader.get_item(TableName="state", Key={"pk": {"S": "a"}})
    secrets = client("secretsmanager", extensions.administrator(MEMBER))
    secrets.create_secret(Name="webhook", SecretString="https://hooks.example.com/secret")

    refused, created = extensions.calls
    assert (refused.account, refused.region, refused.service) == (MANAGEMENT, "us-east-1", "dynamodb")
    assert refused.principal.arn == f"arn:aws:sts::{MANAGEMENT}:assumed-role/reader/session"
    assert refused.action == "dynamodb:GetItem"
    assert refused.resource == f"arn:aws:dynamodb:us-east-1:{MANAGEMENT}:table/state"
    assert refused.error_code == "AccessDeniedException"
    assert (created.account, created.error_code) == (MEMBER, None)
    assert created.parameters["SecretString"] == "(redacted)"
    assert created.time == START


@pytest.mark.parametrize("bucket", ["plain", "with.dots"])
def test_s3_calls_are_logged_like_others(extensions: Extensions, bucket: str) -> None:
    s3 = client("s3", extensions.administrator(MEMBER))
    s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="a/b.json", Body=b"{}")
    with pytest.raises(ClientError):
        s3.get_object(Bucket=bucket, Key="missing")
    logged = [(call.operation, call.error_code) for call in extensions.calls]
    assert logged == [("CreateBucket", None), ("PutObject", None), ("GetObject", "NoSuchKey")]
    assert extensions.calls[1].resource == f"arn:aws:s3:::{bucket}/a/b.json"


@pytest.mark.filterwarnings("error::UserWarning")
@pytest.mark.parametrize(
    ("service", "operation", "method", "parameters"),
    [
        ("dynamodb", "ListTables", "list_tables", {}),
        ("iam", "ListUsers", "list_users", {}),
        ("lambda", "ListFunctions", "list_functions", {}),
        ("s3", "ListBuckets", "list_buckets", {}),
        ("sqs", "ListQueues", "list_queues", {}),
        ("sns", "Publish", "publish", {"TopicArn": "arn:aws:sns:us-east-1:1:t", "Message": "m"}),
    ],
)
def test_any_call_can_be_made_to_fail(
    extensions: Extensions, service: str, operation: str, method: str, parameters: dict[str, str]
) -> None:
    extensions.faults.fail(operation, "Throttling", message="slow down", http=503)
    caller = client(service, extensions.administrator(MEMBER))
    with pytest.raises(ClientError) as failed:
        getattr(caller, method)(**parameters)
    error = failed.value.response["Error"]
    assert (error["Code"], error["Message"]) == ("Throttling", "slow down")
    assert failed.value.response["ResponseMetadata"]["HTTPStatusCode"] == 503
    assert extensions.calls[-1].error_code == "Throttling"


def test_a_call_can_fail_after_it_had_its_effect(extensions: Extensions) -> None:
    extensions.faults.fail("CreateQueue", "InternalError", http=500, after_effect=True)
    sqs = client("sqs", extensions.administrator(MEMBER))
    with pytest.raises(ClientError, match="InternalError"):
        sqs.create_queue(QueueName="q")
    assert len(sqs.list_queues()["QueueUrls"]) == 1


def test_the_system_sees_its_own_traces(extensions: Extensions, noticed: list[Event]) -> None:
    sts = client("sts", extensions.administrator(MANAGEMENT))
    keys = session_keys(sts.assume_root(TargetPrincipal=MEMBER, TaskPolicyArn=AUDIT))
    client("iam", keys).get_account_summary()
    client("iam", extensions.administrator(MANAGEMENT)).disable_organizations_root_sessions()
    seen = [(event["account"], event["detail"]["eventName"]) for event in noticed]
    assert seen == [
        (MANAGEMENT, "AssumeRoot"),
        (MEMBER, "GetAccountSummary"),
        (MANAGEMENT, "DisableOrganizationsRootSessions"),
    ]
    issued = noticed[0]["detail"]["responseElements"]["credentials"]["accessKeyId"]
    assert noticed[1]["detail"]["userIdentity"]["accessKeyId"] == issued


def test_a_role_assumed_through_sts_is_judged_too(extensions: Extensions) -> None:
    role = f"arn:aws:iam::{MEMBER}:role/limited"
    extensions.enforce(role, [])
    sts = client("sts", extensions.administrator(MANAGEMENT))
    keys = session_keys(sts.assume_role(RoleArn=role, RoleSessionName="jo"))
    with pytest.raises(ClientError, match="AccessDenied"):
        client("sqs", keys).list_queues()


def test_stack_sets_trusted_access_can_be_activated(extensions: Extensions) -> None:
    cloudformation = client("cloudformation", extensions.administrator(MANAGEMENT))

    assert (
        cloudformation.activate_organizations_access()["ResponseMetadata"]["HTTPStatusCode"] == HTTPStatus.OK
    )


def test_a_server_answers_alike() -> None:
    state = OrganizationState(ORGANIZATION, Clock())
    with mock_aws(), installed_extensions(state) as extensions:
        server = ThreadedMotoServer(port=0, verbose=False)
        server.start()
        try:
            host, port = server.get_host_and_port()
            url = f"http://{host}:{port}"
            sts = client("sts", extensions.administrator(MANAGEMENT), endpoint_url=url)
            keys = session_keys(sts.assume_root(TargetPrincipal=MEMBER, TaskPolicyArn=AUDIT))
            summary = client("iam", keys, endpoint_url=url).get_account_summary()
            with pytest.raises(ClientError, match="AccessDenied"):
                client("iam", keys, endpoint_url=url).list_users()
        finally:
            server.stop()
    assert summary["SummaryMap"]["AccountPasswordPresent"] == 1
    logged = [(call.account, call.action, call.error_code) for call in extensions.calls]
    assert logged == [
        (MANAGEMENT, "sts:AssumeRoot", None),
        (MEMBER, "iam:GetAccountSummary", None),
        (MEMBER, "iam:ListUsers", "AccessDenied"),
    ]


def test_somebody_without_known_credentials_is_at_home_in_the_management_account(
    extensions: Extensions,
) -> None:
    stranger = {"aws_access_key_id": "AKIAIOSFODNN7EXAMPLE", "aws_secret_access_key": "x"}
    assert client("sts", stranger).get_caller_identity()["Account"] == MANAGEMENT
    assert extensions.calls[0].principal.kind == "administrator"
