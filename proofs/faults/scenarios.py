"""The scenarios: what happens, and which accounts must have no root credential in the end."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from botocore.exceptions import ClientError

from local.scenarios.asking import ask
from proofs.stage import CLEAN, EVERYTHING, EXPOSED, INVITED, MANAGEMENT, NEW, Stage
from rootwarden.contract.functions import Caller

_HOUR = 3600
_LOCKING = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*"}],
    }
)
_REGION = "eu-west-1"
_EVERY_ONE = sum(vars(EVERYTHING).values())


def _nothing_more(_: Stage) -> Iterator[str]:
    return iter(())


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """story: what happens. hardened: the accounts that must be clean at its end. holds: what else must.

    share: of its single faults, those that are played, chosen by the seed; long stories have many alike.
    """

    story: Callable[[Stage], None]
    hardened: frozenset[str] = frozenset()
    holds: Callable[[Stage], Iterator[str]] = field(default=_nothing_more)
    share: float = 1.0


def _new_account(stage: Stage) -> None:
    stage.join(NEW)
    stage.announce(NEW)
    stage.go_on()


def _announced_often(stage: Stage) -> None:
    stage.join(NEW)
    stage.announce(NEW)
    stage.announce_otherwise(NEW)
    stage.go_on()
    stage.wait(600)
    stage.announce(NEW)
    stage.go_on()


def _only_observed(stage: Stage) -> None:
    stage.enrol_again(EXPOSED)
    stage.join(INVITED, "INVITED")
    stage.announce(INVITED)
    stage.go_on()


def _is_left_and_told(stage: Stage) -> Iterator[str]:
    """Nothing went from either account, and people were told what would go."""
    for account in (EXPOSED, INVITED):
        if len(stage.ledger.present(account)) != _EVERY_ONE:
            yield f"{account} is only observed, and has not all its root credentials any more"
        if not any(
            said.account == account and said.detail.get("result") == "observed" for said in stage.ledger.said
        ):
            yield f"no outcome says what would go from {account}, which is only observed"


def _root_sign_ins(stage: Stage) -> None:
    for account in (EXPOSED, CLEAN, MANAGEMENT):
        stage.sign_in(account)
    stage.go_on()


def _window(stage: Stage) -> None:
    stage.open_window(CLEAN, hours=1)
    stage.wait(_HOUR + 30)


def _window_closed_early(stage: Stage) -> None:
    stage.open_window(CLEAN, hours=4)
    stage.wait(600)
    stage.ask("close_recovery", account=CLEAN, requestedBy="bob")
    # Its own end comes all the same where closing failed.
    stage.wait(4 * _HOUR)


def _lost_schedule(stage: Stage) -> None:
    stage.open_window(CLEAN, hours=1)
    hub = stage.aws.organization.hub
    schedules = stage.aws.client("scheduler", account=hub.account, region=hub.region)
    with suppress(schedules.exceptions.ResourceNotFoundException):
        schedules.delete_schedule(Name=f"rootwarden-recovery-{CLEAN}", GroupName="rootwarden-recovery")
    # A look leaves a window to its schedule for two minutes.
    stage.wait(_HOUR + 150)
    _enforce(stage)


def _locked_bucket(stage: Stage) -> None:
    s3 = stage.aws.client("s3", account=EXPOSED, region=_REGION)
    s3.create_bucket(Bucket="ledger", CreateBucketConfiguration={"LocationConstraint": _REGION})
    s3.put_bucket_policy(Bucket="ledger", Policy=_LOCKING)
    stage.ask("unlock_bucket", bucket="ledger", **_DELETE)
    _be_announced(stage, "unlock_bucket")


def _locked_queue(stage: Stage) -> None:
    sqs = stage.aws.client("sqs", account=EXPOSED, region=_REGION)
    sqs.create_queue(QueueName="orders", Attributes={"Policy": _LOCKING})
    stage.ask("unlock_queue", queue=f"arn:aws:sqs:{_REGION}:{EXPOSED}:orders", **_DELETE)
    _be_announced(stage, "unlock_queue")


def _be_announced(stage: Stage, function: str) -> None:
    """Let the function's schedule come where nothing is announced yet."""
    if any(_is_announced(stage)):
        stage.wait(600)
        ask(stage.aws, function, Caller.SCHEDULE)
        stage.go_on()


_DELETE = {"account": EXPOSED, "action": "delete", "reason": "locked out", "requestedBy": "anna"}


def _is_unlocked(stage: Stage) -> Iterator[str]:
    try:
        stage.aws.client("s3", account=EXPOSED, region=_REGION).get_bucket_policy(Bucket="ledger")
    except ClientError as error:
        if error.response["Error"]["Code"] == "NoSuchBucketPolicy":
            yield from _is_announced(stage)
            return
    yield "the bucket is still locked, however often a person asked"


def _is_announced(stage: Stage) -> Iterator[str]:
    if not any(said.kind == "Resource Policy Unlock" for said in stage.ledger.said):
        yield "a policy was deleted, and no outcome says so"


def _audit(stage: Stage) -> None:
    stage.sweep("observe")


def _enforce(stage: Stage) -> None:
    stage.sweep("enforce")
    # What a sweep could not do, the next one does.
    stage.wait(24 * _HOUR)
    stage.sweep("enforce")


def _departure(stage: Stage) -> None:
    stage.join(NEW)
    stage.announce(NEW)
    stage.go_on()
    stage.open_window(NEW, hours=4)
    stage.depart(NEW)
    stage.go_on()
    stage.wait(5 * _HOUR)


def _departure_is_said(stage: Stage) -> Iterator[str]:
    if not any(said.kind == "Account Left Organization" for said in stage.ledger.said):
        yield "an account left, and no outcome says so"


def _request(stage: Stage) -> None:
    stage.ask("harden_account", account=EXPOSED, reason="audit", requestedBy="anna")


SCENARIOS: Mapping[str, Scenario] = {
    "new-account": Scenario(story=_new_account, hardened=frozenset({NEW})),
    "announced-often": Scenario(story=_announced_often, hardened=frozenset({NEW})),
    "only-observed": Scenario(story=_only_observed, holds=_is_left_and_told),
    "root-sign-ins": Scenario(story=_root_sign_ins),
    "window": Scenario(story=_window, hardened=frozenset({CLEAN}), share=0.45),
    "window-closed-early": Scenario(story=_window_closed_early, hardened=frozenset({CLEAN}), share=0.45),
    "window-without-schedule": Scenario(
        story=_lost_schedule, hardened=frozenset({CLEAN, EXPOSED}), share=0.05
    ),
    "locked-bucket": Scenario(story=_locked_bucket, holds=_is_unlocked),
    "locked-queue": Scenario(story=_locked_queue, holds=_is_announced),
    "sweep-that-looks": Scenario(story=_audit, share=0.3),
    "sweep-that-enforces": Scenario(story=_enforce, hardened=frozenset({EXPOSED}), share=0.1),
    "departure": Scenario(story=_departure, holds=_departure_is_said, share=0.3),
    "request": Scenario(story=_request, hardened=frozenset({EXPOSED})),
}
