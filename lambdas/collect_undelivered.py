"""collect_undelivered: a batch of accounts → what they could not send, on the queues it is for.

A sweep leaves what it found in the bucket; a person who asks is answered with it.
"""

from rootwarden.aws.function import Caller, Event, entry_point_for, logger, made_once
from rootwarden.aws.member_queues import MemberCollector
from rootwarden.aws.sweep_records import read_accounts
from rootwarden.events import Fields
from rootwarden.requests import flag
from rootwarden.sweep.sweep import Sweep, each_once
from rootwarden.undelivered.findings import UndeliveredEvents

_function = made_once(MemberCollector.from_environment)


@entry_point_for(Caller.SWEEP, Caller.PERSON)
def handler(event: Event, caller: Caller) -> dict[str, object]:
    """Bring in what a batch of accounts could not send; return how much, to a person the findings too."""
    fields = Fields(event)
    sweep = Sweep.from_detail(fields.object("BatchInput"))
    accounts = each_once(read_accounts(fields.items("Items")))
    is_asked_for = caller is Caller.PERSON
    sends = not flag(fields, "dryRun")
    findings = _function().collect(sweep, accounts, sends=sends, keeps=not is_asked_for)
    _log(sweep, findings)
    answer = {"findings": findings.to_detail()} if is_asked_for else {}
    return {"found": findings.found, "sent": findings.sent, **answer}


def _log(sweep: Sweep, findings: UndeliveredEvents) -> None:
    for queue in findings.queues:
        logger.warning("events could not be sent", sweep_id=sweep.sweep_id, queue=queue.to_detail())
    logger.info(
        "queues of accounts looked into",
        sweep_id=sweep.sweep_id,
        looked=findings.looked,
        without_queue=findings.without_queue,
        not_looked_at=findings.not_looked_at,
        found=findings.found,
        sent=findings.sent,
    )
