"""Alarm paths: proven, silent and lost, on a deployment of their own."""
