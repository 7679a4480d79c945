"""What is answered here because moto does not answer it, or not as AWS does: service by service."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any

from local.answers import (
    buckets,
    organization_features,
    root_credentials,
    root_sessions,
    simulated_policies,
    trails,
)
from local.answers.account_regions import AccountRegions
from local.answers.call_log import Call
from local.answers.organizations import OrganizationState
from local.answers.root_sessions import Sessions

Answer = Mapping[str, Any]
Answerer = Callable[[Call], Answer | None]


class OwnAnswers:
    """Everybody who answers for a service; the first who has an answer gives it."""

    def __init__(self, state: OrganizationState, sessions: Sessions) -> None:
        """Begin with what every organization answers."""
        self._state = state
        self._sessions = sessions
        self._answerers: dict[str, list[Answerer]] = defaultdict(list)
        self.regions = AccountRegions(state)
        self.add("account", self.regions.answer)
        self.add("sts", self._sts)
        self.add("iam", self._iam)
        self.add("iam", simulated_policies.answer)
        self.add("organizations", state.answer)
        self.add("s3", buckets.answer)
        self.add("cloudformation", _cloudformation)
        self.add("cloudtrail", lambda call: trails.answer(call, state.management_account_id))

    def add(self, service: str, answerer: Answerer) -> None:
        """Ask this one, too, about calls to a service; it returns None for what is moto's to answer.

        It refuses a call by raising CallRefusedError.
        """
        self._answerers[service].append(answerer)

    def answer(self, call: Call) -> Answer | None:
        """Answer or refuse a call; None when moto's own answer is as AWS's."""
        answers = (answerer(call) for answerer in self._answerers.get(call.service, ()))
        return next((answer for answer in answers if answer is not None), None)

    def _sts(self, call: Call) -> Answer | None:
        if call.operation == "AssumeRoot":
            return root_sessions.assume_root(call, self._state, self._sessions)
        if call.operation == "GetCallerIdentity":
            principal = call.principal
            return {"UserId": principal.user_id, "Account": principal.account, "Arn": principal.arn}
        return None

    def _iam(self, call: Call) -> Answer | None:
        if (about_features := organization_features.answer(call, self._state)) is not None:
            return about_features
        root = self._state.root_user(call.account) if call.principal.is_root else None
        return root_credentials.answer(call, root) if root else None


def _cloudformation(call: Call) -> Answer | None:
    return {} if call.operation == "ActivateOrganizationsAccess" else None
