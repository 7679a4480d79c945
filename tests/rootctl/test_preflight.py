"""rootctl preflight in an organization with policies at the root, at units and at accounts."""

import csv
import io
from typing import Any

import pytest

from rootwarden.aws.service_control_policies import ServiceControlPolicies
from rootwarden.refusals import CallRefused
from tests.rootctl.conftest import DENY_ROOT, MANAGEMENT, MotoOrganization, preflight, run

EVERY_TASK = ["audit", "delete", "password_recovery", "unlock_bucket", "unlock_queue"]
EXEMPTION = {"Null": {"aws:AssumedRoot": "true"}}


def test_an_organization_without_blocking_policies_is_done(moto: MotoOrganization) -> None:
    moto.attach("deny-root", moto.root, Condition=DENY_ROOT | EXEMPTION)

    answer = preflight()

    assert answer["exit_code"] == 0
    assert answer["findings"] == []
    assert answer["accounts"] == 2
    assert {policy["name"]: policy["verdict"] for policy in answer["policies"]} == {
        "FullAWSAccess": "harmless",
        "deny-root": "harmless",
    }


def test_a_policy_reaches_every_account_below_what_it_is_attached_to(moto: MotoOrganization) -> None:
    places = {
        "at-root": (moto.root, {moto.payments, moto.sandbox}),
        "at-unit": (moto.workloads, {moto.payments}),
        "at-account": (moto.sandbox, {moto.sandbox}),
    }
    for name, (target, _) in places.items():
        moto.attach(name, target, Condition=DENY_ROOT)

    answer = preflight()

    assert answer["exit_code"] == 3
    assert len(answer["findings"]) == len(places)
    for finding in answer["findings"]:
        target, accounts = places[finding["policies"][0]["name"]]
        assert finding["verdict"] == "blocks"
        assert finding["tasks"] == EVERY_TASK
        assert finding["statement"] == "Denied"
        assert [each["id"] for each in finding["attachedTo"]] == [target]
        assert set(finding["accounts"]) == accounts
        assert '"Null": {"aws:AssumedRoot": "true"}' in finding["remedy"]


def test_one_statement_is_one_finding_wherever_it_is_attached(moto: MotoOrganization) -> None:
    moto.attach("deny-root", moto.production, moto.sandbox, Condition=DENY_ROOT)

    [finding] = preflight()["findings"]

    assert {each["name"] for each in finding["attachedTo"]} == {"production", "sandbox"}
    assert set(finding["accounts"]) == {moto.payments, moto.sandbox}


def test_what_may_block_is_shown_but_is_no_failure(moto: MotoOrganization) -> None:
    condition = {"NotIpAddress": {"aws:SourceIp": "192.0.2.0/24"}}
    moto.attach("office-only", moto.root, Condition=condition)

    answer = preflight()

    assert answer["exit_code"] == 0
    [finding] = answer["findings"]
    assert finding["verdict"] == "may block"
    assert finding["dependsOn"] == ["aws:SourceIp"]


def test_a_unit_that_lacks_full_access_is_found(moto: MotoOrganization) -> None:
    elements: dict[str, Any] = {"Effect": "Allow", "Action": ["iam:*", "s3:*"]}
    moto.attach("allow-list", moto.workloads, **elements)
    moto.client.detach_policy(PolicyId="p-FullAWSAccess", TargetId=moto.workloads)

    answer = preflight()

    assert answer["exit_code"] == 3
    [finding] = answer["findings"]
    assert finding["statement"] is None
    assert finding["tasks"] == ["unlock_queue"]
    assert [each["name"] for each in finding["attachedTo"]] == ["workloads"]
    assert finding["accounts"] == [moto.payments]
    assert "FullAWSAccess" in finding["remedy"]


def test_only_the_accounts_asked_for_are_judged(moto: MotoOrganization) -> None:
    moto.attach("deny-root", moto.sandbox, Condition=DENY_ROOT)

    spared = preflight("--account", moto.payments)
    hit = preflight("--account", moto.sandbox, "--account", moto.sandbox)

    assert (spared["exit_code"], spared["accounts"], spared["findings"]) == (0, 1, [])
    assert "deny-root" not in {policy["name"] for policy in spared["policies"]}
    assert (hit["exit_code"], hit["accounts"], len(hit["findings"])) == (3, 1, 1)


def test_a_suspended_account_is_left_out(moto: MotoOrganization) -> None:
    moto.attach("deny-root", moto.sandbox, Condition=DENY_ROOT)
    moto.client.close_account(AccountId=moto.sandbox)

    assert preflight()["findings"] == []


@pytest.mark.usefixtures("moto")
def test_an_account_that_takes_no_root_sessions_is_refused() -> None:
    reasons = {
        MANAGEMENT: "is the management account",
        "999999999999": "is not in organization",
        "44445555666": "takes an account id of 12 digits",
    }
    for account, reason in reasons.items():
        result = run("preflight", "--account", account)

        assert result.exit_code == 2
        assert reason in result.stderr
        assert result.stderr.count("\n") == 1


def test_an_organization_without_service_control_policies_says_so(moto: MotoOrganization) -> None:
    root = moto.root
    moto.client.disable_policy_type(RootId=root, PolicyType="SERVICE_CONTROL_POLICY")

    assert preflight()["serviceControlPoliciesEnabled"] is False
    result = run("preflight")

    assert result.exit_code == 0
    assert "not enabled" in result.stdout


def test_the_table_tells_people_what_to_do(moto: MotoOrganization) -> None:
    policy = moto.attach("\x1b[31mdeny-root", moto.production, Condition=DENY_ROOT)

    result = run("preflight")

    assert result.exit_code == 3
    for said in (
        policy,
        "production",
        moto.payments,
        "Denied",
        "password recovery",
        "aws:AssumedRoot",
    ):
        assert said in result.stdout
    assert "Policies judged: 2 (blocks: 1, may block: 0, harmless: 1). Accounts: 2." in result.stdout
    assert "\x1b" not in result.stdout


def test_csv_has_a_line_for_each_finding(moto: MotoOrganization) -> None:
    moto.attach("deny-root", moto.root, Condition=DENY_ROOT)

    result = run("preflight", "--output", "csv")

    [row] = csv.DictReader(io.StringIO(result.stdout))
    assert result.exit_code == 3
    assert row["attached_to"] == moto.root
    assert row["tasks"].split() == EVERY_TASK
    assert set(row["account_ids"].split()) == {moto.payments, moto.sandbox}


def test_csv_holds_nothing_that_a_spreadsheet_would_run(moto: MotoOrganization) -> None:
    moto.attach("deny-root", moto.root, Sid="=HYPERLINK(1)", Condition=DENY_ROOT)

    [row] = csv.DictReader(io.StringIO(run("preflight", "--output", "csv").stdout))

    assert row["statement"] == "'=HYPERLINK(1)"


def test_a_policy_on_the_hub_that_denies_assume_root_stops_every_session(
    moto: MotoOrganization, monkeypatch: pytest.MonkeyPatch
) -> None:
    # moto does not take iam.amazonaws.com for a service that may have a delegated administrator.
    monkeypatch.setattr(ServiceControlPolicies, "session_openers", lambda _: (moto.sandbox,))
    moto.attach("no-root-sessions", moto.sandbox, Action="sts:AssumeRoot")
    moto.attach("elsewhere", moto.payments, Action="sts:AssumeRoot")

    # Also where another account was asked for.
    answer = preflight("--account", moto.payments)

    assert answer["exit_code"] == 3
    [finding] = answer["findings"]
    assert (finding["tasks"], finding["accounts"]) == (["open_sessions"], [moto.sandbox])
    assert [each["name"] for each in finding["policies"]] == ["no-root-sessions"]
    assert "stops every root session" in finding["remedy"]


class TestBeforeTheFirstDeployment:
    """IAM has no delegated administrator yet, and whose roles will open the sessions AWS does not say."""

    @pytest.fixture(autouse=True)
    def nobody(self, moto: MotoOrganization, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(ServiceControlPolicies, "session_openers", lambda _self: ())
        moto.attach("no-root-sessions", moto.root, Action="sts:AssumeRoot")

    def test_a_hub_that_is_not_known_is_not_judged(self) -> None:
        answer = preflight()

        assert answer["exit_code"] == 1
        [said] = answer["notJudged"]
        assert said.startswith("Whether sessions can be opened was not judged: IAM has no delegated")
        assert "--hub ACCOUNT" in said
        table = run("preflight", "--output", "csv")
        assert (len(table.stdout.splitlines()), table.stderr) == (1, f"{said}\n")

    def test_the_hub_is_judged_as_if_it_were_there(self, moto: MotoOrganization) -> None:
        for hub in (moto.sandbox, "sandbox"):
            answer = preflight("--hub", hub)

            assert (answer["exit_code"], answer["notJudged"]) == (3, [])
            [finding] = answer["findings"]
            assert (finding["tasks"], finding["accounts"]) == (["open_sessions"], [moto.sandbox])

    def test_nothing_binds_a_hub_in_the_management_account(self) -> None:
        answer = preflight("--hub", MANAGEMENT)

        assert (answer["exit_code"], answer["findings"], answer["notJudged"]) == (0, [], [])

    def test_a_hub_outside_of_the_organization_is_refused(self) -> None:
        result = run("preflight", "--hub", "999999999999")

        assert (result.exit_code, "is not in organization" in result.stderr) == (2, True)


@pytest.mark.parametrize("also_services", [True, False])
def test_resource_control_policies_are_read_and_judged(
    moto: MotoOrganization, *, also_services: bool
) -> None:
    moto.enable_resource_policies()
    if not also_services:
        moto.client.disable_policy_type(RootId=moto.root, PolicyType="SERVICE_CONTROL_POLICY")
    moto.attach("perimeter", moto.workloads, kind="RESOURCE_CONTROL_POLICY", Principal="*", Action="s3:*")

    answer = preflight()

    assert answer["exit_code"] == 3
    [finding] = answer["findings"]
    assert (finding["tasks"], finding["accounts"]) == (["unlock_bucket"], [moto.payments])
    assert {policy["name"]: policy["type"] for policy in answer["policies"]}["perimeter"] == "resource"


def test_what_could_not_be_judged_is_said(moto: MotoOrganization, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_self: object) -> None:
        raise CallRefused("AccessDeniedException", "not allowed")

    monkeypatch.setattr(ServiceControlPolicies, "session_openers", refuse)

    answer = preflight("--account", moto.payments)
    [said] = answer["notJudged"]

    assert answer["exit_code"] == 1
    assert said == "Whether sessions can be opened was not judged: AccessDeniedException: not allowed."
    assert said in " ".join(run("preflight").stdout.split())


def test_a_target_that_takes_no_further_policy_is_named(moto: MotoOrganization) -> None:
    for number in range(9):
        moto.attach(f"harmless-{number}", moto.workloads, Action="ec2:RunInstances")

    [full] = preflight()["takeNoFurtherPolicy"]

    assert full == {"id": moto.workloads, "name": "workloads"}
    assert f"deny-root, can be attached to workloads {moto.workloads}: AWS takes 10." in " ".join(
        run("preflight").stdout.split()
    )


def test_a_deny_of_a_listing_names_the_kind_that_stays(moto: MotoOrganization) -> None:
    moto.attach("no-listing", moto.sandbox, Action="iam:ListAccessKeys")

    [finding] = preflight()["findings"]

    assert (finding["tasks"], finding["credentialKinds"]) == (["delete"], ["access_key"])
    assert "(access key)" in " ".join(run("preflight").stdout.split())
