"""AWS Systems Manager on the embedded AWS."""
