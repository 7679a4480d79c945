"""AWS calls, one line each."""

from collections.abc import Iterator, Sequence

from moto.awslambda.models import lambda_backends
from rich.text import Text

from embedded_aws.calls import Call
from embedded_aws.moto_patches import every


def call_lines(calls: Sequence[Call]) -> Iterator[Text]:
    """Yield the calls in order: when, in which account, what, with what result, by whom, on what."""
    functions = _function_names()
    rows = [
        (call, " ".join(filter(None, (call.action, call.error_code))), _principal(call, functions))
        for call in calls
    ]
    width = max((len(operation) for _, operation, _ in rows), default=0)
    width_by = max((len(by) for _, _, by in rows), default=0)
    for call, operation, by in rows:
        yield Text.assemble(
            (f"{call.time:%H:%M:%S}  ", "dim"),
            f"{call.account}  ",
            (f"{operation:{width}}  ", "red" if call.error_code else ""),
            (f"{by:{width_by}}  ", "cyan"),
            (_resource(call), "dim"),
        )


def _resource(call: Call) -> str:
    """Return a resource without what the row says already: its service, Region and account."""
    if not call.resource.startswith("arn:"):
        return call.resource
    account, resource = call.resource.split(":", 5)[4:]
    return resource if account in ("", call.account) else f"{account}:{resource}"


def _principal(call: Call, functions: dict[str, str]) -> str:
    principal = call.principal
    if principal.is_root:
        task = (principal.task_policy_arn or "").rpartition("/")[2]
        return f"root session {task}" if task else "root access key"
    return functions.get(principal.role_arn or "", principal.arn)


def _function_names() -> dict[str, str]:
    """Return the name each function goes by, by the ARN of its role."""
    return {
        function.role: function.environment_vars.get("POWERTOOLS_SERVICE_NAME", function.function_name)
        for backend in every(lambda_backends)
        for function in backend.list_functions()
    }
