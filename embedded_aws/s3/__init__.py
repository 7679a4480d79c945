"""Amazon S3 on the embedded AWS."""
