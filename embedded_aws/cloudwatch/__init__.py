"""Amazon CloudWatch on the embedded AWS."""
