"""Amazon SQS on the embedded AWS."""
