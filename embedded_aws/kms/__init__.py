"""AWS KMS on the embedded AWS."""
