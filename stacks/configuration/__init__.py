"""The deployment's configuration: read from the context of cdk.json, and checked as a whole."""
