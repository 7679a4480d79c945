"""An organization with something to do for every command of rootctl."""

import json
from dataclasses import replace
from datetime import date, timedelta

from embedded_aws.organizations.organization import Account
from embedded_aws.sqs.dead_letters import let_die
from embedded_aws.sqs.resources import queue_at
from local.aws import LocalAws
from local.organization import Exemption, Organization
from local.scenarios import scenario_events
from local.scenarios.locks import LOCKED_REGION, lock, policy_of
from local.scenarios.sweeping import Sweeping

_RESTRICTED_UNIT = "ou-ab12-44444444"
EXEMPT, KEY_IN_USE, LOCKED, RESTRICTED, WAITING = (
    *("legacy-erp", "data-lake", "media-archive", "partner-portal", "checkout-test"),
)
NOTES = {
    EXEMPT: "exempt",
    KEY_IN_USE: "its key was used two days ago",
    LOCKED: f"a bucket and a queue in {LOCKED_REGION} are locked",
    RESTRICTED: "a service control policy refuses root sessions",
    WAITING: "its hardening waits among the dead letters",
}
_TRAIL, _TRAIL_BUCKET = "organization", "organization-trail-111122223333"
_ROOT_DENIED = {
    "Sid": "NobodyIsRoot",
    "Effect": "Deny",
    "Action": "*",
    "Resource": "*",
    "Condition": {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:root"}},
}


def exempting(organization: Organization, today: date) -> Organization:
    """Return the organization with its exempt account exempt for another quarter."""
    [account] = [account for account in organization.accounts if account.name == EXEMPT]
    reason = "the vendor's support signs in as root until the migration"
    exemption = Exemption(account=account.id, reason=reason, until=today + timedelta(days=90))
    return replace(organization, exemptions=(exemption,))


class Populated:
    """Puts into a deployed organization what no organization file says."""

    def __init__(self, aws: LocalAws) -> None:
        """Take the organization of local/commands/playground.yaml."""
        self._aws = aws
        self._management = aws.organization.management_account.id

    def populate(self) -> None:
        """Let happen what happened before anybody looked."""
        self._restrict()
        self._log()
        self._use_key()
        lock(self._aws, self.account(LOCKED).id)
        Sweeping(self._aws).start()
        # In real time nothing is waited for; what has to be tried again is, while people look on.
        self._aws.work_on_what_is_due()
        self._leave_dead_letter()

    def operator(self) -> dict[str, str]:
        """Make an operator of the hub account, who may do everything there; returns their access key."""
        iam = self._aws.hub_client("iam")
        iam.create_user(UserName="operator")
        return dict(iam.create_access_key(UserName="operator")["AccessKey"])

    def account(self, name: str) -> Account:
        """Return an account by its name."""
        [account] = [account for account in self._aws.organization.members if account.name == name]
        return account

    def _restrict(self) -> None:
        """Attach the policy so many organizations have: it denies root, and root sessions with it."""
        organizations = self._aws.client("organizations", account=self._management)
        kind = "SERVICE_CONTROL_POLICY"
        organizations.enable_policy_type(RootId=self._aws.organization.root_id, PolicyType=kind)
        policy = organizations.create_policy(
            Name="deny-root", Description="", Type=kind, Content=policy_of(_ROOT_DENIED)
        )["Policy"]["PolicySummary"]
        organizations.attach_policy(PolicyId=policy["Id"], TargetId=_RESTRICTED_UNIT)

    def _log(self) -> None:
        self._aws.client("s3", account=self._management).create_bucket(Bucket=_TRAIL_BUCKET)
        trails = self._aws.client("cloudtrail", account=self._management)
        trails.create_trail(
            Name=_TRAIL,
            S3BucketName=_TRAIL_BUCKET,
            IsMultiRegionTrail=True,
            IsOrganizationTrail=True,
            IncludeGlobalServiceEvents=True,
        )
        selector = {"ReadWriteType": "All", "IncludeManagementEvents": True, "DataResources": []}
        trails.put_event_selectors(TrailName=_TRAIL, EventSelectors=[selector])
        trails.start_logging(Name=_TRAIL)

    def _use_key(self) -> None:
        organizations = self._aws.client("organizations", account=self._management)
        owner = [{"Key": "owner", "Value": "payments@example.com"}]
        organizations.tag_resource(ResourceId=self.account(KEY_IN_USE).id, Tags=owner)
        for key in self._aws.state.root_user(self.account(KEY_IN_USE).id).access_keys:
            key.last_used = self._aws.clock.now() - timedelta(days=2)
            key.last_used_region, key.last_used_service = "eu-west-1", "s3"

    def _leave_dead_letter(self) -> None:
        """Let an account's announcement fail as often as it may, as if AWS had refused every time."""
        hub = self._aws.organization.hub
        [stack] = self._aws.hub_client("cloudformation").describe_stacks(StackName="RootWardenHub")["Stacks"]
        outputs = {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
        name = json.loads(outputs["HardenAccountQueues"])["queue"].rpartition("/")[2]
        queue = queue_at(f"arn:aws:sqs:{hub.region}:{hub.account}:{name}")
        if queue is None:
            raise LookupError(f"the hub has no queue {name}")
        event = scenario_events.create_account_result(
            management=self._management, time=self._aws.clock.now(), account=self.account(WAITING).id
        )
        let_die(queue, json.dumps(event))
