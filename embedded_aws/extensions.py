"""What is answered here because moto does not answer it, or not as AWS does: service by service."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import partial
from typing import Any

from moto.account import urls as account_urls
from moto.account.responses import AccountResponse
from moto.awslambda import urls as lambda_urls
from moto.awslambda.responses import LambdaResponse
from moto.core import errors as moto_errors
from moto.core.common_types import TYPE_RESPONSE
from moto.core.exceptions import ServiceException
from moto.core.request import Request
from moto.core.responses import BaseResponse
from moto.iam import models as iam_models
from moto.organizations.models import FakeDelegatedAdministrator, FakeServiceAccess
from moto.s3.responses import S3Response

from embedded_aws import account, cloudtrail
from embedded_aws.calls import Call, CallRefusedError, Faults, redacted
from embedded_aws.cloudtrail import CloudTrail
from embedded_aws.iam import roles, root_credentials
from embedded_aws.iam.authorization import Authorization, NoRuleError
from embedded_aws.moto_patches import patched
from embedded_aws.organizations import service_control_policies
from embedded_aws.organizations.organization import IAM
from embedded_aws.organizations.state import OrganizationState, answer_about_features
from embedded_aws.s3 import buckets, locked_resources
from embedded_aws.sts import root_sessions
from embedded_aws.sts.root_sessions import Credentials, Sessions, role_session
from embedded_aws.wire import error_in, read_operation, serialize

# How many executions of functions an account may have at once, as AWS's quotas say.
FUNCTIONS_AT_ONCE = 1000
Answer = Mapping[str, Any]
Answerer = Callable[[Call], Answer | None]


class OwnAnswers:
    """Everybody who answers for a service; the first who has an answer gives it."""

    def __init__(self, state: OrganizationState, sessions: Sessions) -> None:
        """Begin with what every organization answers."""
        self._state = state
        self._sessions = sessions
        self._answerers: dict[str, list[Answerer]] = defaultdict(list)
        self.add("account", lambda call: account.answer(call, state))
        self.add("sts", self._sts)
        self.add("iam", self._iam)
        self.add("iam", roles.answer)
        self.add("organizations", state.answer)
        self.add("s3", buckets.answer)
        self.add(
            "cloudformation", lambda call: {} if call.operation == "ActivateOrganizationsAccess" else None
        )
        self.add("lambda", _lambda)
        self.add("cloudtrail", lambda call: cloudtrail.answer(call, state.management_account_id))

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
        if (about_features := answer_about_features(call, self._state)) is not None:
            return about_features
        root = self._state.root_user(call.account) if call.principal.is_root else None
        return root_credentials.answer(call, root) if root else None


def _lambda(call: Call) -> Answer | None:
    limit = {"ConcurrentExecutions": FUNCTIONS_AT_ONCE, "UnreservedConcurrentExecutions": FUNCTIONS_AT_ONCE}
    return {"AccountLimit": limit} if call.operation == "GetAccountSettings" else None


class Extensions:
    """The embedded AWS's front door: every call passes here on its way into moto."""

    def __init__(self, state: OrganizationState, deliver: Callable[[dict[str, Any]], None] | None) -> None:
        """Start with an empty log, no faults and no role enforced."""
        self.state = state
        self.calls: list[Call] = []
        self.faults = Faults()
        self._authorization = Authorization(state.organization_id, state.management_account_id)
        self.sessions = Sessions(state)
        self.answers = OwnAnswers(state, self.sessions)
        self._trail = CloudTrail(deliver, state.management_account_id)
        # Hears of each call's account and Region, for what waits until something happens there.
        self.before_call: Callable[[str, str], None] = lambda _account, _region: None

    def administrator(self, account: str) -> Credentials:
        """Return credentials of an administrator of the account: everything is allowed."""
        return self.sessions.start(self.sessions.administrator(account))

    def credentials_for(self, role_arn: str, session_name: str) -> Credentials:
        """Return credentials of a role's session; judged when the role is enforced."""
        return self.sessions.start(role_session(role_arn, session_name))

    def enforce(self, role_arn: str, statements: Sequence[Mapping[str, Any]]) -> None:
        """Judge the role's calls by these policy statements from now on."""
        self._authorization.enforce(role_arn, statements)

    def serve(
        self, response: BaseResponse, request: Request, proceed: Callable[[], TYPE_RESPONSE]
    ) -> TYPE_RESPONSE:
        """Answer, refuse or hand on one call, and log it; `response` has read the request."""
        call, answer = self._read(response, request), None
        self.before_call(call.account, call.region)
        try:
            self.faults.strike(call)
            self._admit(call, request)
            answer = self.answers.answer(call)
            if answer is not None:
                result = serialize(response, answer)
            else:
                if call.service == "organizations":
                    # moto keeps an organization's records in its management account alone.
                    response.current_account = self.state.management_account_id
                elif call.service == "sqs":
                    # moto looks for a queue in the caller's account alone, whatever its URL says.
                    response.current_account = locked_resources.queue_owner(call)
                    self.before_call(response.current_account, call.region)
                result = proceed()
            self._strike_answer(call, result, answer)
        except (CallRefusedError, ServiceException) as error:
            result = serialize(response, error)
        self._record(call, result, answer)
        return result

    def _strike_answer(self, call: Call, result: TYPE_RESPONSE, answer: Answer | None) -> None:
        try:
            self.faults.strike(call, after_effect=True)
        except (CallRefusedError, ServiceException):
            raise
        except BaseException:
            # The caller never hears of it, but AWS did it, and has it on record.
            self._record(call, result, answer)
            raise

    def _read(self, response: BaseResponse, request: Request) -> Call:
        service, operation, parameters = read_operation(response, request)
        return Call(
            time=self.state.clock.now(),
            account=response.current_account,
            region=response.region,
            partition=response.partition,
            principal=self.sessions.principal_of(response.access_key, response.partition),
            service=service,
            operation=operation,
            parameters=parameters,
            host=request.host.partition(":")[0],
            user_agent=request.headers.get("User-Agent", ""),
        )

    def _admit(self, call: Call, request: Request) -> None:
        self.sessions.check(call, request.headers.get("X-Amz-Security-Token", ""))
        if call.service == "sts" and call.operation == "AssumeRoot":
            root_sessions.validate(call)
        self._authorization.check(call, is_member=self.state.is_member(call.account))
        service_control_policies.check(call, self.state.records, self._authorization)
        locked_resources.check(call, self._authorization, is_member=self.state.is_member(call.account))

    def _record(self, call: Call, result: TYPE_RESPONSE, answer: Mapping[str, Any] | None) -> None:
        try:
            needs = self._authorization.needs(call)
        except (NoRuleError, KeyError):  # KeyError: what AWS requires is missing
            needs = []
        code, message = error_in(result)
        call = replace(
            call,
            parameters=redacted(call.parameters),
            actions=tuple(need.action for need in needs),
            resources=tuple(need.resource for need in needs),
            error_code=code,
            error_message=message,
        )
        self.calls.append(call)
        if user := self.state.owner_of(call.principal.access_key_id):
            user.note_use(call)
        self._trail.record(call, None if code else answer)


@contextmanager
def installed_extensions(
    state: OrganizationState, *, deliver: Callable[[dict[str, Any]], None] | None = None
) -> Iterator[Extensions]:
    """Extend moto and create the organization in it; enter inside `mock_aws()`.

    `deliver` gets every CloudTrail event (an EventBridge event for the default bus of its
    `account` and `region`), in the thread that made the call.
    """
    extensions = Extensions(state, deliver)
    with ExitStack() as stack:
        for owner, name, replacement in _replacements(extensions):
            stack.enter_context(patched(owner, name, replacement))
        state.establish()
        yield extensions


class _EveryCode:
    def __contains__(self, code: object) -> bool:
        return True


def _replacements(extensions: Extensions) -> Iterator[tuple[Any, str, Any]]:
    """Yield every name of moto that is replaced: its owner, itself and what stands in for it."""

    def dispatch(
        response: BaseResponse, request: Request, full_url: str | None = None, headers: Any = None
    ) -> TYPE_RESPONSE:
        response.setup_class(request, full_url, headers)
        return extensions.serve(response, request, response.call_action)

    def through_front_door(original: Callable[..., TYPE_RESPONSE]) -> Callable[..., TYPE_RESPONSE]:
        def respond(response: S3Response, request: Request, *rest: Any) -> TYPE_RESPONSE:
            response.setup_class(request)
            return extensions.serve(response, request, partial(original, response, request, *rest))

        return respond

    yield BaseResponse, "_dispatch", dispatch
    for name in ("bucket_response", "key_response"):
        yield S3Response, name, through_front_door(getattr(S3Response, name))
    # moto warns of error codes that a service's model does not list; AWS answers them all the same.
    yield moto_errors, "COMMON_ERROR_CODES", _EveryCode()
    # moto knows no Regions of an account, and not how many functions may run at once; own answers do.
    list_regions = {"{0}/listRegions$": AccountResponse.dispatch}
    yield account_urls, "url_paths", {**account_urls.url_paths, **list_regions}
    settings = {"{0}/(?P<api_version>[^/]+)/account-settings/?$": LambdaResponse.dispatch}
    yield lambda_urls, "url_paths", {**lambda_urls.url_paths, **settings}
    yield iam_models, "get_account_id_from", extensions.sessions.account_of
    yield FakeServiceAccess, "TRUSTED_SERVICES", [*FakeServiceAccess.TRUSTED_SERVICES, IAM]
    supported = FakeDelegatedAdministrator.SUPPORTED_SERVICES
    yield FakeDelegatedAdministrator, "SUPPORTED_SERVICES", [*supported, IAM]
