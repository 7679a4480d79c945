"""The command line: demo, replay, serve."""
