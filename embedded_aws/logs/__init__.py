"""Amazon CloudWatch Logs on the embedded AWS."""
