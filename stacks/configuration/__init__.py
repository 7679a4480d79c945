"""The deployment's configuration: read from rootwarden.yaml, and checked as a whole."""
