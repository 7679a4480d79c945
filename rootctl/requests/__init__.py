"""Requests to do something: carried out by the hub, or by the same decisions on this machine."""
