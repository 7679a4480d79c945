"""What a policy's statement means for whoever should change the policy."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from msgspec import structs

from rootwarden.events import AccountId, Record
from rootwarden.policies.statements import (
    EVERYONE,
    UNKNOWN,
    Call,
    Covered,
    Extent,
    Statement,
    covered_by,
    read_statement,
    statements_in,
)
from rootwarden.unlocking.requests import Resource, ResourceKind


class LockVerdict(StrEnum):
    """What a statement does to whoever should change the policy."""

    LOCKS = "locks"
    MAY_LOCK = "may_lock"
    HARMLESS = "harmless"


class StatementVerdict(Record, frozen=True, kw_only=True):
    """One statement, by its place from 1. actions: of those needed; conditions: on which it depends."""

    sid: str | None
    number: int
    verdict: LockVerdict
    who: str
    actions: tuple[str, ...]
    conditions: tuple[str, ...]
    why: str

    def __str__(self) -> str:
        """Return how people find it."""
        return f"statement {self.number}{f' ({self.sid})' if self.sid else ''}"


# Denied all of these, nobody but root can change the policy; denied the reading, one changes it blindly.
_CHANGING = {
    ResourceKind.BUCKET: ("s3:PutBucketPolicy", "s3:DeleteBucketPolicy"),
    ResourceKind.QUEUE: ("sqs:SetQueueAttributes", "sqs:RemovePermission"),
}
# Takes a statement away by its Sid alone.
_BY_SID = "sqs:RemovePermission"
_READING = {ResourceKind.BUCKET: "s3:GetBucketPolicy", ResourceKind.QUEUE: "sqs:GetQueueAttributes"}
# Keys of conditions that an administrator can always call with.
_ALWAYS = {
    "aws:principalisawsservice": "false",
    "aws:securetransport": "true",
    "aws:viaawsservice": "false",
    "s3:authtype": "REST-HEADER",
    "s3:signatureversion": "AWS4-HMAC-SHA256",
    "s3:tlsversion": "1.3",
}
# Keys that such a call never has: root's, services', and those of listings, objects and uploads.
_OF_OTHERS = ("assumedroot", "sourceaccount", "sourcearn", "sourceorgid", "sourceorgpaths")
_OF_LISTINGS = ("delimiter", "max-keys", "prefix")
_OF_OBJECTS = ("existingobjecttag/", "requestobjecttag", "versionid")
_OF_UPLOADS = ("x-amz-acl", "x-amz-copy-source", "x-amz-grant-", "x-amz-server-side-encryption")
_NEVER = (
    *(f"aws:{key}" for key in _OF_OTHERS),
    *(f"s3:{key}" for key in (*_OF_LISTINGS, *_OF_OBJECTS, *_OF_UPLOADS)),
)


@dataclass(frozen=True, kw_only=True)
class LockJudge:
    """Judges policies of one resource. organization_id: None where the caller does not know it."""

    account_id: AccountId
    organization_id: str | None
    resource: Resource

    def judge(self, policy: str) -> tuple[StatementVerdict, ...]:
        """Judge every statement; never raises."""
        try:
            statements = statements_in(json.loads(policy))
        except (ValueError, RecursionError) as error:
            return (_unreadable(None, 1, f"The policy cannot be read: {error}."),)
        verdicts = [self._judge(number, found) for number, found in enumerate(statements, 1)]
        return tuple(self._taken_together(verdicts))

    def _taken_together(self, verdicts: Sequence[StatementVerdict]) -> Iterator[StatementVerdict]:
        """See that statements which deny a part each lock where nothing is left by all of them."""
        changing = set(_CHANGING[self.resource.kind])
        parts = [each for each in verdicts if _is_certain(each) and not changing.isdisjoint(each.actions)]
        is_locked = changing.issubset(action for part in parts for action in part.actions)
        for verdict in verdicts:
            yield _together(verdict) if is_locked and verdict in parts else verdict

    def _judge(self, number: int, found: object) -> StatementVerdict:
        if not isinstance(found, dict):
            return _unreadable(None, number, "It is no statement.")
        sid = str(found["Sid"]) if found.get("Sid") else None
        named = "Resource" in found or "NotResource" in found
        try:
            statement = read_statement(number, found if named else {**found, "Resource": "*"})
        except ValueError as error:
            return _unreadable(sid, number, f"It cannot be read: {error}.")
        covered = covered_by(found, self.account_id)
        denied = {} if statement.allows else dict(self._denied(statement))
        changing = [way for way in _CHANGING[self.resource.kind] if sid or way != _BY_SID]
        verdict, why = self._verdict(statement, covered, denied, changing)
        taken = {} if verdict is LockVerdict.HARMLESS else denied
        return StatementVerdict(
            sid=sid,
            number=number,
            verdict=verdict,
            who=covered.who,
            actions=tuple(taken),
            conditions=tuple(sorted(frozenset().union(*taken.values()))),
            why=why,
        )

    def _denied(self, statement: Statement) -> Iterator[tuple[str, frozenset[str]]]:
        """Yield each needed action that is denied, or may be, with what it depends on."""
        for action in (*_CHANGING[self.resource.kind], _READING[self.resource.kind]):
            hits = [call.hit_by(statement) for call in self._calls(action)]
            found = [hit for hit in hits if hit is not None]
            if len(found) == len(hits):
                yield action, frozenset().union(*found)
            elif found:
                # It tells users from roles: what it depends on is what it asks about them.
                yield action, frozenset(condition.key for condition in statement.conditions)

    def _calls(self, action: str) -> Iterator[Call]:
        """Yield the call as a role of the account would make it, and as a user would."""
        account, partition = self.account_id, self.resource.arn.split(":")[1]
        context = {
            **_ALWAYS,
            **dict.fromkeys(("aws:principalaccount", "aws:resourceaccount"), account),
            "aws:requestedregion": self.resource.region,
        }
        if self.organization_id:
            context |= dict.fromkeys(("aws:principalorgid", "aws:resourceorgid"), self.organization_id)
        for kind, kind_name in (("AssumedRole", "role"), ("User", "user")):
            arn = f"arn:{partition}:iam::{account}:{kind_name}/{UNKNOWN}"
            of_caller = {"aws:principaltype": kind, "aws:principalarn": arn}
            yield Call(action=action, resource=self.resource.arn, context=context | of_caller, absent=_NEVER)

    def _verdict(
        self,
        statement: Statement,
        covered: Covered,
        denied: Mapping[str, frozenset[str]],
        changing: Sequence[str],
    ) -> tuple[LockVerdict, str]:
        if statement.allows:
            return LockVerdict.HARMLESS, "It allows; only what is denied can lock anyone out."
        if covered.extent is Extent.NOBODY:
            return LockVerdict.HARMLESS, "It is about nobody in the account."
        if not denied:
            return LockVerdict.HARMLESS, self._why_not_denied(statement)
        left = [action for action in changing if action not in denied]
        depends_on = frozenset().union(*denied.values())
        what = f"It denies {in_words(denied)} to {covered.who}"
        if covered.extent is Extent.EVERYONE and not left and not any(denied[name] for name in changing):
            always = f", whatever its conditions on {_keys(statement)}" if statement.conditions else ""
            return LockVerdict.LOCKS, f"{what}{always}: only root can change the policy."
        but = []
        if depends_on:
            but.append(f"it depends on {in_words(sorted(depends_on))}, which nobody knows beforehand")
        if covered.extent is Extent.SOME:
            but.append("others in the account may still be able to change the policy")
        if left:
            but.append(f"it leaves {in_words(left)}")
        return LockVerdict.MAY_LOCK, f"{what}; {in_words(but)}."

    def _why_not_denied(self, statement: Statement) -> str:
        if any(self._denied(replace(statement, conditions=()))):
            return f"Its conditions on {_keys(statement)} do not hold for an administrator's call."
        return f"It denies nothing that changing the {self.resource.kind}'s policy takes."


def _is_certain(verdict: StatementVerdict) -> bool:
    return verdict.who == EVERYONE.who and not verdict.conditions


def _together(verdict: StatementVerdict) -> StatementVerdict:
    if verdict.verdict is not LockVerdict.MAY_LOCK:
        return verdict
    why = f"{verdict.why[:-1]}, but other statements deny that: only root can change the policy."
    return structs.replace(verdict, verdict=LockVerdict.LOCKS, why=why)


def _unreadable(sid: str | None, number: int, why: str) -> StatementVerdict:
    return StatementVerdict(
        sid=sid,
        number=number,
        verdict=LockVerdict.MAY_LOCK,
        who="nobody can tell whom",
        actions=(),
        conditions=(),
        why=why,
    )


def _keys(statement: Statement) -> str:
    return in_words(list(dict.fromkeys(condition.key for condition in statement.conditions)))


def in_words(things: Collection[str]) -> str:
    """Return things as people list them: a, b and c."""
    *firsts, last = things
    return f"{', '.join(firsts)} and {last}" if firsts else last
