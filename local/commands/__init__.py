"""The command line: demo, replay, playground."""
