"""What runs: one file a function. Each parses its event, makes one call and maps the result."""
