"""AWS CloudTrail on the embedded AWS."""
