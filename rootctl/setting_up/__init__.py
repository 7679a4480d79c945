"""Writes rootwarden.yaml: what AWS knows of the organization, what a person answers, and the file's text."""
