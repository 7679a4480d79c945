"""What the values of the configuration look like, and how to say so to a person."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Any, NoReturn

from aws_cdk.region_info import RegionInfo
from pydantic import (
    AfterValidator,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    ValidationError,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
)
from pydantic_core import PydanticCustomError, core_schema

from rootwarden.contract import asked_values
from rootwarden.contract.regions import ALL_DEFAULT

REFUSED = "refused"
_PLACEHOLDER = " (this is a placeholder: fill it in)"
_ABSENT = object()
_MOST_TAGS = 50


def refuse(takes: str, *, key: str | None = None, found: object = _ABSENT) -> NoReturn:
    """Refuse a value.

    key: which key beside it is to blame; "" for the object it stands in. found: in place of the value.
    """
    known = {} if found is _ABSENT else {"found": found}
    raise PydanticCustomError(REFUSED, "takes {takes}", {"takes": takes, "key": key, **known})


def _anything(_value: Any, _others: Mapping[str, Any]) -> bool:
    return True


@dataclass(frozen=True)
class Takes:
    """In words what a value takes; and the test for it, where its type does not say it all.

    Words and test may depend on other keys, which are given to them unchecked.
    """

    words: str | Callable[[Mapping[str, Any]], str]
    accepts: Callable[[Any, Mapping[str, Any]], bool] = _anything
    schema: core_schema.CoreSchema | None = field(default=None, compare=False)

    def in_words(self, others: Mapping[str, Any]) -> str:
        """Return the words."""
        return self.words if isinstance(self.words, str) else self.words(others)

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        return core_schema.with_info_wrap_validator_function(self._check, self.schema or handler(source))

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {**handler(schema), "description": f"Takes {self.in_words({})}"}

    def _check(self, value: Any, inner: ValidatorFunctionWrapHandler, info: ValidationInfo) -> Any:
        others = info.context or {}
        takes = self.in_words(others)
        if isinstance(value, str) and value.startswith("<") and value.endswith(">"):
            refuse(takes + _PLACEHOLDER)
        try:
            checked = inner(value)
        except ValidationError as error:
            if any(each["loc"] or each["type"] == REFUSED for each in error.errors()):
                raise
            refuse(takes)
        if not self.accepts(value, others):
            refuse(takes)
        return checked


def _known(others: Mapping[str, Any], key: str, pattern: str) -> str | None:
    value = others.get(key)
    return value if isinstance(value, str) and re.fullmatch(pattern, value) else None


def _is_region(value: str, _others: Mapping[str, Any]) -> bool:
    # In the other partitions the global services live in another Region than us-east-1.
    return RegionInfo.get(value).partition == "aws"


def _is_region_or_default(value: str, others: Mapping[str, Any]) -> bool:
    return value == ALL_DEFAULT or _is_region(value, others)


def _is_unit(value: str, others: Mapping[str, Any]) -> bool:
    root = _root(others)
    return root is None or value.startswith(f"ou-{root}-")


def _unit_in_words(others: Mapping[str, Any]) -> str:
    root = _root(others)
    whose = " of this organization" if root else ""
    return f"an organizational unit id{whose}, such as ou-{root or 'ab12'}-11111111"


def _root(others: Mapping[str, Any]) -> str | None:
    # An OU's id carries the id of the organization's root in it.
    root = _known(others, "organization_root_id", "r-[0-9a-z]{4,32}")
    return root.removeprefix("r-") if root else None


def _hub_region(others: Mapping[str, Any]) -> str | None:
    region = _known(others, "hub_region", ".+")
    return region if region and _is_region(region, others) else None


def _key_in_words(others: Mapping[str, Any]) -> str:
    return f"the ARN of a KMS key, not of an alias, in {_hub_region(others) or 'hub_region'}"


def _is_in_hub_region(value: str, others: Mapping[str, Any]) -> bool:
    """Functions read secrets, queues and topics a key, of their own Region only."""
    region = _hub_region(others)
    return region is None or asked_values.is_in_region(value, region)


def _secret_in_words(others: Mapping[str, Any]) -> str:
    region = _hub_region(others) or "hub_region"
    return f"the ARN of a Secrets Manager secret in {region} that holds the webhook's URL"


def _is_approver(value: str, others: Mapping[str, Any]) -> bool:
    """Approvals are given in the hub account, by who is there."""
    account = _known(others, "hub_account_id", "[0-9]{12}")
    return account is None or value.split(":")[4] == account


def _approver_in_words(others: Mapping[str, Any]) -> str:
    account = _known(others, "hub_account_id", "[0-9]{12}") or "once that is one"
    return f"the ARN of a user, a role or a role's session in hub_account_id, {account}"


def _is_date(value: Any, _others: Mapping[str, Any]) -> bool:
    # Python 3.11's fromisoformat also takes 20270131 and 2027-W04-7, which AWS operators would not.
    return isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value) is not None


def _are_tags(found: Any, _others: Mapping[str, Any]) -> bool:
    return len(found) <= _MOST_TAGS and all(
        isinstance(key, str)
        and isinstance(value, str)
        and re.fullmatch(rf"(?!aws:){_TAG}{{1,128}}", key)
        and re.fullmatch(rf"{_TAG}{{0,256}}", value)
        for key, value in found.items()
    )


def _once(values: tuple[Any, ...]) -> tuple[Any, ...]:
    if len(set(values)) < len(values):
        refuse("each entry once")
    return values


def text(
    words: str | Callable[[Mapping[str, Any]], str],
    pattern: str,
    accepts: Callable[[Any, Mapping[str, Any]], bool] = _anything,
) -> Takes:
    """Return what a text of this pattern takes."""
    return Takes(words, accepts, core_schema.str_schema(strict=True, pattern=f"^(?:{pattern})$"))


def whole(least: int, most: int, of: str = "") -> Takes:
    """Return what a whole number between these takes."""
    words = f"a whole number{of} from {least} to {most}"
    return Takes(words, schema=core_schema.int_schema(strict=True, ge=least, le=most))


def listed(each: str, *, at_least: int = 0) -> Takes:
    """Return what a list takes."""
    words = f"a list{' of at least one entry' * at_least}, each {each}"
    return Takes(words, lambda value, _: len(value) >= at_least)


ONCE = AfterValidator(_once)
# From JSON: a list as a tuple, a text as a date or as one of a few words.
AS_JSON = Field(strict=False)
# In the schema alone: of a list with a mistake in an entry, pydantic would say that it is too short as well.
AT_LEAST_ONE = Field(json_schema_extra={"minItems": 1})
EMAIL = "an e-mail address"
POLICY = "the id of a policy, p- and 8 to 128 characters"
ROOT = "the id of the organization's root, r- and 4 to 32 characters"
_REGION = "a Region of the aws partition, such as us-east-1"
REGION_OR_DEFAULT = f'"{ALL_DEFAULT}" or {_REGION}'
_NAME = r"[A-Za-z0-9_+=,.@-]+"

Account = Annotated[str, text("a 12-digit AWS account id, as text", r"[0-9]{12}")]
Organization = Annotated[str, text("an organization id, o- and 10 to 32 characters", r"o-[a-z0-9]{10,32}")]
OrganizationRoot = Annotated[str, text(ROOT, r"r-[0-9a-z]{4,32}")]
Unit = Annotated[str, text(_unit_in_words, r"ou-[0-9a-z]{4,32}-[a-z0-9]{8,32}", _is_unit)]
Units = Annotated[
    tuple[Unit, ...], AS_JSON, ONCE, Takes(lambda others: f"a list, each {_unit_in_words(others)}")
]
Policy = Annotated[str, text(POLICY, r"p-[0-9a-zA-Z_]{8,128}")]
Region = Annotated[str, Takes(_REGION, _is_region)]
RegionOrDefault = Annotated[str, Takes(REGION_OR_DEFAULT, _is_region_or_default)]
Email = Annotated[str, text(EMAIL, asked_values.EMAIL)]
SlackWorkspace = Annotated[str, text("a Slack workspace id such as T012AB3C4D", asked_values.SLACK_WORKSPACE)]
SlackChannel = Annotated[str, text("a Slack channel id such as C012AB3C4D", asked_values.SLACK_CHANNEL)]
Uuid = Annotated[
    str,
    text("an id as 12345678-90ab-cdef-1234-567890abcdef", r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
]
TeamsChannel = Annotated[
    str,
    text(
        "the id of a channel as its link has it, such as 19%3Aab%40thread.tacv2", r"[A-Za-z0-9%._:@-]{1,256}"
    ),
]
Secret = Annotated[
    str,
    text(
        _secret_in_words,
        asked_values.SECRET,
        _is_in_hub_region,
    ),
]
Url = Annotated[str, text("an https:// address without a / at the end", r"https://[^\s<>\"]+[^\s<>\"/]")]
# It stands in descriptions of alarms, which hold 1,024 characters, and in an environment.
_ADDRESS = "an https:// address of at most 500 characters without a / at the end"
_SHORT_URL = r"https://[^\s<>\"]{1,491}[^\s<>\"/]"
ShortUrl = Annotated[str, text(_ADDRESS, _SHORT_URL)]
Place = Annotated[str, text(f'{_ADDRESS}, or "docs"', rf"{_SHORT_URL}|docs")]
TagKey = Annotated[str, text("the key of a tag, 1 to 128 characters", r"[\w .:/=+@-]{1,128}")]
PermissionSet = Annotated[str, text("the name of a permission set, 1 to 32 characters", r"[\w+=,.@-]{1,32}")]
Approver = Annotated[
    str,
    text(
        _approver_in_words,
        rf"arn:aws:(iam::[0-9]{{12}}:(user|role)/([!-~]+/)?{_NAME}"
        rf"|sts::[0-9]{{12}}:assumed-role/{_NAME}/{_NAME})",
        _is_approver,
    ),
]
CALL = "a call as sts:AssumeRoot or signin:ConsoleLogin"
Call = Annotated[str, text(CALL, r"[a-z0-9-]+:[A-Za-z0-9]+")]
Principal = Annotated[
    str,
    text(
        "the ARN of a role, of a user, or of an account's root",
        rf"arn:aws:iam::[0-9]{{12}}:(root|(user|role)/([!-~]+/)?{_NAME})",
    ),
]
Day = Annotated[date, AS_JSON, Takes("a date as YYYY-MM-DD", _is_date)]
Sentence = Annotated[str, text("a sentence", r"[\s\S]*\S[\s\S]*")]
_TAG = r"[\w .:/=+@-]"
_TAGS = "an object of at most 50 tags: a key and a text each, as AWS takes them, none beginning with aws:"
Tags = Annotated[dict[str, str], Takes(_TAGS, _are_tags, core_schema.dict_schema())]
PolicyName = Annotated[
    str,
    text(
        "the name of a managed policy that each account has, with its path, such as boundaries/rootwarden",
        rf"({_NAME}/)*{_NAME}",
    ),
]
KmsKey = Annotated[
    str,
    text(_key_in_words, r"arn:aws:kms:[a-z0-9-]+:[0-9]{12}:key/[0-9a-z-]{1,64}", _is_in_hub_region),
]
# The ARNs of six roles stand in one function's environment.
_MOST_OF_A_PATH = 128
RolePath = Annotated[
    str,
    text(
        f"a path of IAM, such as /rootwarden/, of at most {_MOST_OF_A_PATH} characters",
        r"/([!-.0-~]+/)*",
        lambda value, _: len(value) <= _MOST_OF_A_PATH,
    ),
]
NamePrefix = Annotated[
    str,
    text(
        "at most 6 characters, such as test-: a letter, then letters, digits and hyphens",
        r"([A-Za-z][A-Za-z0-9-]{0,5})?",
    ),
]
Flag = Annotated[bool, Takes("true or false")]
