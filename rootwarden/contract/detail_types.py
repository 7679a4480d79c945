"""What rootwarden's own events are called on the bus: their source and their detail-types."""

SOURCE = "rootwarden"

ACCOUNT_HARDENING_RESULT = "Account Hardening Result"
ACCOUNT_LEFT_ORGANIZATION = "Account Left Organization"
RECOVERY_WINDOW_CHANGE = "Recovery Window Change"
RESOURCE_POLICY_UNLOCK = "Resource Policy Unlock"
ROOT_ACTIVITY_ALERT = "Root Activity Alert"
ROOT_ACTIVITY_SUMMARY = "Root Activity Summary"
ROOT_SESSIONS_NOT_RECORDED = "Root Sessions Not Recorded"
SWEEP_COMPLETED = "Sweep Completed"
TEST_ALERT = "Test Alert"

# Every outcome; the hub's rule for `notify` takes them all. The order stands in deployed templates.
OUTCOMES = (
    ACCOUNT_HARDENING_RESULT,
    ROOT_ACTIVITY_ALERT,
    ROOT_ACTIVITY_SUMMARY,
    ACCOUNT_LEFT_ORGANIZATION,
    SWEEP_COMPLETED,
    RESOURCE_POLICY_UNLOCK,
    RECOVERY_WINDOW_CHANGE,
    TEST_ALERT,
    ROOT_SESSIONS_NOT_RECORDED,
)

# No outcome, and never on the bus: what assess_root_activity puts on its own queue for a burst's end.
ROOT_ACTIVITY_BURST_ENDED = "Root Activity Burst Ended"
