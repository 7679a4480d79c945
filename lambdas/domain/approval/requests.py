"""A request as an automation's step hands it over, made the request that anybody would send."""

from collections.abc import Mapping

from lambdas.domain.approval.approvals import EXECUTION_ID

_FLAGS = {"true": True, "false": False}


def from_automation(event: object) -> object:
    """Return the request without parameters nobody gave, numbers and flags being such.

    Parameters of automations are texts. A request that comes from elsewhere is returned as it is.
    """
    if not isinstance(event, Mapping) or EXECUTION_ID not in event:
        return event
    return {name: _typed(name, value) for name, value in event.items() if value != ""}


def _typed(name: str, value: object) -> object:
    match name, value:
        case "hours", str() if value.isascii() and value.isdigit():
            return int(value)
        case "lockAgain", str():
            return _FLAGS.get(value, value)
        case _:
            return value
