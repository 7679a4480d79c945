"""What happens to an event: rules, targets, queues, functions, messages, dead letters."""
