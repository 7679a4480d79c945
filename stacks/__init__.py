"""What is deployed: configuration, event patterns, stacks and their constructs."""
