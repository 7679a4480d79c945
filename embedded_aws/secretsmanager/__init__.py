"""AWS Secrets Manager on the embedded AWS."""
