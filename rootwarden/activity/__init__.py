"""Root activity: what happened, how bad it is, and who is told how often."""
