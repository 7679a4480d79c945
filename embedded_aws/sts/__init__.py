"""AWS STS on the embedded AWS."""
