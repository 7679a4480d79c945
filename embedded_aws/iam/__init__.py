"""AWS IAM on the embedded AWS."""
