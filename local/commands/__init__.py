"""The command line: demo, sweep, replay, serve, playground."""
