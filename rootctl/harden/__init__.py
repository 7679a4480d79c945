"""Hardening accounts on demand: shown first, then done, then read back."""
