"""AWS Account Management on the embedded AWS."""
