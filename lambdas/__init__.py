"""What runs: handlers (one a function), decisions (domain), AWS (adapters)."""
