"""AWS Organizations on the embedded AWS."""
