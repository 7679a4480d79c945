"""AWS Lambda on the embedded AWS."""
