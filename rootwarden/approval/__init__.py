"""Whether a second person approved."""
