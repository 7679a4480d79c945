"""Amazon SNS on the embedded AWS."""
