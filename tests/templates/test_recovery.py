"""Recovery windows: what ends them, and what is done when that does not work."""

import pytest

from rootwarden.contract.functions import Caller
from stacks.configuration.reading import ConfigurationError
from tests.templates.synthesized import HUB, Deployment, definition, get_arn, synthesized
from tests.templates.test_functions import CLOSE_RECOVERY, HARDEN, OPEN_RECOVERY

_GROUP = "rootwarden-recovery"


def _only(deployed: Deployment, kind: str, start: str) -> str:
    [found] = [i for i in deployed.hub.of_type(kind) if i.startswith(start)]
    return found


def test_only_schedules_of_the_own_group_may_use_their_role(deployed: Deployment) -> None:
    role = _only(deployed, "AWS::IAM::Role", "RecoverySchedulerRole")
    group = _only(deployed, "AWS::Scheduler::ScheduleGroup", "Recovery")

    [trust] = deployed.hub.body["Resources"][role]["Properties"]["AssumeRolePolicyDocument"]["Statement"]

    assert trust["Principal"] == {"Service": "scheduler.amazonaws.com"}
    assert trust["Condition"] == {
        "StringEquals": {"aws:SourceAccount": HUB},
        "ArnLike": {"aws:SourceArn": get_arn(group)},
    }


def test_the_opening_function_knows_what_a_schedule_works_with(deployed: Deployment) -> None:
    variables = deployed.hub.function(OPEN_RECOVERY)["Environment"]["Variables"]

    assert variables["SCHEDULE_GROUP_NAME"] == _GROUP
    assert variables["CLOSE_FUNCTION_ARN"] == deployed.hub.alias(CLOSE_RECOVERY, Caller.SCHEDULE)
    assert variables["RECOVERY_MAX_HOURS"] == "12"


def test_a_closing_that_keeps_failing_waits_where_people_are_told(deployed: Deployment) -> None:
    queue = _only(deployed, "AWS::SQS::Queue", "RecoveryNotClosed")
    function = deployed.hub.body["Resources"][deployed.hub.function_id(CLOSE_RECOVERY)]

    assert function["Properties"]["DeadLetterConfig"] == {"TargetArn": get_arn(queue)}
    [policy] = function["DependsOn"]
    assert deployed.hub.body["Resources"][policy]["Type"] == "AWS::IAM::Policy"


def test_a_closed_window_puts_the_account_on_the_queue_to_be_hardened(deployed: Deployment) -> None:
    [rule] = [
        rule
        for rule in deployed.hub.properties("AWS::Events::Rule")
        if rule["EventPattern"].get("detail-type") == ["Recovery Window Change"]
    ]

    assert rule["EventPattern"]["source"] == ["rootwarden"]
    assert rule["EventPattern"]["account"] == [HUB]
    assert rule["EventPattern"]["detail"] == {"change": ["closed"]}
    assert rule["Targets"][0]["Arn"] == get_arn(deployed.hub.queue_of(HARDEN))


def test_a_sweep_first_closes_what_is_overdue_and_goes_on_whatever_comes_of_it(deployed: Deployment) -> None:
    states = definition(deployed.hub)
    first = states["States"][states["StartAt"]]

    assert first["Parameters"]["Payload"] == {"overdue": True}
    assert first["ResultPath"] is None
    assert first["Catch"] == [{"ErrorEquals": ["States.ALL"], "ResultPath": None, "Next": first["Next"]}]
    assert states["States"][first["Next"]]["Type"] == "Choice"


@pytest.mark.parametrize(
    ("recovery", "said"),
    [
        (
            {"max_hours": 12, "max_hours_per_week": 8},
            "recovery.max_hours_per_week: found 8; takes a whole number of hours from recovery.max_hours, 12",
        ),
        ({"max_hours": 0}, "recovery.max_hours: found 0; takes a whole number of hours from 1 to 168"),
        ({"max_hours": "12"}, 'recovery.max_hours: found "12"; takes a whole number of hours'),
        ({"max_days": 1}, "recovery.max_days: found 1; takes"),
        (12, "recovery: found 12; takes an object"),
    ],
)
def test_a_length_nobody_could_mean_is_refused(recovery: object, said: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        synthesized(recovery=recovery)

    assert said in str(refused.value)


@pytest.mark.long
def test_the_longest_length_is_configured() -> None:
    hub = synthesized(recovery={"max_hours": 48}).hub

    variables = hub.function(OPEN_RECOVERY)["Environment"]["Variables"]
    assert variables["RECOVERY_MAX_HOURS"] == variables["RECOVERY_MAX_HOURS_PER_WEEK"] == "48"
