"""What people read: an outcome composed into a message, then written for each channel."""
