"""AWS Step Functions on the embedded AWS."""
