"""What happened before a proof begins: an organization at work, in which everything was called once.

So each copy finds made what a function makes at its first call, and need not make it again.
"""

from moto.sqs.models import sqs_backends

from embedded_aws import cloudwatch
from local.aws import LocalAws
from proofs.ledger import Ledger
from proofs.stage import LEFT_ALONE, Stage

_GONE = "101010101010"
_HOUR = 3600


def pass_by(aws: LocalAws) -> None:
    """Let an account come, have a window, and leave, and a sweep look; what then waits or was sent goes."""
    stage = Stage(aws, Ledger(aws, LEFT_ALONE))
    stage.join(_GONE)
    stage.announce(_GONE)
    stage.go_on()
    stage.sign_in(_GONE)
    stage.go_on()
    stage.open_window(_GONE, hours=1)
    stage.wait(_HOUR + 30)
    stage.depart(_GONE)
    stage.go_on()
    stage.sweep("observe")
    _clear(aws)


def _clear(aws: LocalAws) -> None:
    hub = aws.organization.hub
    backend = sqs_backends[hub.account][hub.region]
    for name in backend.queues:
        backend.purge_queue(name)
    cloudwatch.ring()
    aws.messages.clear()
    aws.delivery.received.clear()
