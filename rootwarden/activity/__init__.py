"""Root activity: what happened, how bad it is, and who is notified how often."""
