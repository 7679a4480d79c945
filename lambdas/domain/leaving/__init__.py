"""An account that leaves or is closed."""
