"""Measurements: figures the tests do not assert, because they depend on the machine."""
