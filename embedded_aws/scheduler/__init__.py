"""EventBridge Scheduler on the embedded AWS."""
