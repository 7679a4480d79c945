"""Auditing accounts: which root credentials exist in each, and where nobody could look."""
