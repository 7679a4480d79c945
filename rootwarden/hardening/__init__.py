"""Hardening one account: its decisions, what is removed, how it ended."""
