"""Decisions on plain frozen values: standard library only, no AWS, no environment, no clock of its own."""
