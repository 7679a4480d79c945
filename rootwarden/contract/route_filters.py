"""What routes match by and may name: the words of outcomes, and where they stand in an outcome's event."""

SEVERITIES = ("critical", "high", "medium", "low", "info")
ACTIVITIES = (
    *("sign_in_succeeded", "sign_in_failed", "sign_in_denied", "sign_in_anomaly", "sign_in_step"),
    *("sign_in_token_requested", "cli_session", "role_switched", "console_action", "contact_changed"),
    *("payment_changed", "password_recovery_requested", "password_recovery_completed", "password_changed"),
    *("email_changed", "root_email_update_started", "root_email_update_accepted", "credential_created"),
    *("credential_removed", "mfa_removed", "user_credential_created", "user_credential_removed"),
    *("trail_changed", "api_call", "own_role_stolen", "root_session_opened", "root_session_refused"),
    *("protection_weakened", "protection_changed", "sign_in_guard_changed", "watch_taken_down"),
    *("watch_changed", "watch_change_refused", "left_organization", "account_leaving", "account_removed"),
    *("trail_touched", "account_closing", "account_closed"),
    *("account_hardening_result", "root_activity_summary", "account_left_organization"),
    *("recovery_window_change", "resource_policy_unlock", "sweep_completed", "test_alert"),
    "root_sessions_not_recorded",
)
# All of it is our own words, ids and numbers: texts of others would have to be escaped, which an input
# transformer cannot. `detail` is an object.
PLACEHOLDERS = {
    "id": "$.id",
    "time": "$.time",
    "severity": "$.detail.severity",
    "activity": "$.detail.activity",
    "account": "$.detail.account.id",
    "detail": "$.detail",
}
