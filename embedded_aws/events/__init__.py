"""Amazon EventBridge on the embedded AWS."""
