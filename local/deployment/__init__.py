"""From the CDK app to resources: synthesis, cloud assembly, templates, stack sets."""
