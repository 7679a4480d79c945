"""Amazon DynamoDB on the embedded AWS."""
