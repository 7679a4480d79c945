"""The mark before a chat message's title, so that severity shows before a word is read."""

from lambdas.domain.activity.severity import Severity

MARKS = {
    Severity.CRITICAL: ":rotating_light:",
    Severity.HIGH: ":red_circle:",
    Severity.MEDIUM: ":large_orange_circle:",
    Severity.LOW: ":large_blue_circle:",
    Severity.INFO: ":white_check_mark:",
}
