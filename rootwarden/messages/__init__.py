"""What people read: an outcome composed into an announcement, then written for each channel."""
