"""A trail was touched: how grave that is for a watch that sees by trails alone."""

import re

from rootwarden.activity.classification import was_refused_or_failed
from rootwarden.activity.root_activity import Assessment, Finding
from rootwarden.activity.watch_changes import is_by_cloudformation
from rootwarden.cloudtrail import CloudTrailRecord
from rootwarden.contract.activities import Severity
from rootwarden.events import AccountId, Fields, MalformedEvent

_OWNER = re.compile(r"\Aarn:[a-z-]+:cloudtrail:[a-z0-9-]+:([0-9]{12}):trail/", re.ASCII)
_ORGANIZATION_TRAIL = (
    "the trail is one of the management account: it may be the organization's, which all events come by"
)
_SCOPES = ("isMultiRegionTrail", "includeGlobalServiceEvents")
# Other trails than the management account's are of no organization, whatever a deployment sets.
_SCOPES_OF_MANAGEMENT = (*_SCOPES, "isOrganizationTrail")
_OPERATORS = frozenset({"equals", "notEquals", "startsWith", "notStartsWith", "endsWith", "notEndsWith"})
# What CloudTrail lets a trail leave out of management events, for their number.
_NUMEROUS = frozenset({"kms.amazonaws.com", "rdsdata.amazonaws.com"})


def trail_assessment(record: CloudTrailRecord, step: Finding, management_account_id: AccountId) -> Assessment:
    """Return how grave a step on a trail is: low for a deployment that leaves in what events come by."""
    # CloudTrail's delegated administrator names the organization's trail by its ARN.
    owners = {record.account_id, *_OWNER.findall(step.target or "")}
    is_managements = management_account_id in owners
    is_deployment = is_by_cloudformation(record) and not was_refused_or_failed(record)
    if is_deployment and _leaves_events_in(record, is_managements=is_managements):
        return Assessment(Severity.LOW, "a deployment changed what a trail records")
    found = step.assessment
    if not is_managements:
        return found
    return Assessment(found.severity.one_step_worse, found.reason, (_ORGANIZATION_TRAIL,))


def _leaves_events_in(record: CloudTrailRecord, *, is_managements: bool) -> bool:
    """Say whether a change leaves management events, all Regions and the organization in."""
    asked = record.detail.optional_object("requestParameters")
    if asked is None:
        return False
    if record.event_name == "UpdateTrail":
        scopes = _SCOPES_OF_MANAGEMENT if is_managements else _SCOPES
        return all(not asked.has(scope) or asked.is_true(scope) for scope in scopes)
    if record.event_name == "PutEventSelectors":
        selected = any(map(_selects_all, _objects(asked, "eventSelectors")))
        return selected or any(map(_selects_all_by_fields, _objects(asked, "advancedEventSelectors")))
    return False


def _selects_all(selector: Fields) -> bool:
    """Say whether a selector takes all management events, as it does where it says nothing of them."""
    named = "includeManagementEvents"
    are_in = not selector.has(named) or selector.is_true(named)
    excluded = selector.optional_texts("excludeManagementEventSources") or ()
    is_narrow = selector.optional_text("readWriteType") not in {None, "All"}
    return are_in and not is_narrow and _NUMEROUS.issuperset(excluded)


def _selects_all_by_fields(selector: Fields) -> bool:
    fields = _objects(selector, "fieldSelectors")
    return any(map(_is_management, fields)) and all(
        _is_management(field) or _excludes_numerous(field) for field in fields
    )


def _is_management(field: Fields) -> bool:
    return _only(field, "eventCategory", "equals") == ("Management",)


def _excludes_numerous(field: Fields) -> bool:
    excluded = _only(field, "eventSource", "notEquals")
    return bool(excluded) and _NUMEROUS.issuperset(excluded)


def _only(field: Fields, name: str, operator: str) -> tuple[str, ...]:
    """Return what a field selector of this name compares with, where it has no other operator."""
    others = _OPERATORS - {operator}
    is_alone = all(not field.has(other) or field.optional_texts(other) == () for other in others)
    is_it = field.optional_text("field") == name and is_alone
    return (field.optional_texts(operator) or ()) if is_it else ()


def _objects(fields: Fields, name: str) -> tuple[Fields, ...]:
    """Return the objects of a list; none where it cannot be read, which leaves nothing in."""
    try:
        return fields.objects(name)
    except MalformedEvent:
        return ()
