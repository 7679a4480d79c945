"""Recovery windows: time in which root password recovery is deliberately allowed."""
