"""Recovery windows: time in which an account's root password may be recovered."""
