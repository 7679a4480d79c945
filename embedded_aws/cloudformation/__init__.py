"""AWS CloudFormation on the embedded AWS."""
