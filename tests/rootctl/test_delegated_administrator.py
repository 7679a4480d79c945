"""Policies are read alike in the management account and in a delegated administrator's."""

from pathlib import Path

from local.aws import LocalAws
from local.organization import Organization
from rootwarden.aws.organizations import organization_of
from rootwarden.aws.service_control_policies import ServiceControlPolicies
from tests.stage import START
from tests.unit.given import MEMBER


def test_a_delegated_administrator_reads_what_the_management_account_reads(
    organization: Organization, tmp_path: Path
) -> None:
    management, delegate = organization.management_account.id, organization.hub.account
    with LocalAws(organization, assembly=tmp_path, start=START) as aws:
        client = aws.client("organizations", account=management, region="us-east-1")
        client.register_delegated_administrator(AccountId=delegate, ServicePrincipal="iam.amazonaws.com")
        client.enable_policy_type(RootId=organization.root_id, PolicyType="SERVICE_CONTROL_POLICY")

        answers = []
        for account in (management, delegate):
            client = aws.client("organizations", account=account, region="us-east-1")
            policies = ServiceControlPolicies(client)
            full_access = policies.read("p-FullAWSAccess", "FullAWSAccess")
            answers.append(
                (organization_of(client), policies.are_enabled(), full_access, list(policies.members()))
            )

    assert answers[0] == answers[1]
    assert answers[0][1] is True
    paths = {member.account_id: member.path for member in answers[0][3]}
    assert paths[MEMBER] == (organization.root_id, "ou-ab12-11111111", MEMBER)
