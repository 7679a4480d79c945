"""What happens in the proof: enough that every function does everything it can."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from embedded_aws.events.shape import Event, stack_created
from embedded_aws.organizations.organization import Account, RootCredentials
from local.aws import LocalAws
from local.scenarios import scenario_events as events
from local.scenarios.asking import ask
from local.scenarios.locks import LOCKED_BUCKET, LOCKED_QUEUE, LOCKED_REGION, lock
from local.scenarios.scenario import Scenario
from local.scenarios.sweeping import Sweeping
from proofs.permissions.asking import Asking

_EVERYTHING = RootCredentials(password=True, access_keys=2, signing_certificates=1, mfa_devices=1)
_MEMBER, _LOCKED, _NEW, _INVITED = "444455556666", "666677778888", "777788889999", "888899990000"
_DELETING = "arn:aws:iam::aws:policy/root-task/IAMDeleteRootUserCredentials"
_UNIT = "ou-ab12-11111111"
_TAKERS = ("HardenAccount", "AssessRootActivity", "RefusedSessions", "ForgetAccount")
_HOUR, _DAY = 3600, 24 * 3600
_WHY = {"account": _MEMBER, "reason": "lost MFA device", "requestedBy": "alice"}


class Scenarios:
    """Every scenario by its name, in the order in which they build on each other."""

    def __init__(self, aws: LocalAws) -> None:
        """Play on a deployed organization."""
        self._aws = aws
        self._scenario = Scenario(aws)
        self._sweeping = Sweeping(aws)
        self._asking = Asking(aws)
        sweep = aws.organization.configuration.get("sweep")
        self._enforces = isinstance(sweep, Mapping) and sweep.get("mode") == "enforce"

    def all(self) -> Mapping[str, Callable[[], object]]:
        """Return them."""
        return {
            "the first sweep": self._the_first_sweep,
            "an account is created": self._an_account_is_created,
            "an account is invited": self._an_account_is_invited,
            "a person has an account hardened": self._a_person_hardens,
            "root signs in": self._root_signs_in,
            "root acts": self._root_acts,
            "somebody else opens root sessions": self._somebody_assumes_root,
            "a message cannot be read": self._messages_are_not_json,
            "Slack refuses a message": self._slack_refuses,
            "a recovery window ends by itself": self._a_window_ends,
            "a recovery window is closed": self._a_window_is_closed,
            "opening a recovery window fails": self._opening_fails,
            "a bucket is unlocked": self._a_bucket_is_unlocked,
            "a queue is unlocked": self._a_queue_is_unlocked,
            "an account leaves": self._an_account_leaves,
            "a sweep, and events that could not be sent": self._a_sweep_collects,
            "a sweep whose sessions are not on record": self._a_sweep_without_records,
            **({"an enforcing sweep": self._an_enforcing_sweep} if self._enforces else {}),
        }

    def play(self, name: str) -> None:
        """Let one happen, and all that follows from it."""
        self.all()[name]()
        self._aws.run_until_idle()

    def _an_account_is_created(self) -> None:
        self._scenario.create_account(
            Account(id=_NEW, name="checkout-prod", organizational_unit=_UNIT, root=_EVERYTHING)
        )

    def _an_account_is_invited(self) -> None:
        self._scenario.invite_account(Account(id=_INVITED, name="acquired-shop", root=_EVERYTHING))

    def _a_person_hardens(self) -> None:
        for dry_run in (True, False):
            ask(self._aws, "harden_account", **_WHY, dryRun=dry_run)

    def _root_signs_in(self) -> None:
        for _ in range(3):
            self._scenario.sign_in_as_root(_MEMBER, succeeded=False)
        self._scenario.sign_in_as_root(_MEMBER)

    def _root_acts(self) -> None:
        management = self._aws.organization.management_account.id
        for account in (_MEMBER, management):
            for region in ("us-east-1", "eu-west-1"):
                self._scenario.call_as_root(account, region=region)
        # Made again, a call that changes nothing: the watch over the organization sees it.
        self._aws.client("iam", account=management).enable_organizations_root_sessions()

    def _somebody_assumes_root(self) -> None:
        self._scenario.assume_root_as_administrator(_MEMBER)
        self._scenario.assume_root_as_administrator(_MEMBER, task_policy_arn=_DELETING)

    def _messages_are_not_json(self) -> None:
        hub = self._aws.organization.hub
        sqs = self._aws.client("sqs", account=hub.account, region=hub.region)
        for url in sqs.list_queues()["QueueUrls"]:
            if any(f"{taker}Queue" in url for taker in _TAKERS):
                sqs.send_message(QueueUrl=url, MessageBody="not JSON")

    def _slack_refuses(self) -> None:
        self._aws.slack.refuse_next(500)
        self._scenario.sign_in_as_root(self._aws.organization.management_account.id)

    def _a_window_ends(self) -> None:
        self._need(self._asking.ask("open_recovery", hours=1, **_WHY), "opened")
        self._aws.clock.advance(_HOUR + 60)

    def _a_window_is_closed(self) -> None:
        self._need(self._asking.ask("open_recovery", hours=2, **_WHY), "opened")
        closed = {"account": _MEMBER, "requestedBy": "alice"}
        self._need(ask(self._aws, "close_recovery", **closed), "closed")

    def _opening_fails(self) -> None:
        self._aws.clock.advance(_DAY)
        # Undone, so that the opening function deletes what it began.
        self._aws.extensions.faults.fail("AssumeRoot", "Throttled")
        self._asking.ask("open_recovery", hours=1, **_WHY)
        # Left as it is, so that the next request sets the end anew.
        self._aws.extensions.faults.fail("CreateLoginProfile", "AccessDenied")
        self._asking.ask("open_recovery", hours=1, **_WHY)
        self._need(self._asking.ask("open_recovery", hours=1, **_WHY), "opened")
        self._aws.clock.advance(_HOUR + 60)

    def _a_bucket_is_unlocked(self) -> None:
        self._aws.state.set_state(_LOCKED, "ACTIVE")
        organization = self._aws.organization
        self._aws.client("organizations", account=organization.management_account.id).move_account(
            AccountId=_LOCKED, SourceParentId=organization.root_id, DestinationParentId=_UNIT
        )
        lock(self._aws, _LOCKED)
        self._unlock("unlock_bucket", bucket=LOCKED_BUCKET)

    def _a_queue_is_unlocked(self) -> None:
        self._unlock("unlock_queue", queue=LOCKED_QUEUE, region=LOCKED_REGION)

    def _unlock(self, function: str, **named: str) -> None:
        why = {**_WHY, "account": _LOCKED, **named}
        ask(self._aws, function, action="show", **why)
        deleted = self._need(self._asking.ask(function, action="delete", **why), "deleted")
        back = {"action": "restore", "evidence": deleted["evidence"]["key"], "lockAgain": True}
        self._need(self._asking.ask(function, **back, **why), "restored")

    def _a_sweep_collects(self) -> None:
        management, now = self._aws.organization.management_account.id, self._aws.clock.now()
        about: dict[str, Any] = {"management": management, "time": now}
        self._leave_undelivered(_MEMBER, events.root_sign_in(account=_MEMBER, time=now))
        refused = events.root_api_call(account=_MEMBER, time=now, action="sts:AssumeRoot")
        refused["detail"] |= {"errorCode": "AccessDenied", "userIdentity": {"type": "AssumedRole"}}
        self._leave_undelivered(_MEMBER, refused)
        self._leave_undelivered(management, events.create_account_result(account=_MEMBER, **about))
        self._leave_undelivered(management, events.account_departed(account=_INVITED, **about))
        # An account may have left since it was listed: the sweep asks again when it gets no session.
        self._aws.extensions.faults.fail("AssumeRoot", "AccessDenied")
        self._sweeping.by_schedule()

    def _leave_undelivered(self, account: str, event: Event) -> None:
        url = f"https://sqs.us-east-1.amazonaws.com/{account}/rootwarden-undelivered"
        self._aws.client("sqs", account=account).send_message(QueueUrl=url, MessageBody=json.dumps(event))

    def _a_sweep_without_records(self) -> None:
        for operation in ("BatchWriteItem", "PutItem"):
            self._aws.extensions.faults.fail(operation, "InternalServerError", http=500, times=None)
        self._sweeping.start("observe")
        self._aws.run_until_idle()
        self._aws.extensions.faults.clear()

    def _the_first_sweep(self) -> None:
        hub, management = self._aws.organization.hub, self._aws.organization.management_account.id
        s3 = self._aws.client("s3", account=hub.account, region=hub.region)
        # Whether there is anything to sweep yet is asked until there is a report.
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=self._sweeping.bucket):
            for found in page.get("Contents", ()):
                s3.delete_object(Bucket=self._sweeping.bucket, Key=found["Key"])
        stack, now = "RootWardenOrganization", self._aws.clock.now()
        self._aws.deliver(stack_created(account=management, region="us-east-1", time=now, stack=stack))

    def _an_enforcing_sweep(self) -> None:
        self._aws.state.root_user(_MEMBER).give(replace(_EVERYTHING, access_keys=1), self._aws.clock.now())
        self._sweeping.by_hand("enforce")
        self._aws.state.root_user(_MEMBER).give(_EVERYTHING, self._aws.clock.now())
        # What is found is named in the outcome, with its owner.
        self._sweeping.by_hand("observe")

    def _an_account_leaves(self) -> None:
        self._scenario.close_account(_NEW)
        self._scenario.remove_account(_INVITED)

    @staticmethod
    def _need(answer: Mapping[str, Any], result: str) -> Mapping[str, Any]:
        """Return an answer that is as it must be: a scenario that does not happen proves nothing."""
        if answer.get("result") != result:
            raise RuntimeError(f"a scenario went otherwise, not {result}: {dict(answer)}")
        return answer
