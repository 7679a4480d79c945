"""Lists the recovery windows that are open."""

from rootctl.aws import AwsSession
from rootctl.hub import Function, Hub
from rootctl.options import Output, OutputOption, Profile, Region
from rootctl.recovery.windows import TellingWindow, as_csv, as_json, as_table
from rootctl.requests.asking import accepted, by_hub
from rootctl.terminal.showing import show


def list_windows(
    *, profile: Profile = None, region: Region = None, output: OutputOption = Output.TABLE
) -> None:
    """List the recovery windows that are open: where, until when, why, by whose word."""
    answer = by_hub(Hub.find(AwsSession.begin(profile, region)), Function.CLOSE_RECOVERY)
    windows = [TellingWindow.read(each) for each in accepted(answer({"list": True})).objects("windows")]
    show(output, windows, as_table=as_table, as_json=as_json, as_csv=as_csv)
